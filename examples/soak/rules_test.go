package soak

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

// want is what the kernel must hold for a configuration. What a field leaves
// empty, the configuration says nothing of.
type want struct {
	links     map[string]*wantLink
	addresses map[string]string
	neighbors map[string]string
	routes    map[string]string
	settings  map[string]string
	// waiting are routes whose gateway nothing leads to. The kernel refuses to
	// take them, but keeps those it has.
	waiting map[string]bool
}

type wantLink struct {
	made           bool // the agent makes it
	mtu            *uint32
	up             *bool
	mac, alias     *string
	master, detail *string
}

// claims collects who says what of the attributes of objects.
type claims struct {
	values map[string]string
	errs   []error
}

func (c *claims) add(attribute, value string) {
	if old, ok := c.values[attribute]; ok && old != value {
		c.errs = append(c.errs, fmt.Errorf("contradiction: %s is %s and %s", attribute, old, value))
		return
	}
	c.values[attribute] = value
}

func (c *claims) fail(format string, args ...any) {
	c.errs = append(c.errs, fmt.Errorf(format, args...))
}

const (
	ocInterfaces   = "/openconfig-interfaces:interfaces/interface"
	ietfInterfaces = "/ietf-interfaces:interfaces/interface"
	ocInstances    = "/openconfig-network-instance:network-instances/network-instance"
	ocDefault      = ocInstances + "[name=DEFAULT]"
	ocStatic       = ocDefault + "/protocols/protocol[identifier=openconfig-policy-types:STATIC][name=static]"
	ocRoutes       = ocStatic + "/static-routes/static"
	ietfProtocols  = "/ietf-routing:routing/control-plane-protocols/control-plane-protocol"
	ietfStatic     = ietfProtocols + "[type=ietf-routing:static][name=static]"
	mark           = "outrigger:"
)

func ocInterface(name string) string   { return ocInterfaces + "[name=" + name + "]" }
func ietfInterface(name string) string { return ietfInterfaces + "[name=" + name + "]" }

func ocFamily(name string, six bool) string {
	return ocInterface(name) + "/subinterfaces/subinterface[index=0]/openconfig-if-ip:" + family(six)
}

func ietfFamily(name string, six bool) string { return ietfInterface(name) + "/ietf-ip:" + family(six) }

func family(six bool) string {
	if six {
		return "ipv6"
	}
	return "ipv4"
}

func ietfRoutes(six bool) string {
	if six {
		return ietfStatic + "/static-routes/ietf-ipv6-unicast-routing:ipv6/route"
	}
	return ietfStatic + "/static-routes/ietf-ipv4-unicast-routing:ipv4/route"
}

// realize says what a configuration makes of the kernel, or why it is refused.
// Of what a leaf alone can have wrong it knows nothing.
func realize(d data) (*want, error) {
	c := &claims{values: map[string]string{}}
	for _, e := range d.entries(ocInterfaces) {
		c.ocInterface(d, e)
	}
	for _, e := range d.entries(ietfInterfaces) {
		c.ietfInterface(d, e)
	}
	for _, e := range d.entries(ocInstances) {
		c.ocInstance(d, e)
	}
	if d.exists(ietfStatic) {
		for _, six := range []bool{false, true} {
			for _, e := range d.entries(ietfRoutes(six)) {
				c.ietfRoute(d, e)
			}
		}
	}
	if len(c.errs) > 0 {
		return nil, errors.Join(c.errs...)
	}
	return c.want()
}

// reference checks that a list's key is its leaf of the same name in config.
func (c *claims) reference(d data, entry string) {
	all := steps(entry)
	for _, k := range all[len(all)-1].keys {
		if d[entry+"/config/"+k[0]] != k[1] {
			c.fail("leafref: %s/config/%s is %q", entry, k[0], d[entry+"/config/"+k[0]])
		}
	}
}

func orTrue(v string) string { return cmpOr(v, "true") }

