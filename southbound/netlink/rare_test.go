package netlink_test

import (
	"net/netip"
	"os/exec"
	"strings"
	"sync"
	"testing"

	"github.com/outrigger-cnf/outrigger/southbound/conformance"
	"github.com/outrigger-cnf/outrigger/southbound/object"
)

// rareSamples are of kinds that not every kernel has: containers' and cloud
// kernels leave some out, and load no modules. What a kernel lacks is no fault of
// this code and cannot be mended by whoever runs the test, so it is not demanded
// anywhere, as a program would be; the messages themselves are tested without a
// kernel.
func (w *world) rareSamples() []conformance.Sample {
	mac, _ := object.ParseMAC("02:00:5e:00:00:42")
	v4, v6 := netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("2001:db8:1::1")
	loopback := func(l object.Link, attrs ...object.Attr) object.Claim {
		l.Name, l.Kind = "lo1", object.Loopback
		return conformance.Created(l, attrs...)
	}
	vlan := func(l object.Link, attrs ...object.Attr) object.Claim {
		l.Name, l.Kind = "p.7", object.VLAN
		return conformance.Created(l, append([]object.Attr{object.Parent, object.VLANID}, attrs...)...)
	}
	tunnel := func(l object.Link, attrs ...object.Attr) object.Claim {
		l.Name = "tun0"
		return conformance.Created(l, append([]object.Attr{object.Local, object.Remote}, attrs...)...)
	}
	underlay := []object.Claim{conformance.Address("p", "192.0.2.1/24"), conformance.Address("p", "2001:db8:1::1/64")}
	foreign := func(name string) *object.Link { return &object.Link{Name: name, Kind: object.Tap} }
	var samples []conformance.Sample
	for _, s := range []struct {
		kind   string
		sample conformance.Sample
	}{
		{"dummy", conformance.Sample{Name: "loopback", Claim: loopback(object.Link{}), Changes: []object.Claim{
			loopback(object.Link{MTU: 1400, MAC: mac, Description: "router id"}, object.MTU, object.MACAttr, object.Description),
		}, Foreign: foreign("lo1")}},
		{"vlan", conformance.Sample{Name: "vlan", Claim: vlan(object.Link{Parent: "p", VLANID: 7}), Changes: []object.Claim{
			vlan(object.Link{Parent: "p", VLANID: 7, MTU: 1400, MAC: mac, Description: "tenants"}, object.MTU, object.MACAttr, object.Description),
			vlan(object.Link{Parent: "p", VLANID: 4094}),
			vlan(object.Link{Parent: "q", VLANID: 4094}),
		}, Foreign: foreign("p.7")}},
		{"vlan", conformance.Sample{Name: "vlan of a link that is down",
			Needs: []object.Claim{conformance.Up("p", false)}, Claim: vlan(object.Link{Parent: "p", VLANID: 7})}},
		{"gre", conformance.Sample{Name: "gre", Needs: underlay, Claim: tunnel(object.Link{Kind: object.GRE, Local: v4, Remote: v4.Next()}), Changes: []object.Claim{
			tunnel(object.Link{Kind: object.GRE, Local: v4, Remote: v4.Next(), TTL: 9, Key: 7, MTU: 1300}, object.TTL, object.Key, object.MTU),
			tunnel(object.Link{Kind: object.GRE, Local: v4.Next(), Remote: v4, TTL: 7, Key: 1 << 31}, object.TTL, object.Key),
		}, Foreign: foreign("tun0")}},
		{"ip6gre", conformance.Sample{Name: "gre over IPv6", Needs: underlay, Claim: tunnel(object.Link{Kind: object.GRE, Local: v6, Remote: v6.Next()}), Changes: []object.Claim{
			tunnel(object.Link{Kind: object.GRE, Local: v6, Remote: v6.Next(), TTL: 9, Key: 7, MTU: 1300}, object.TTL, object.Key, object.MTU),
			tunnel(object.Link{Kind: object.GRE, Local: v6.Next(), Remote: v6, Key: 9}, object.Key),
		}, Foreign: foreign("tun0")}},
		{"ipip", conformance.Sample{Name: "ipip", Needs: underlay, Claim: tunnel(object.Link{Kind: object.IPIP, Local: v4, Remote: v4.Next()}), Changes: []object.Claim{
			tunnel(object.Link{Kind: object.IPIP, Local: v4, Remote: v4.Next(), TTL: 9, MTU: 1300, Description: "to the other site"}, object.TTL, object.MTU, object.Description),
			tunnel(object.Link{Kind: object.IPIP, Local: v4.Next(), Remote: v4}),
		}, Foreign: foreign("tun0")}},
		{"ip6tnl", conformance.Sample{Name: "ipip over IPv6", Needs: underlay, Claim: tunnel(object.Link{Kind: object.IPIP, Local: v6, Remote: v6.Next()}), Changes: []object.Claim{
			tunnel(object.Link{Kind: object.IPIP, Local: v6, Remote: v6.Next(), TTL: 9, MTU: 1300}, object.TTL, object.MTU),
			tunnel(object.Link{Kind: object.IPIP, Local: v6.Next(), Remote: v6}),
		}, Foreign: foreign("tun0")}},
	} {
		if kernelMakes.kinds[s.kind] {
			samples = append(samples, s.sample)
		}
	}
	return samples
}

// kernelMakes are the kernel's kinds of links that can be made here: found out once,
// in the first world.
var kernelMakes = struct {
	sync.Once
	kinds map[string]bool
}{kinds: make(map[string]bool)}

func (w *world) probe(t testing.TB) {
	for kind, link := range map[string]string{
		"dummy":  "name probe type dummy",
		"vlan":   "link p name probe type vlan id 999",
		"gre":    "name probe type gre local 192.0.2.9 remote 192.0.2.8",
		"ip6gre": "name probe type ip6gre local 2001:db8::9 remote 2001:db8::8",
		"ipip":   "name probe type ipip local 192.0.2.9 remote 192.0.2.8",
		"ip6tnl": "name probe type ip6tnl local 2001:db8::9 remote 2001:db8::8",
	} {
		w.inside(t, func() error {
			made := exec.Command("ip", strings.Fields("link add "+link)...).Run() == nil
			if kernelMakes.kinds[kind] = made; !made {
				return nil
			}
			return exec.Command("ip", "link", "del", "probe").Run()
		})
	}
	t.Logf("of the kinds that some kernels lack, this one makes: %v", kernelMakes.kinds)
}
