package soak

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
)

// Links that are there and links that the agent makes.
var (
	toConfigure = []string{"net1", "net2"}
	toMake      = []string{"br0", "v0", "mv0", "vx0", "tap0"}
	configured  = []string{"net1", "net2", "br0", "v0", "mv0", "vx0", "tap0", "vp0"}
)

// generator makes random edits.
type generator struct {
	*rand.Rand
	serial int
}

// transaction is some edits. bad says what is wrong with them that the rules do
// not know of.
type transaction struct {
	edits []edit
	bad   string
}

func (g *generator) pick(from ...string) string { return from[g.IntN(len(from))] }

func (g *generator) chance(percent int) bool { return g.IntN(100) < percent }

// transaction makes one to four edits that do not overlap, now and then with one
// that is no good.
func (g *generator) transaction(d data) transaction {
	t := transaction{}
	next := d
	for n := 1 + g.IntN(4); n > 0; n-- {
		more := g.good(next)
		if t.add(more) {
			if after, err := next.apply(more, false); err == nil {
				next = after
			}
		}
	}
	if g.chance(25) {
		for range 10 {
			if more, why := g.bad(d); more != nil && t.add(more) {
				t.bad = why
				break
			}
		}
	}
	return t
}

// add takes edits that do not overlap with those there are.
func (t *transaction) add(more []edit) bool {
	for _, a := range more {
		for _, b := range t.edits {
			if at(a.path, b.path) || at(b.path, a.path) {
				return false
			}
		}
	}
	t.edits = append(t.edits, more...)
	return len(more) > 0
}

// existing picks an entry of a list; "" where there is none.
func (g *generator) existing(d data, list string) string {
	if all := d.entries(list); len(all) > 0 {
		return all[g.IntN(len(all))]
	}
	return ""
}

func (g *generator) write() op {
	return op(g.pick(string(opMerge), string(opMerge), string(opReplace)))
}

func (g *generator) erase() op { return op(g.pick(string(opDelete), string(opRemove))) }

// leaf sets or, now and then, deletes a leaf.
func (g *generator) leaf(d data, path string, values ...string) []edit {
	if _, there := d[path]; there && g.chance(30) {
		return []edit{{op: g.erase(), path: path}}
	}
	return []edit{{op: g.write(), path: path, leaves: data{path: g.pick(values...)}}}
}

// good makes edits that by themselves are well-formed. What they lead to may
// still be refused.
func (g *generator) good(d data) []edit {
	switch n := g.IntN(100); {
	case n < 14:
		return g.ocCreate(d)
	case n < 20:
		if e := g.existing(d, ocInterfaces); e != "" && (g.chance(40) || slices.Contains(toMake, key(e))) {
			return []edit{{op: g.erase(), path: e}}
		}
	case n < 36:
		return g.ocLeaf(d)
	case n < 52:
		return g.ocOnLink(d)
	case n < 66:
		return g.ocRoute(d)
	case n < 78:
		return g.ietf(d)
	case n < 90:
		return g.ietfRoute(d)
	case n < 94:
		f := ocDefault + "/outrigger-ext:forwarding/config/" + g.pick("ipv4", "ipv6")
		return append(g.instance(d), g.leaf(d, f, "true", "false")...)
	default:
		if e := g.existing(d, ocRoutes); e != "" && g.chance(50) {
			return []edit{{op: g.erase(), path: e}}
		}
		if e := g.existing(d, ietfRoutes(g.chance(50))); e != "" {
			return []edit{{op: g.erase(), path: e}}
		}
	}
	return nil
}