func (c *claims) ocInterface(d data, e string) {
	name := key(e)
	c.reference(d, e)
	if d[e+"/config/type"] == "" {
		c.fail("mandatory: %s/config/type", e)
	}
	if mac := e + "/openconfig-if-ethernet:ethernet"; d.exists(mac) && d[e+"/config/type"] != "iana-if-type:ethernetCsmacd" {
		c.fail("when: %s", mac)
	}
	link := "link " + name + " "
	c.add(link+"up", orTrue(d[e+"/config/enabled"]))
	c.leaf(d, e+"/config/description", link+"description")
	c.leaf(d, e+"/config/mtu", link+"mtu")
	c.leaf(d, e+"/openconfig-if-ethernet:ethernet/config/mac-address", link+"mac")
	x := e + "/outrigger-ext:link"
	c.leaf(d, x+"/config/master", link+"master")
	kind := d[x+"/config/kind"]
	for _, k := range []string{"veth", "bridge", "vxlan", "macvlan", "tap"} {
		if k != kind && d.exists(x+"/"+k+"/config") {
			c.fail("when: %s/%s/config", x, k)
		}
	}
	if kind != "" {
		c.add(link+"kind", kind)
	}
	switch kind {
	case "veth":
		peer := d[x+"/veth/config/peer"]
		if peer == "" || peer == name {
			c.fail("must: peer of %s", name)
		}
		c.add(link+"peer", peer)
		c.add("link "+peer+" kind", kind)
		c.add("link "+peer+" peer", name)
	case "bridge":
		c.leaf(d, x+"/bridge/config/stp", link+"stp")
	case "vxlan":
		if d[x+"/vxlan/config/vni"] == "" {
			c.fail("must: vni of %s", name)
		}
		for _, leaf := range []string{"vni", "local-address", "remote-address", "port", "ttl", "parent"} {
			c.leaf(d, x+"/vxlan/config/"+leaf, link+leaf)
		}
	case "macvlan":
		parent := d[x+"/macvlan/config/parent"]
		if parent == "" || parent == name {
			c.fail("must: parent of %s", name)
		}
		c.add(link+"parent", parent)
		c.add(link+"mode", cmpOr(d[x+"/macvlan/config/mode"], "bridge"))
	}
	for _, sub := range d.entries(e + "/subinterfaces/subinterface") {
		c.reference(d, sub)
		if key(sub) != "0" {
			c.fail("must: subinterface %s", sub)
		}
	}
	for _, six := range []bool{false, true} {
		f := ocFamily(name, six)
		if !d.exists(f) {
			continue
		}
		if six {
			c.add("setting "+name+" ipv6 enabled", orTrue(d[f+"/config/enabled"]))
		} else if d[f+"/config/enabled"] == "false" {
			c.fail("must: IPv4 of %s cannot be switched off", name)
		}
		on := !six || d[f+"/config/enabled"] != "false"
		if on {
			c.leaf(d, f+"/config/outrigger-ext:forwarding", "setting "+name+" "+family(six)+" forwarding")
		}
		for _, a := range d.entries(f + "/addresses/address") {
			c.reference(d, a)
			c.address(on, name, key(a), d[a+"/config/prefix-length"])
		}
		for _, n := range d.entries(f + "/neighbors/neighbor") {
			c.reference(d, n)
			c.neighbor(on, name, key(n), d[n+"/config/link-layer-address"])
		}
	}
}

func (c *claims) leaf(d data, path, attribute string) {
	if v, ok := d[path]; ok {
		c.add(attribute, v)
	}
}

func (c *claims) address(on bool, link, ip, length string) {
	if length == "" {
		c.fail("mandatory: prefix length of %s", ip)
	}
	if _, err := netip.ParsePrefix(ip + "/" + length); err != nil && length != "" {
		c.errs = append(c.errs, err)
	}
	if on {
		c.add("address "+link+" "+ip, length)
	}
}

func (c *claims) neighbor(on bool, link, ip, mac string) {
	if mac == "" {
		c.fail("mandatory: link-layer address of %s", ip)
	}
	if on {
		c.add("neighbor "+link+" "+ip, mac)
	}
}

func (c *claims) ietfInterface(d data, e string) {
	name := key(e)
	if d[e+"/type"] == "" {
		c.fail("mandatory: %s/type", e)
	}
	c.add("link "+name+" up", orTrue(d[e+"/enabled"]))
	c.leaf(d, e+"/description", "link "+name+" description")
	for _, six := range []bool{false, true} {
		f := ietfFamily(name, six)
		if !d.exists(f) {
			continue
		}
		on := orTrue(d[f+"/enabled"]) == "true"
		if six {
			c.add("setting "+name+" ipv6 enabled", orTrue(d[f+"/enabled"]))
			c.leaf(d, f+"/mtu", "setting "+name+" ipv6 mtu")
		} else {
			if !on {
				c.fail("must: IPv4 of %s cannot be switched off", name)
			}
			c.leaf(d, f+"/mtu", "link "+name+" mtu")
		}
		c.leaf(d, f+"/forwarding", "setting "+name+" "+family(six)+" forwarding")
		for _, a := range d.entries(f + "/address") {
			c.address(on, name, key(a), d[a+"/prefix-length"])
		}
		for _, n := range d.entries(f + "/neighbor") {
			c.neighbor(on, name, key(n), d[n+"/link-layer-address"])
		}
	}
}

