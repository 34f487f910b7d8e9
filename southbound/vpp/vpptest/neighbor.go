package vpptest

import (
	"net/netip"

	"go.fd.io/govpp/api"
	"go.fd.io/govpp/binapi/ethernet_types"
	"go.fd.io/govpp/binapi/interface_types"
	"go.fd.io/govpp/binapi/ip_neighbor"
	"go.fd.io/govpp/binapi/ip_types"
)

type neighborKey struct {
	link uint32
	ip   netip.Addr
}

type neighborEntry struct {
	mac   ethernet_types.MacAddress
	flags ip_neighbor.IPNeighborFlags
}

func (n *neighborEntry) static() bool { return n.flags&ip_neighbor.IP_API_NEIGHBOR_FLAG_STATIC != 0 }

func (n *neighborEntry) noEntry() bool {
	return n.flags&ip_neighbor.IP_API_NEIGHBOR_FLAG_NO_FIB_ENTRY != 0
}

func (n *neighborEntry) onWire(k neighborKey) ip_neighbor.IPNeighbor {
	return ip_neighbor.IPNeighbor{
		SwIfIndex: interface_types.InterfaceIndex(k.link), Flags: n.flags, MacAddress: n.mac, IPAddress: wire(k.ip),
	}
}

func (l *life) neighborEvent(k neighborKey, n *neighborEntry, f ip_neighbor.IPNeighborEventFlags) {
	for s, pid := range l.neighborListeners {
		s.send(&ip_neighbor.IPNeighborEventV2{PID: pid, Flags: f, Neighbor: n.onWire(k)}, 0)
	}
}

var neighborHandlers = collect(
	onResult(func(l *life, m *ip_neighbor.IPNeighborAddDel) api.VPPApiError {
		w := m.Neighbor
		if l.links.get(w.SwIfIndex) == nil {
			return api.INVALID_SW_IF_INDEX
		}
		k := neighborKey{uint32(w.SwIfIndex), addrOf(w.IPAddress)}
		n := l.neighbors[k]
		switch {
		case !m.IsAdd && n == nil:
			return api.NO_SUCH_ENTRY
		case !m.IsAdd:
			delete(l.neighbors, k)
			l.neighborEvent(k, n, ip_neighbor.IP_NEIGHBOR_API_EVENT_FLAG_REMOVED)
			return 0
		case n == nil:
			n = &neighborEntry{}
			l.neighbors[k] = n
		case n.static() && w.Flags&ip_neighbor.IP_API_NEIGHBOR_FLAG_STATIC == 0:
			return api.INVALID_SW_IF_INDEX // sic
		}
		n.mac, n.flags = w.MacAddress, w.Flags
		l.neighborEvent(k, n, ip_neighbor.IP_NEIGHBOR_API_EVENT_FLAG_ADDED)
		return 0
	}),
	onResult(func(l *life, m *ip_neighbor.IPNeighborFlush) api.VPPApiError {
		if m.SwIfIndex != interface_types.InterfaceIndex(none) && l.links.get(m.SwIfIndex) == nil {
			return api.INVALID_SW_IF_INDEX
		}
		for k, n := range l.neighbors {
			if k.ip.Is6() == (m.Af == ip_types.ADDRESS_IP6) && (m.SwIfIndex == interface_types.InterfaceIndex(none) || uint32(m.SwIfIndex) == k.link) {
				delete(l.neighbors, k)
				l.neighborEvent(k, n, ip_neighbor.IP_NEIGHBOR_API_EVENT_FLAG_REMOVED)
			}
		}
		return 0
	}),
	on(func(l *life, _ *session, m *ip_neighbor.IPNeighborDump) (list []api.Message) {
		for k, n := range l.neighbors {
			if k.ip.Is6() == (m.Af == ip_types.ADDRESS_IP6) && (m.SwIfIndex == interface_types.InterfaceIndex(none) || uint32(m.SwIfIndex) == k.link) {
				list = append(list, &ip_neighbor.IPNeighborDetails{Neighbor: n.onWire(k)})
			}
		}
		return list
	}),
)
