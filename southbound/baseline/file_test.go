package baseline

import (
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/outrigger-cnf/outrigger/southbound"
	"github.com/outrigger-cnf/outrigger/southbound/object"
)

func some() southbound.Baselines {
	mac := object.MACAddr{2, 0, 0x5e, 0, 0, 1}
	return southbound.Baselines{Incarnation: "boot/7", List: []southbound.Baseline{
		{Object: &object.Link{Name: "eth0", Up: true, MTU: 1500, MAC: mac, Description: "a \"wire\"", Master: "br9"}, Index: 2,
			Attrs: []object.Attr{object.Up, object.MTU, object.MACAttr, object.Description, object.Master}},
		{Object: &object.Setting{Name: object.Forwarding, Family: object.IPv4}, Attrs: []object.Attr{object.ValueAttr}},
		{Object: &object.Setting{Name: object.DADTransmits, Family: object.IPv6, Link: "eth0", Value: 3}, Index: 2,
			Attrs: []object.Attr{object.ValueAttr}},
		{Object: &object.Setting{Name: object.ProtocolMTU, Family: object.IPv6, Link: "eth0", Value: 1500}, Index: 2,
			Attrs: []object.Attr{object.ValueAttr}, Follows: true},
	}, Replaced: []southbound.Replaced{
		{Link: &object.Link{Name: "vx0", Kind: object.VXLAN, VNI: 7, TTL: 9}, Attrs: []object.Attr{object.LinkKindAttr, object.VNI, object.TTL},
			Settings: []object.ID{object.SettingID(object.Forwarding, object.IPv4, "vx0")}},
	}}
}

var addresses = cmp.Comparer(func(a, b netip.Addr) bool { return a == b })

func TestRoundTrip(t *testing.T) {
	dir := t.TempDir()
	f := In(dir)
	if b, err := f.Load(); err != nil || len(b.List) != 0 {
		t.Fatalf("of a directory without the file: %v, %v", b, err)
	}
	for _, want := range []southbound.Baselines{some(), {Incarnation: "boot/8"}} {
		if err := f.Save(want); err != nil {
			t.Fatal(err)
		}
		got, err := In(dir).Load()
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got, addresses); diff != "" {
			t.Errorf("-saved +loaded:\n%s", diff)
		}
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 1 {
		t.Errorf("%v, %v: only the file shall be left", entries, err)
	}
}

// What is not of a link or setting is not guessed at: the error names the file and
// what is wrong in it.
func TestDamaged(t *testing.T) {
	good, err := encode(some())
	if err != nil {
		t.Fatal(err)
	}
	one := func(record string) string { return `{"version":1,"dataplane":"x","baselines":[` + record + `]}` }
	for name, c := range map[string]struct{ text, want string }{
		"empty":            {"", "unexpected end"},
		"torn":             {string(good[:len(good)/2]), "unexpected end"},
		"trailing":         {string(good) + "{}", "after top-level value"},
		"newer":            {`{"version":2}`, "version is 2"},
		"unknown member":   {`{"version":1,"extra":0}`, "extra"},
		"nameless":         {one(`{"attributes":{"mtu":1}}`), "neither a link nor a setting"},
		"no attributes":    {one(`{"link":"a"}`), "no attributes"},
		"alien attribute":  {one(`{"link":"a","attributes":{"mtu":1,"next-hops":1}}`), "not those of a link"},
		"wrong type":       {one(`{"link":"a","attributes":{"mtu":"1"}}`), "mtu"},
		"null":             {one(`{"link":"a","attributes":{"mtu":null}}`), "null"},
		"too large":        {one(`{"link":"a","attributes":{"mtu":4294967296}}`), "mtu"},
		"bad MAC":          {one(`{"link":"a","attributes":{"mac":"02:00"}}`), "not a MAC address"},
		"family of a link": {one(`{"link":"a","family":"ipv4","attributes":{"mtu":1}}`), "no family"},
		"a link follows":   {one(`{"link":"a","follows":true,"attributes":{"mtu":1}}`), "follows"},
		"alien family":     {one(`{"setting":"forwarding","family":"ipx","attributes":{"value":1}}`), "ipx"},
		"nameless link":    {`{"version":1,"dataplane":"x","baselines":[],"replaced":[{"link":"","attributes":{"mtu":1}}]}`, "no name"},
		"bare link":        {`{"version":1,"dataplane":"x","baselines":[],"replaced":[{"link":"a"}]}`, "no attributes"},
		"link twice":       {`{"version":1,"dataplane":"x","baselines":[],"replaced":[{"link":"a","attributes":{"mtu":1}},{"link":"a","attributes":{"up":true}}]}`, "twice"},
		"twice":            {one(`{"link":"a","attributes":{"mtu":1}},{"link":"a","attributes":{"up":true}}`), "twice"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			file := filepath.Join(dir, Name)
			if err := os.WriteFile(file, []byte(c.text), 0o600); err != nil {
				t.Fatal(err)
			}
			_, err := In(dir).Load()
			if err == nil || !strings.Contains(err.Error(), file) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want an error that names %s and says %q", err, file, c.want)
			}
		})
	}
}

// What cannot be saved leaves what was saved before, and nothing half-made.
func TestSaveFails(t *testing.T) {
	dir := t.TempDir()
	f := In(dir)
	if err := f.Save(some()); err != nil {
		t.Fatal(err)
	}
	next := filepath.Join(dir, Name+".new")
	if err := os.Mkdir(next, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := f.Save(southbound.Baselines{}); err == nil {
		t.Fatal("it was saved over a directory")
	}
	if err := f.Save(southbound.Baselines{List: []southbound.Baseline{{Object: &object.Address{}}}}); err == nil {
		t.Error("an address was given a baseline")
	}
	got, err := f.Load()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(some(), got, addresses); diff != "" {
		t.Errorf("-saved +loaded:\n%s", diff)
	}
	if err := In(filepath.Join(dir, "missing")).Save(some()); err == nil {
		t.Error("saved in a directory that is not there")
	}
}

func FuzzDecode(f *testing.F) {
	good, err := encode(some())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Fuzz(func(t *testing.T, text []byte) {
		b, err := decode(text)
		if err != nil {
			return
		}
		again, err := encode(b)
		if err != nil {
			t.Fatalf("read, and cannot be written: %v", err)
		}
		c, err := decode(again)
		if err != nil {
			t.Fatalf("written, and cannot be read: %v\n%s", err, again)
		}
		if diff := cmp.Diff(b, c, addresses); diff != "" {
			t.Errorf("-first +second:\n%s", diff)
		}
	})
}