func (c *claims) ocInstance(d data, e string) {
	if key(e) != "DEFAULT" {
		c.fail("must: instance %s", e)
	}
	c.reference(d, e)
	if d[e+"/config/type"] == "" {
		c.fail("mandatory: type of %s", e)
	}
	for _, f := range []string{"ipv4", "ipv6"} {
		c.leaf(d, e+"/outrigger-ext:forwarding/config/"+f, "setting all "+f+" forwarding")
	}
	if d.exists(ocStatic) {
		c.reference(d, ocStatic)
	}
	for _, r := range d.entries(ocRoutes) {
		c.ocRoute(d, r)
	}
}

// hop is a next hop; the zero one drops.
type hop struct{ via, link string }

func (c *claims) ocRoute(d data, e string) {
	c.reference(d, e)
	hops := d.entries(e + "/next-hops/next-hop")
	if len(hops) == 0 {
		c.fail("min-elements: next hops of %s", e)
	}
	byMetric := map[string][]hop{}
	for _, h := range hops {
		c.reference(d, h)
		one := hop{via: d[h+"/config/next-hop"], link: d[h+"/interface-ref/config/interface"]}
		if one.link != "" && !d.exists(ocInterface(one.link)) {
			c.fail("leafref: %s to %s", h, one.link)
		}
		switch one.via {
		case "openconfig-local-routing:DROP":
			if one.link != "" {
				c.fail("a hop that drops has a link")
			}
			one = hop{}
		case "", "openconfig-local-routing:LOCAL_LINK":
			one.via = ""
			if one.link == "" {
				c.fail("a hop leads nowhere")
			}
		}
		metric := cmpOr(d[h+"/config/metric"], "0")
		byMetric[metric] = append(byMetric[metric], one)
	}
	for metric, hops := range byMetric {
		if len(hops) > 1 && slices.Contains(hops, hop{}) {
			c.fail("a hop that drops is among others")
		}
		c.route(key(e), metric, hops)
	}
}

func (c *claims) ietfRoute(d data, e string) {
	n := e + "/next-hop"
	var hops []hop
	add := func(p string) {
		h := hop{d[p+"/next-hop-address"], d[p+"/outgoing-interface"]}
		if h.link != "" && !d.exists(ietfInterface(h.link)) {
			c.fail("leafref: %s to %s", p, h.link)
		}
		hops = append(hops, h)
	}
	for _, p := range d.entries(n + "/next-hop-list/next-hop") {
		add(p)
	}
	switch {
	case len(hops) > 0:
	case d[n+"/special-next-hop"] != "":
		hops = []hop{{}}
	default:
		if add(n); hops[0] == (hop{}) {
			c.fail("mandatory: next hop of %s", e)
		}
	}
	c.route(key(e), "0", hops)
}

// route claims a route as text: one for each hop, in order.
func (c *claims) route(prefix, metric string, hops []hop) {
	var out []string
	for _, h := range hops {
		out = append(out, h.via+"|"+h.link)
	}
	slices.Sort(out)
	c.add("route "+prefix+" "+metric, strings.Join(out, " "))
}

// found are the links that were there before, and whether they are up.
var found = map[string]bool{"lo": true, "net1": false, "net2": false, "p1": true, "p2": true, "fbr": true}