// ocCreate makes an interface, a link with it if it is not there of itself.
func (g *generator) ocCreate(d data) []edit {
	name := g.pick(configured...)
	e := ocInterface(name)
	if d.exists(e) {
		return nil
	}
	leaves := data{e + "/config/name": name, e + "/config/type": "iana-if-type:ethernetCsmacd"}
	x := e + "/outrigger-ext:link"
	switch name {
	case "br0":
		leaves[e+"/config/type"] = "iana-if-type:bridge"
		leaves[x+"/config/kind"] = "bridge"
		if g.chance(30) {
			leaves[x+"/bridge/config/stp"] = g.pick("true", "false")
		}
	case "v0":
		leaves[x+"/config/kind"] = "veth"
		leaves[x+"/veth/config/peer"] = "vp0"
	case "mv0":
		leaves[x+"/config/kind"] = "macvlan"
		leaves[x+"/macvlan/config/parent"] = g.pick("net2", "net2", "v0")
		if g.chance(50) {
			leaves[x+"/macvlan/config/mode"] = g.pick("private", "vepa", "bridge")
		}
	case "vx0":
		leaves[e+"/config/type"] = g.pick("iana-if-type:tunnel", "iana-if-type:ethernetCsmacd")
		leaves[x+"/config/kind"] = "vxlan"
		leaves[x+"/vxlan/config/vni"] = g.pick("5", "6")
		leaves[x+"/vxlan/config/remote-address"] = "10.1.0.200"
		if g.chance(40) {
			leaves[x+"/vxlan/config/ttl"] = g.pick("4", "9")
		}
		if g.chance(30) {
			leaves[x+"/vxlan/config/parent"] = g.pick("net1", "v0")
		}
	case "tap0":
		leaves[x+"/config/kind"] = "tap"
	}
	if g.chance(40) {
		leaves[e+"/config/description"] = g.description()
	}
	if g.chance(25) {
		leaves[e+"/config/enabled"] = g.pick("true", "false")
	}
	if g.chance(25) {
		leaves[e+"/config/mtu"] = g.mtu(name)
	}
	if g.chance(25) && (leaves[e+"/config/type"] == "iana-if-type:ethernetCsmacd" || g.chance(10)) {
		leaves[e+"/openconfig-if-ethernet:ethernet/config/mac-address"] = g.mac(name)
	}
	if g.chance(30) {
		g.ocAddress(leaves, name, g.chance(50))
	}
	return []edit{{op: op(g.pick(string(opMerge), string(opReplace), string(opCreate))), path: e, leaves: leaves}}
}

func (g *generator) description() string {
	g.serial++
	return fmt.Sprintf("%s %d", g.pick("to the core", "über <&> \"quotes\"", "x"), g.serial)
}

func (g *generator) mtu(name string) string {
	if name == "mv0" || name == "vx0" { // at most that of the link below
		return "1300"
	}
	return g.pick("1400", "1450", "1500", "2000")
}

func number(name string) int { return 1 + slices.Index(configured, name) }

func (g *generator) mac(name string) string {
	return fmt.Sprintf("02:00:00:00:%02x:%02x", number(name), 1+g.IntN(2))
}

// ip is an address on a link, or one that may be on any.
func (g *generator) ip(name string, six bool) string {
	switch {
	case six:
		return fmt.Sprintf("fd00:%x::%x", number(name), 1+g.IntN(3))
	case g.chance(10):
		return "10.99.0.1"
	}
	return fmt.Sprintf("10.%d.0.%d", number(name), 1+g.IntN(3))
}

func (g *generator) length(six bool) string {
	if six {
		return g.pick("64", "64", "72")
	}
	return g.pick("24", "24", "25")
}

func (g *generator) ocAddress(leaves data, name string, six bool) string {
	sub := ocInterface(name) + "/subinterfaces/subinterface[index=0]"
	ip := g.ip(name, six)
	a := ocFamily(name, six) + "/addresses/address[ip=" + ip + "]"
	leaves[sub+"/config/index"] = "0"
	leaves[a+"/config/ip"] = ip
	leaves[a+"/config/prefix-length"] = g.length(six)
	return a
}

