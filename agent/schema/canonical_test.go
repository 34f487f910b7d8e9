package schema_test

import (
	"testing"

	"github.com/outrigger-cnf/outrigger/agent/schema"
	"github.com/outrigger-cnf/outrigger/gen"
	"github.com/outrigger-cnf/outrigger/yang"
	"github.com/outrigger-cnf/outrigger/yang/compile"
)

// probeSchema has a leaf of each type of the product's own library modules that
// has a canonical form.
func probeSchema(t testing.TB) *schema.Schema {
	t.Helper()
	const probe = `module probe {
		yang-version 1.1; namespace urn:probe; prefix p;
		import ietf-inet-types { prefix inet; }
		import ietf-yang-types { prefix yang; }
		import openconfig-inet-types { prefix oc-inet; }
		import openconfig-yang-types { prefix oc-yang; }
		leaf inet-ip { type inet:ip-address; }
		leaf inet-ipv6 { type inet:ipv6-address; }
		leaf inet-ipv6-no-zone { type inet:ipv6-address-no-zone; }
		leaf inet-prefix { type inet:ip-prefix; }
		leaf inet-host { type inet:host; }
		leaf yang-mac { type yang:mac-address; }
		leaf yang-phys { type yang:phys-address; }
		leaf yang-hex { type yang:hex-string; }
		leaf yang-uuid { type yang:uuid; }
		leaf yang-time { type yang:date-and-time; }
		leaf oc-ip { type oc-inet:ip-address; }
		leaf oc-ipv6 { type oc-inet:ipv6-address; }
		leaf oc-zoned { type oc-inet:ip-address-zoned; }
		leaf oc-prefix { type oc-inet:ip-prefix; }
		leaf oc-mac { type oc-yang:mac-address; }
		leaf oc-phys { type oc-yang:phys-address; }
		leaf plain { type string; }
	}`
	s, err := compile.Compile(
		compile.Join(compile.FS(yang.FS), compile.Texts{probe}),
		compile.Options{Implement: []string{"probe"}},
	)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestCanonicalForms(t *testing.T) {
	s := probeSchema(t)
	for _, tt := range []struct{ leaf, text, want string }{
		{"inet-ip", "192.0.2.1", "192.0.2.1"},
		{"inet-ip", "2001:0DB8:0::1", "2001:db8::1"},
		{"inet-ipv6", "2001:0DB8:0000:0000:0000:0000:0000:0001", "2001:db8::1"},
		{"inet-ipv6", "2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"}, // RFC 5952 §4.2.2
		{"inet-ipv6", "2001:0:0:1:0:0:0:1", "2001:0:0:1::1"},          // §4.2.3: the longest run
		{"inet-ipv6", "2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"},    // §4.2.3: the first of equal runs
		{"inet-ipv6", "FE80::1%eth0", "fe80::1%eth0"},
		{"inet-ipv6", "::FFFF:192.0.2.1", "::ffff:192.0.2.1"},
		{"inet-ipv6", "0::ffff:c000:201", "::ffff:192.0.2.1"}, // §5
		{"inet-ipv6-no-zone", "0:0::0", "::"},
		{"inet-prefix", "192.0.2.77/24", "192.0.2.0/24"},
		{"inet-prefix", "0.0.0.0/0", "0.0.0.0/0"},
		{"inet-prefix", "2001:DB8::77/32", "2001:db8::/32"},
		{"inet-host", "Router.Example", "router.example"},
		{"inet-host", "2001:DB8::1", "2001:db8::1"},
		{"yang-mac", "02:AB:cd:EF:00:01", "02:ab:cd:ef:00:01"},
		{"yang-phys", "AA:BB", "aa:bb"},
		{"yang-phys", "", ""},
		{"yang-hex", "DE:AD", "de:ad"},
		{"yang-uuid", "F81D4FAE-7DEC-11D0-A765-00A0C91E6BF6", "f81d4fae-7dec-11d0-a765-00a0c91e6bf6"},
		{"yang-time", "2026-01-02T03:04:05Z", "2026-01-02T03:04:05Z"},
		{"oc-ip", "2001:DB8::1", "2001:db8::1"},
		{"oc-ipv6", "2001:0db8:0:0::1", "2001:db8::1"},
		{"oc-ipv6", "::FFFF:C000:0201", "::ffff:c000:201"}, // its pattern has no dots
		{"oc-zoned", "FE80::1%eth0", "fe80::1%eth0"},
		{"oc-prefix", "2001:DB8::77/32", "2001:db8::77/32"},
		{"oc-prefix", "::FFFF:C000:0201/128", "::ffff:c000:201/128"},
		{"oc-prefix", "192.0.2.77/24", "192.0.2.77/24"},
		{"oc-mac", "02:AB:cd:EF:00:01", "02:ab:cd:ef:00:01"},
		{"oc-phys", "AA:BB", "aa:bb"},
		{"plain", "2001:DB8::1", "2001:DB8::1"},
	} {
		t.Run(tt.leaf+" "+tt.text, func(t *testing.T) {
			leaf := s.Root.Child("probe", tt.leaf)
			v, err := leaf.Parse(tt.text, s.ModuleNames())
			if err != nil {
				t.Fatal(err)
			}
			if v.Text != tt.want {
				t.Fatalf("%q, want %q", v.Text, tt.want)
			}
			again, err := leaf.Parse(v.Text, s.ModuleNames())
			if err != nil || again != v {
				t.Errorf("the canonical form reads as %q, %v", again.Text, err)
			}
		})
	}
}

// An entry is the same one however its key is written.
func TestResolveMakesKeysCanonical(t *testing.T) {
	s := gen.Schema()
	for text, want := range map[string]string{
		"/openconfig-interfaces:interfaces/interface[name='e']/subinterfaces/subinterface[index='0']/openconfig-if-ip:ipv6/addresses/address[ip='2001:DB8:0:0::1']":                             "2001:db8::1",
		"/ietf-interfaces:interfaces/interface[name='e']/ietf-ip:ipv6/neighbor[ip='2001:0db8::1']":                                                                                              "2001:db8::1",
		"/ietf-routing:routing/control-plane-protocols/control-plane-protocol[type='static'][name='s']/static-routes/ietf-ipv6-unicast-routing:ipv6/route[destination-prefix='2001:DB8::1/32']": "2001:db8::/32",
	} {
		p, _, err := s.Resolve(text)
		if err != nil {
			t.Fatal(err)
		}
		if got := p.Last().Keys[0].Value; got != want {
			t.Errorf("%s: key %q, want %q", text, got, want)
		}
	}
}

// A value that is taken has a canonical form that is taken too, and is its own.
func FuzzCanonical(f *testing.F) {
	for _, text := range []string{"2001:DB8::1", "::ffff:192.0.2.1%1", "192.0.2.77/24", "0::/0", "AA:bb", "2026-01-02T03:04:05Z"} {
		f.Add(text)
	}
	s := probeSchema(f)
	f.Fuzz(func(t *testing.T, text string) {
		for _, leaf := range s.Root.Data {
			v, err := leaf.Parse(text, s.ModuleNames())
			if err != nil {
				continue
			}
			if again, err := leaf.Parse(v.Text, s.ModuleNames()); err != nil || again != v {
				t.Errorf("%s: %q has the form %q, which reads as %q, %v", leaf.Name, text, v.Text, again.Text, err)
			}
		}
	})
}