func (c *claims) want() (*want, error) {
	w := &want{
		links: map[string]*wantLink{}, addresses: map[string]string{}, neighbors: map[string]string{},
		routes: map[string]string{}, settings: map[string]string{}, waiting: map[string]bool{},
	}
	var pools []string
	for _, n := range slices.Concat(toConfigure, toMake, []string{"vp0", "nowhere"}) {
		if c.there(n, 0) {
			pools = append(pools, n)
			w.links[n] = c.link(n)
		}
	}
	for attribute, value := range c.values {
		f := strings.Fields(attribute)
		there := slices.Contains(pools, f[1])
		switch f[0] {
		case "address":
			if there {
				w.addresses[f[1]+" "+f[2]] = value
			}
		case "neighbor":
			if there {
				w.neighbors[f[1]+" "+f[2]] = value
			}
		case "setting":
			switch {
			case !there && f[1] != "all":
			case f[3] == "enabled":
				w.settings["inet6 "+f[1]+" disabled"] = map[string]string{"true": "0", "false": "1"}[value]
			case f[3] == "mtu":
				w.settings["inet6 "+f[1]+" mtu"] = value
			default:
				w.settings[map[string]string{"ipv4": "inet", "ipv6": "inet6"}[f[2]]+" "+f[1]+" forwarding"] = value
			}
		}
	}
	for attribute, value := range c.values {
		if rest, ok := strings.CutPrefix(attribute, "route "); ok {
			prefix, metric, _ := strings.Cut(rest, " ")
			c.wantRoute(w, prefix, metric, value)
		}
	}
	for name, l := range w.links {
		if l.detail == nil || !strings.HasPrefix(*l.detail, "macvlan ") {
			continue
		}
		if p := w.links[c.values["link "+name+" parent"]]; p != nil && p.master != nil && *p.master != "" {
			return nil, fmt.Errorf("kernel: a bridge's port cannot be the parent of %s", name)
		}
	}
	return w, nil
}

// there reports whether a link is there once all is as configured.
func (c *claims) there(name string, depth int) bool {
	if _, ok := found[name]; ok {
		return true
	}
	link := "link " + name + " "
	if c.values[link+"kind"] == "" || depth > 4 {
		return false
	}
	parent := c.values[link+"parent"]
	return parent == "" || c.there(parent, depth+1)
}

func (c *claims) link(name string) *wantLink {
	l := &wantLink{}
	link := "link " + name + " "
	get := func(a string) *string {
		if v, ok := c.values[link+a]; ok {
			return &v
		}
		return nil
	}
	kind := c.values[link+"kind"]
	l.made = kind != ""
	if v := get("mtu"); v != nil {
		n, _ := strconv.ParseUint(*v, 10, 32)
		l.mtu = ptr(uint32(n))
	}
	if v := get("up"); v != nil {
		l.up = ptr(*v == "true")
	}
	l.mac = get("mac")
	l.alias = get("description")
	if l.made {
		l.alias = ptr(mark + c.values[link+"description"])
	}
	l.master = ptr("")
	if v := get("master"); v != nil && c.there(*v, 0) {
		l.master = v
	}
	switch kind {
	case "veth":
		l.detail = ptr("veth " + c.values[link+"peer"])
	case "macvlan":
		l.detail = ptr("macvlan " + c.values[link+"parent"] + " " + c.values[link+"mode"])
	case "tap":
		l.detail = ptr("tun tap")
	case "bridge":
		if c.values[link+"stp"] != "" {
			l.detail = ptr("bridge stp " + map[string]string{"true": "1", "false": "0"}[c.values[link+"stp"]])
		}
	case "vxlan":
		ttl := cmpOr(c.values[link+"ttl"], "0")
		l.detail = ptr(strings.Join(strings.Fields(fmt.Sprintf("vxlan %s port %s local %s remote %s parent %s ttl %s learning true", c.values[link+"vni"], cmpOr(c.values[link+"port"], "4789"),
			c.values[link+"local-address"], c.values[link+"remote-address"], c.values[link+"parent"], ttl)), " "))
	}
	return l
}

func ptr[T any](v T) *T { return &v }

func (c *claims) up(name string) bool {
	if v, ok := c.values["link "+name+" up"]; ok {
		return v == "true"
	}
	return found[name]
}

// wantRoute says what the kernel has of a route: hops whose link is missing or
// down are left out; if a gateway is not on a link, all of it waits.
func (c *claims) wantRoute(w *want, prefix, metric, value string) {
	six := strings.Contains(prefix, ":")
	if six && metric == "0" {
		metric = "1024"
	}
	id := prefix + " metric " + metric
	var hops []string
	for _, text := range strings.Fields(value) {
		via, link, _ := strings.Cut(text, "|")
		if via == "" && link == "" {
			w.routes[id] = "blackhole"
			return
		}
		if link != "" && (w.links[link] == nil || !c.up(link)) {
			continue
		}
		if via == "" {
			if six && w.settings["inet6 "+link+" disabled"] == "1" {
				w.waiting[id] = true
				return
			}
			hops = append(hops, link)
			continue
		}
		dev := c.carries(w, via, link)
		if dev == "" {
			w.waiting[id] = true
			return
		}
		hops = append(hops, via+" "+dev)
	}
	if len(hops) > 0 {
		slices.Sort(hops)
		w.routes[id] = "unicast " + strings.Join(hops, ", ")
	}
}