// ocLeaf changes a leaf of an interface.
func (g *generator) ocLeaf(d data) []edit {
	e := g.existing(d, ocInterfaces)
	if e == "" {
		return nil
	}
	name := key(e)
	switch g.IntN(10) {
	case 0, 1:
		return g.leaf(d, e+"/config/description", g.description())
	case 2, 3:
		return g.leaf(d, e+"/config/mtu", g.mtu(name))
	case 4, 5:
		return g.leaf(d, e+"/config/enabled", "true", "true", "false")
	case 6:
		return g.leaf(d, e+"/openconfig-if-ethernet:ethernet/config/mac-address", g.mac(name))
	case 7, 8:
		if slices.Contains([]string{"net1", "net2", "v0", "vp0", "tap0", "vx0"}, name) {
			return g.leaf(d, e+"/outrigger-ext:link/config/master", "br0")
		}
	}
	switch {
	case name == "vx0" && g.chance(50):
		return g.leaf(d, e+"/outrigger-ext:link/vxlan/config/ttl", "4", "9")
	case name == "vx0":
		p := e + "/outrigger-ext:link/vxlan/config/vni"
		return []edit{{op: opMerge, path: p, leaves: data{p: g.pick("5", "6", "7")}}}
	case name == "mv0":
		return g.leaf(d, e+"/outrigger-ext:link/macvlan/config/mode", "private", "vepa", "bridge")
	case name == "br0":
		return g.leaf(d, e+"/outrigger-ext:link/bridge/config/stp", "true", "false")
	}
	return nil
}

// ocOnLink changes what is on an interface.
func (g *generator) ocOnLink(d data) []edit {
	e := g.existing(d, ocInterfaces)
	if e == "" {
		return nil
	}
	name, six := key(e), g.chance(40)
	f := ocFamily(name, six)
	sub := e + "/subinterfaces/subinterface[index=0]"
	index := data{sub + "/config/index": "0"}
	switch n := g.IntN(10); {
	case n < 5:
		a := g.ocAddress(index, name, six)
		if d.exists(a) && g.chance(70) {
			return []edit{{op: g.erase(), path: a}}
		}
		delete(index, sub+"/config/index")
		edits := []edit{{op: g.write(), path: a, leaves: index}}
		if !d.exists(sub) {
			edits = append(edits, edit{op: opMerge, path: sub + "/config", leaves: data{sub + "/config/index": "0"}})
		}
		return edits
	case !d.exists(sub):
		return nil
	case n < 7:
		ip := fmt.Sprintf("10.%d.0.%d", number(name), 200+g.IntN(3))
		if six {
			ip = fmt.Sprintf("fd00:%x::2%02x", number(name), g.IntN(3))
		}
		p := f + "/neighbors/neighbor[ip=" + ip + "]"
		if d.exists(p) && g.chance(60) {
			return []edit{{op: g.erase(), path: p}}
		}
		return []edit{{op: g.write(), path: p, leaves: data{
			p + "/config/ip": ip, p + "/config/link-layer-address": fmt.Sprintf("02:00:00:00:ee:%02x", g.IntN(3)),
		}}}
	case n < 8 && six:
		return g.leaf(d, f+"/config/enabled", "true", "false")
	case n < 9:
		return g.leaf(d, f+"/config/outrigger-ext:forwarding", "true", "false")
	default:
		return []edit{{op: g.erase(), path: sub}}
	}
}

// instance makes the network instance and its protocol, if need be.
func (g *generator) instance(d data) []edit {
	if d.exists(ocDefault) {
		return nil
	}
	return []edit{{op: opMerge, path: ocDefault + "/config", leaves: data{
		ocDefault + "/config/name": "DEFAULT", ocDefault + "/config/type": "openconfig-network-instance-types:DEFAULT_INSTANCE",
	}}}
}

func (g *generator) prefix(six bool) string {
	if six {
		return g.pick("::/0", "fd01:1::/64", "fd01:2::/64", "fd01::9/128", "fd01:3::/48")
	}
	return g.pick("0.0.0.0/0", "172.16.1.0/24", "172.16.2.0/24", "172.16.0.9/32", "172.17.0.0/16")
}

