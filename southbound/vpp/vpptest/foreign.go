package vpptest

import (
	"testing"

	"go.fd.io/govpp/binapi/ethernet_types"
	"go.fd.io/govpp/binapi/fib_types"
	interfaces "go.fd.io/govpp/binapi/interface"
	"go.fd.io/govpp/binapi/ip"
	"go.fd.io/govpp/binapi/ip_neighbor"
	"go.fd.io/govpp/binapi/ip_types"

	"github.com/outrigger-cnf/outrigger/southbound/object"
)

// Add makes something that is somebody else's.
func (w *World) Add(t testing.TB, o object.Object) {
	t.Helper()
	switch o := o.(type) {
	case *object.Link:
		w.addLink(t, o)
	case *object.Address:
		w.address(t, o, true)
	case *object.Neighbor:
		w.neighbor(t, o, true)
	case *object.Route:
		w.hand(t).Do(t, w.route(t, o, sourceAPI, true))
	default:
		t.Fatalf("somebody else cannot make a %s", o.ID())
	}
}

// Remove takes something away, whoever it belongs to. A setting cannot be taken
// away: it becomes what it is not.
func (w *World) Remove(t testing.TB, o object.Object) {
	t.Helper()
	switch o := o.(type) {
	case *object.Link:
		w.removeLink(t, o.Name)
	case *object.Address:
		w.address(t, o, false)
	case *object.Neighbor:
		w.neighbor(t, o, false)
	case *object.Route:
		table, _ := w.table(t, o.Table)
		for src := range w.sources(t) { // whoever has it
			if w.has(t, table, o, src) {
				w.hand(t).Do(t, w.route(t, o, src, false))
			}
		}
	case *object.Setting:
		w.flip(t, o)
	}
}

func (w *World) address(t testing.TB, a *object.Address, add bool) {
	t.Helper()
	w.hand(t).Do(t, &interfaces.SwInterfaceAddDelAddress{
		SwIfIndex: w.index(t, a.Link), IsAdd: add,
		Prefix: ip_types.AddressWithPrefix{Address: wire(a.IP), Len: a.PrefixLength},
	})
}

func (w *World) neighbor(t testing.TB, n *object.Neighbor, add bool) {
	t.Helper()
	w.hand(t).Do(t, &ip_neighbor.IPNeighborAddDel{IsAdd: add, Neighbor: ip_neighbor.IPNeighbor{
		SwIfIndex: w.index(t, n.Link), Flags: ip_neighbor.IP_API_NEIGHBOR_FLAG_STATIC,
		MacAddress: ethernet_types.MacAddress(n.MAC), IPAddress: wire(n.IP),
	}})
}

// sources are the FIB sources of those who add routes by the API: VPP's own for
// that, and what was added to it.
func (w *World) sources(t testing.TB) map[uint8]bool {
	t.Helper()
	list, err := w.hand(t).fibSources()
	if err != nil {
		t.Fatal(err)
	}
	known := make(map[string]bool)
	for _, s := range builtinSources {
		known[s.Name] = true
	}
	found := map[uint8]bool{sourceAPI: true}
	for _, s := range list {
		if !known[s.Name] {
			found[s.ID] = true
		}
	}
	return found
}

// has reports whether a source has a route of that preference.
func (w *World) has(t testing.TB, table uint32, r *object.Route, src uint8) bool {
	t.Helper()
	list, err := Dump[ip.IPRouteV2Details](w.hand(t), &ip.IPRouteV2Dump{Src: src, Table: ip.IPTable{TableID: table, IsIP6: r.Prefix.Addr().Is6()}})
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range list {
		if d.Route.Prefix == (ip_types.Prefix{Address: wire(r.Prefix.Addr()), Len: uint8(r.Prefix.Bits())}) {
			for _, p := range d.Route.Paths {
				if uint32(p.Preference) == r.Metric {
					return true
				}
			}
		}
	}
	return false
}

func (w *World) route(t testing.TB, r *object.Route, src uint8, add bool) *ip.IPRouteAddDelV2 {
	t.Helper()
	table, ok := w.table(t, r.Table)
	if !ok {
		t.Fatalf("VPP has no table %s", r.Table)
	}
	v6 := r.Prefix.Addr().Is6()
	m := &ip.IPRouteAddDelV2{IsAdd: add, IsMultipath: true, Route: ip.IPRouteV2{
		TableID: table, Src: src, Prefix: ip_types.Prefix{Address: wire(r.Prefix.Addr()), Len: uint8(r.Prefix.Bits())},
	}}
	path := func() fib_types.FibPath {
		return fib_types.FibPath{SwIfIndex: none, Weight: 1, Preference: uint8(r.Metric), Proto: fib_types.FibPathNhProto(family(v6)), TableID: table}
	}
	for _, h := range r.NextHops {
		p := path()
		if h.Link != "" {
			p.SwIfIndex = uint32(w.index(t, h.Link))
		}
		p.Nh.Address = union(h.Via)
		p.Weight = uint8(max(h.Weight, 1))
		m.Route.Paths = append(m.Route.Paths, p)
	}
	if len(r.NextHops) == 0 {
		p := path()
		p.Type = fib_types.FIB_API_PATH_TYPE_DROP
		m.Route.Paths = append(m.Route.Paths, p)
	}
	m.Route.NPaths = uint8(len(m.Route.Paths))
	return m
}

// flip makes a setting what it is not.
func (w *World) flip(t testing.TB, s *object.Setting) {
	t.Helper()
	c := w.hand(t)
	d := w.link(t, s.Link)
	switch s.Name {
	case object.ProtocolEnabled:
		c.Do(t, &ip.SwInterfaceIP6EnableDisable{SwIfIndex: d.SwIfIndex, Enable: s.Value == 0})
	case object.ProtocolMTU:
		d.Mtu[1+family(s.Family == object.IPv6)] = s.Value - 8
		c.Do(t, &interfaces.SwInterfaceSetMtu{SwIfIndex: d.SwIfIndex, Mtu: d.Mtu})
	default:
		t.Fatalf("somebody else cannot set %s", s.Name)
	}
}