// carries is the link that has a gateway on it; only is the one that it must be,
// if any.
func (c *claims) carries(w *want, via, only string) string {
	gateway := netip.MustParseAddr(via)
	all := map[string]string{"net1 203.0.113.5": "24", "fbr 203.0.113.129": "25", "fbr fd00:f::1": "64"}
	for a, length := range w.addresses {
		all[a] = length
	}
	best, bits := "", -1
	for a, length := range all {
		link, ip, _ := strings.Cut(a, " ")
		p := netip.MustParsePrefix(ip + "/" + length)
		if c.up(link) && p.Contains(gateway) && p.Bits() > bits && (only == "" || only == link) {
			best, bits = link, p.Bits()
		}
	}
	return best
}

// differ compares what the kernel holds with what it must. What the
// agent did not make must be as it was since then, and so must those attributes of
// it that are not configured, be it any more.
func (w *want) differ(k, since *kernel) []string {
	var out []string
	say := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	for name := range k.links {
		if _, ok := found[name]; !ok && w.links[name] == nil {
			say("link %s is there", name)
		}
	}
	for name, l := range w.links {
		now, ok := k.links[name]
		if !ok {
			say("link %s is not there", name)
			continue
		}
		was := since.links[name]
		if !l.made {
			l = l.orAs(was)
		}
		if l.up != nil && *l.up != now.up {
			say("link %s: up is %v, not %v", name, now.up, *l.up)
		}
		if l.mtu != nil && *l.mtu != now.mtu {
			say("link %s: MTU is %d, not %d", name, now.mtu, *l.mtu)
		}
		for _, a := range []struct {
			what string
			want *string
			now  string
		}{
			{"MAC", l.mac, now.mac}, {"alias", l.alias, now.alias}, {"master", l.master, now.master},
			{"kind", l.detail, strings.Join(strings.Fields(now.detail), " ")},
		} {
			if a.want != nil && *a.want != a.now {
				say("link %s: %s is %q, not %q", name, a.what, a.now, *a.want)
			}
		}
	}
	compare := func(what string, must, may, has map[string]string) {
		for id, v := range must {
			switch now, ok := has[id]; {
			case !ok:
				say("%s %s (%s) is not there", what, id, v)
			case now != v:
				say("%s %s is %s, not %s", what, id, now, v)
			}
		}
		for id, v := range has {
			_, wanted := must[id]
			if _, was := may[id]; !wanted && !was {
				say("%s %s (%s) is there", what, id, v)
			}
		}
		for id, v := range may {
			if _, wanted := must[id]; !wanted && has[id] != v {
				say("foreign %s %s is %q, not %q", what, id, has[id], v)
			}
		}
	}
	compare("address", w.addresses, since.addresses, k.addresses)
	compare("neighbor", w.neighbors, since.neighbors, k.neighbors)
	has := map[string]string{}
	for id, v := range k.routes {
		if !w.waiting[id] {
			has[id] = v
		}
	}
	compare("route", w.routes, nil, has)
	compare("foreign route", since.foreign, nil, k.foreign)
	for id, v := range k.settings {
		if must := w.setting(id, k, since); must != v {
			say("setting %s is %s, not %s", id, v, must)
		}
	}
	slices.Sort(out)
	return out
}

// setting is what a setting must be: as configured; where nothing is configured for
// it, what holds for all; or else as it was since then, of what was not there yet as
// it was of all others. An IPv6 MTU that nothing is configured for is the link's.
func (w *want) setting(id string, k, since *kernel) string {
	f := strings.Fields(id) // inet net1 forwarding
	if _, configured := w.settings[id]; f[2] == "mtu" && !configured {
		return fmt.Sprint(k.links[f[1]].mtu)
	}
	all := f[0] + " all " + f[2]
	for _, v := range []map[string]string{w.settings, since.settings} {
		if v, ok := v[id]; ok {
			return v
		}
		if v, ok := v[all]; ok {
			return v
		}
	}
	return "0" // nothing holds for all
}

// orAs fills in what is not configured of a link that was there before.
func (l *wantLink) orAs(was kernelLink) *wantLink {
	full := *l
	if full.mtu == nil {
		full.mtu = &was.mtu
	}
	if full.up == nil {
		full.up = &was.up
	}
	if full.mac == nil {
		full.mac = &was.mac
	}
	if full.alias == nil {
		full.alias = &was.alias
	}
	return &full
}