// gateway is one on a link, or on a link that nobody configures.
func (g *generator) gateway(name string, six bool) string {
	switch {
	case six && g.chance(15):
		return "fd00:f::150"
	case six:
		return fmt.Sprintf("fd00:%x::%x", number(name), 0x100+g.IntN(2))
	case g.chance(20):
		return g.pick("203.0.113.20", "203.0.113.150")
	}
	return fmt.Sprintf("10.%d.0.%d", number(name), 100+g.IntN(2))
}

// ocRoute makes or changes a static route: one gateway, several, a link, or a
// blackhole.
func (g *generator) ocRoute(d data) []edit {
	six := g.chance(40)
	prefix := g.prefix(six)
	e := ocRoutes + "[prefix=" + prefix + "]"
	leaves := data{e + "/config/prefix": prefix}
	hop := func(index string) string {
		h := e + "/next-hops/next-hop[index=" + index + "]"
		leaves[h+"/config/index"] = index
		return h
	}
	metric := g.pick("", "", "10", "20")
	set := func(h string) {
		if metric != "" {
			leaves[h+"/config/metric"] = metric
		}
	}
	switch n := g.IntN(10); {
	case n < 1 && !strings.HasSuffix(prefix, "/0"):
		h := hop("1")
		leaves[h+"/config/next-hop"] = "openconfig-local-routing:DROP"
		set(h)
	case n < 3 && !strings.HasSuffix(prefix, "/0"): // one over a link alone would have all gateways on it
		h := hop("dev")
		leaves[h+"/interface-ref/config/interface"] = g.pick(configured...)
		if g.chance(50) {
			leaves[h+"/config/next-hop"] = "openconfig-local-routing:LOCAL_LINK"
		}
		set(h)
	case n < 7:
		h := hop("1")
		name := g.pick(configured...)
		leaves[h+"/config/next-hop"] = g.gateway(name, six)
		if strings.HasPrefix(leaves[h+"/config/next-hop"], fmt.Sprintf("10.%d.", number(name))) && g.chance(30) {
			leaves[h+"/interface-ref/config/interface"] = name
		}
		set(h)
	default:
		a, b := g.pick(configured...), g.pick(configured...)
		for i, via := range []string{g.gateway(a, six), g.gateway(b, six)} {
			h := hop(fmt.Sprint(i))
			leaves[h+"/config/next-hop"] = via
			if i == 1 && g.chance(20) {
				metric = g.pick("", "30")
			}
			set(h)
		}
		if leaves[e+"/next-hops/next-hop[index=0]/config/next-hop"] == leaves[e+"/next-hops/next-hop[index=1]/config/next-hop"] {
			return nil
		}
	}
	edits := g.instance(d)
	if !d.exists(ocStatic) {
		edits = append(edits, edit{op: opMerge, path: ocStatic + "/config", leaves: data{
			ocStatic + "/config/identifier": "openconfig-policy-types:STATIC", ocStatic + "/config/name": "static",
		}})
	}
	return append(edits, edit{op: opReplace, path: e, leaves: leaves})
}

