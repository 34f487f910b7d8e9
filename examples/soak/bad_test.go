package soak

import (
	"fmt"
	"strings"
)

// badLeaves are values that no leaf of the name takes, or that no link does: the
// kernel is who refuses the last ones.
var badLeaves = []struct{ below, value, why string }{
	{"/config/mtu", "x", "no number"},
	{"/config/mtu", "70000", "out of range"},
	{"/config/mtu", "-1", "out of range"},
	{"/config/enabled", "maybe", "no boolean"},
	{"/config/type", "iana-if-type:noSuchType", "no identity"},
	{"/config/type", "nowhere:ethernetCsmacd", "no module"},
	{"/config/name", "other", "the key is another"},
	{"/config/nonsense", "1", "no such leaf"},
	{"/config/loopback-mode", "TERMINAL", "not supported"},
	{"/nonsense/config/x", "1", "no such container"},
	{"/state/ifindex", "7", "state"},
	{"/openconfig-if-ethernet:ethernet/config/mac-address", "zz:00:00:00:00:01", "no MAC"},
	{"/openconfig-if-ethernet:ethernet/config/mac-address", "02:00:00:00:01", "no MAC"},
	{"/outrigger-ext:link/config/kind", "dummy", "no such kind"},
	{"/openconfig-if-ethernet:ethernet/config/mac-address", "01:00:5e:00:00:01", "kernel: a group address"},
	{"/config/mtu", "67", "kernel: too small"},
}

// bad makes an edit that must be refused, and says why. It returns none where d
// has no place for it.
func (g *generator) bad(d data) ([]edit, string) {
	e := g.existing(d, ocInterfaces)
	if e == "" {
		return nil, ""
	}
	name := key(e)
	one := func(p string, leaves data) []edit { return []edit{{op: opMerge, path: p, leaves: leaves}} }
	leaf := func(p, v string) []edit { return one(p, data{p: v}) }
	switch g.IntN(13) {
	case 0, 1, 2, 3:
		b := badLeaves[g.IntN(len(badLeaves))]
		if strings.HasPrefix(b.why, "kernel") && (name != "net1" && name != "net2") {
			return nil, "" // others may not be there
		}
		return leaf(e+b.below, b.value), b.why
	case 4:
		a := ocFamily(name, false) + "/addresses/address[ip=10.0.0.300]"
		return one(a, data{a + "/config/ip": "10.0.0.300", a + "/config/prefix-length": "24"}), "no address"
	case 5:
		ip := fmt.Sprintf("10.%d.0.9", number(name))
		a := ocFamily(name, false) + "/addresses/address[ip=" + ip + "]"
		return one(a, data{a + "/config/ip": ip, a + "/config/prefix-length": "33"}), "no prefix length"
	case 6:
		ip := fmt.Sprintf("10.%d.0.9", number(name))
		a := ocFamily(name, false) + "/neighbors/neighbor[ip=" + ip + "]"
		return one(a, data{a + "/config/ip": ip}), "mandatory leaf is missing"
	case 7:
		return leaf("/no-such-module:top/leaf", "1"), "no such module"
	case 8:
		f := ocInterface("fbr")
		return one(f, data{
			f + "/config/name": "fbr", f + "/config/type": "iana-if-type:ethernetCsmacd", f + "/outrigger-ext:link/config/kind": "tap",
		}), "conflict: a bridge that is somebody else's"
	case 9:
		r := ocRoutes + "[prefix=198.18.0.0/24]"
		h := r + "/next-hops/next-hop[index=1]"
		edits := one(r, data{
			r + "/config/prefix": "198.18.0.0/24", h + "/config/index": "1", h + "/config/next-hop": "203.0.113.150",
		})
		if !d.exists(ocStatic) {
			return nil, ""
		}
		return edits, "conflict: a route that is somebody else's"
	case 10:
		if name != "net1" {
			return nil, ""
		}
		sub := e + "/subinterfaces/subinterface[index=0]"
		a := ocFamily(name, false) + "/addresses/address[ip=203.0.113.5]"
		return one(sub, data{
			sub + "/config/index": "0", a + "/config/ip": "203.0.113.5", a + "/config/prefix-length": "25",
		}), "conflict: an address that is somebody else's"
	case 11:
		n := ocInterface("a-name-of-sixteen")
		return one(n, data{n + "/config/name": "a-name-of-sixteen", n + "/config/type": "iana-if-type:ethernetCsmacd"}), "no name for a link"
	default:
		if !d.exists(ocStatic) {
			return nil, ""
		}
		r := ocRoutes + "[prefix=fd01:f::/64]"
		h := r + "/next-hops/next-hop[index=1]"
		return one(r, data{
			r + "/config/prefix": "fd01:f::/64", h + "/config/index": "1", h + "/config/next-hop": "fd00:f::1",
		}), "kernel: the gateway is an address of ours"
	}
}
