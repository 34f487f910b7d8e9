package vpptest_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"net"
	"net/netip"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.fd.io/govpp/api"
	"go.fd.io/govpp/binapi/ip"
	"go.fd.io/govpp/binapi/ip_types"

	"github.com/outrigger-cnf/outrigger/southbound/vpp/vpptest"
)

var update = flag.Bool("update", false, "write the golden files anew; the VPP that OUTRIGGER_VPP names tells what is true")

// TestProbes tells each story to a VPP of its own and compares what it answers
// with what a real one did.
func TestProbes(t *testing.T) {
	path := os.Getenv("OUTRIGGER_VPP")
	for _, s := range stories() {
		t.Run(s.name, func(t *testing.T) {
			file := "testdata/probes/" + strings.ReplaceAll(s.name, " ", "-") + ".txt"
			var d vpptest.Dataplane
			path := path
			if s.wantsVhost() && !vpptest.HasVhost() {
				path = ""
			}
			if path != "" {
				d = vpptest.Start(t, path)
			} else {
				d = vpptest.NewFake(t)
			}
			got := tell(t, vpptest.Dial(t, d.Socket()), s.requests)
			if *update && path != "" {
				if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("-real +this:\n%s", cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")))
			}
		})
	}
}

// tell sends requests one after the other and writes down what comes back.
func tell(t *testing.T, c *vpptest.Client, requests []api.Message) string {
	t.Helper()
	var b strings.Builder
	var events []string // VPP sends them when it has time
	for _, r := range requests {
		fmt.Fprintf(&b, "> %s\n", text(t, r))
		replies, err := c.Ask(r)
		if err != nil {
			t.Fatalf("%s: %v", text(t, r), err)
		}
		var lines []string
		for _, reply := range replies {
			if d, ok := reply.(*ip.IPRouteV2Details); ok {
				masked(&d.Route.Prefix) // of an address, it has the bits of the first one that there was
			}
			if reply.GetMessageType() == api.EventMessage {
				events = append(events, text(t, reply)+"\n")
				continue
			}
			lines = append(lines, text(t, reply)+"\n")
		}
		slices.Sort(lines) // of several, VPP's order is that of a hash
		b.WriteString(strings.Join(lines, ""))
	}
	return b.String() + strings.Join(events, "")
}

func masked(p *ip_types.Prefix) {
	ip := p.ToIPNet()
	*p = ip_types.NewPrefix(net.IPNet{IP: ip.IP.Mask(ip.Mask), Mask: ip.Mask})
}

// volatile is what differs from one run to the next.
var volatile = regexp.MustCompile(`"(stats_index|vpe_pid|client_index|age)":[0-9.e+-]+,?|"n_labels":0,|,?"label_stack":\[[^]]*\]`)

// random is a MAC address that VPP has made up; the ones given here have 00 third.
var random = regexp.MustCompile(`"02:fe:(?:0[1-9a-f]|[1-9a-f][0-9a-f]):[0-9a-f:]*"`)

// folder is where a VPP keeps its files.
var folder = regexp.MustCompile(regexp.QuoteMeta(os.TempDir()) + `/vpp[0-9]+`)

// union is an address of either family.
var union = regexp.MustCompile(`{"XXX_UnionData":\[([0-9,]*)\]}`)

func text(t *testing.T, m api.Message) string {
	t.Helper()
	data, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	s := volatile.ReplaceAllString(string(data), "")
	s = union.ReplaceAllStringFunc(s, func(u string) string {
		var b [16]byte
		for i, octet := range strings.Split(union.FindStringSubmatch(u)[1], ",") {
			n, err := strconv.Atoi(octet)
			if err != nil {
				t.Fatal(err)
			}
			b[i] = byte(n)
		}
		if [12]byte(b[4:]) == [12]byte{} {
			return strconv.Quote(netip.AddrFrom4([4]byte(b[:4])).String())
		}
		return strconv.Quote(netip.AddrFrom16(b).String())
	})
	s = random.ReplaceAllString(s, `"chance"`)
	s = folder.ReplaceAllString(s, "DIR")
	for long, short := range map[string]string{
		`"l2_address":"00:00:00:00:00:00",`: "", `"host_ip4_prefix":{"address":"0.0.0.0"},"host_ip6_prefix":{"address":"::"},`: "", `"host_ip4_gw":"0.0.0.0","host_ip6_gw":"::",`: "", `"b_dmac":"00:00:00:00:00:00",`: "", `"b_smac":"00:00:00:00:00:00",`: "",
		`,}`: `}`, `"nh":{"address":"0.0.0.0"}`: `"nh":{}`, `"sw_if_index":4294967295`: `"sw_if_index":-1`,
	} {
		s = strings.ReplaceAll(s, long, short)
	}
	if v := reflect.ValueOf(m).Elem().FieldByName("Retval"); v.IsValid() && v.Int() != 0 {
		s += " " + api.VPPApiError(v.Int()).Error()
	}
	return m.GetMessageName() + " " + s
}