// ietf changes an interface through ietf-interfaces.
func (g *generator) ietf(d data) []edit {
	name := g.pick("net1", "net2", "v0", "br0")
	e := ietfInterface(name)
	if !d.exists(e) {
		leaves := data{e + "/type": "iana-if-type:ethernetCsmacd"}
		if name == "br0" {
			leaves[e+"/type"] = "iana-if-type:bridge"
		}
		oc := ocInterface(name) + "/config/"
		if d[oc+"enabled"] == "false" || g.chance(10) {
			leaves[e+"/enabled"] = "false"
		}
		if v := d[oc+"description"]; v != "" && g.chance(50) {
			leaves[e+"/description"] = v
		}
		return []edit{{op: op(g.pick(string(opMerge), string(opReplace), string(opCreate))), path: e, leaves: leaves}}
	}
	six := g.chance(40)
	f := ietfFamily(name, six)
	switch n := g.IntN(10); {
	case n < 1:
		return []edit{{op: g.erase(), path: e}}
	case n < 2 && g.chance(50):
		return g.leaf(d, e+"/description", g.description())
	case n < 2:
		oc := ocInterface(name) + "/config/description"
		if d[oc] == "" {
			return nil
		}
		return g.leaf(d, e+"/description", d[oc])
	case n < 3 && d.exists(ocInterface(name)): // both of one mind
		v := g.pick("true", "false")
		a, b := e+"/enabled", ocInterface(name)+"/config/enabled"
		return []edit{{op: opMerge, path: a, leaves: data{a: v}}, {op: opReplace, path: b, leaves: data{b: v}}}
	case n < 3:
		return g.leaf(d, e+"/enabled", "true", "false")
	case n < 7:
		ip := g.ip(name, six)
		a := f + "/address[ip=" + ip + "]"
		if d.exists(a) && g.chance(70) {
			return []edit{{op: g.erase(), path: a}}
		}
		length := g.length(six)
		if v := d[ocFamily(name, six)+"/addresses/address[ip="+ip+"]/config/prefix-length"]; v != "" && g.chance(70) {
			length = v
		}
		return []edit{{op: g.write(), path: a, leaves: data{a + "/ip": ip, a + "/prefix-length": length}}}
	case n < 8:
		ip := fmt.Sprintf("10.%d.0.%d", number(name), 200+g.IntN(3))
		if six {
			ip = fmt.Sprintf("fd00:%x::2%02x", number(name), g.IntN(3))
		}
		p := f + "/neighbor[ip=" + ip + "]"
		if d.exists(p) && g.chance(60) {
			return []edit{{op: g.erase(), path: p}}
		}
		return []edit{{op: g.write(), path: p, leaves: data{p + "/ip": ip, p + "/link-layer-address": fmt.Sprintf("02:00:00:00:ee:%02x", g.IntN(3))}}}
	case n < 9 && d.exists(f):
		return []edit{{op: g.erase(), path: f}}
	case d.exists(f) && !six && g.chance(50):
		return g.leaf(d, f+"/mtu", "1400", "1500")
	case d.exists(f) && six && g.chance(50):
		return g.leaf(d, f+"/mtu", "1280", "1300") // at most that of any link
	case d.exists(f):
		return g.leaf(d, f+"/forwarding", "true", "false")
	}
	return nil
}

// ietfRoute makes a static route through ietf-routing, now and then the very one
// that OpenConfig has, or one that contradicts it.
func (g *generator) ietfRoute(d data) []edit {
	six := g.chance(40)
	prefix := g.prefix(six)
	e := ietfRoutes(six) + "[destination-prefix=" + prefix + "]"
	n := e + "/next-hop"
	leaves := data{e + "/destination-prefix": prefix}
	switch k := g.IntN(10); {
	case k < 1 && !strings.HasSuffix(prefix, "/0"):
		leaves[n+"/special-next-hop"] = "blackhole"
	case k < 3 && !strings.HasSuffix(prefix, "/0"):
		leaves[n+"/outgoing-interface"] = g.pick("net1", "net2", "v0", "br0")
	case k < 7:
		leaves[n+"/next-hop-address"] = g.gateway(g.pick(configured...), six)
	default:
		a, b := g.gateway(g.pick(configured...), six), g.gateway(g.pick(configured...), six)
		if a == b {
			return nil
		}
		for i, via := range []string{a, b} {
			h := fmt.Sprintf("%s/next-hop-list/next-hop[index=%d]", n, i)
			leaves[h+"/index"] = fmt.Sprint(i)
			leaves[h+"/next-hop-address"] = via
		}
	}
	return []edit{{op: opReplace, path: e, leaves: leaves}}
}
