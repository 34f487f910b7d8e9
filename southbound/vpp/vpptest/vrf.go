package vpptest

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"

	"go.fd.io/govpp/api"
	interfaces "go.fd.io/govpp/binapi/interface"
	"go.fd.io/govpp/binapi/ip"
)

type tableKey struct {
	id uint32
	v6 bool
}

// fibTable is a routing table. One that nobody holds is not there any more, but
// its routes are when it comes again.
type fibTable struct {
	name   string
	held   bool // by the API
	routes map[netip.Prefix]*fibEntry
}

type tables struct {
	fibs    map[tableKey]*fibTable
	sources []fibSource
	lists   map[string]*pathList
	random  uint32
}

func (ts *tables) begin() {
	ts.fibs = map[tableKey]*fibTable{
		{0, false}: {name: "ipv4-VRF:0", held: true, routes: make(map[netip.Prefix]*fibEntry)},
		{0, true}:  {name: "ipv6-VRF:0", held: true, routes: make(map[netip.Prefix]*fibEntry)},
	}
	ts.sources, ts.lists = slices.Clone(builtinSources), make(map[string]*pathList)
}

// unused is the next of the numbers that VPP calls random.
func (ts *tables) unused() uint32 {
	ts.random = ts.random*1664525 + 1013904223
	return ts.random
}

// visible returns a table that somebody holds: the API or a member.
func (l *life) visible(k tableKey) *fibTable {
	t := l.fibs[k]
	if t == nil || t.held {
		return t
	}
	for _, m := range l.links.all {
		if m != nil && m.tables[family(k.v6)] == k.id {
			return t
		}
	}
	return nil
}

// tableReleased drops a table when its last holder has gone.
func (l *life) tableReleased(k tableKey) {
	if t := l.fibs[k]; t != nil && l.visible(k) == nil && len(t.routes) == 0 {
		delete(l.fibs, k)
	}
}

func (l *life) holdTable(k tableKey, name string) {
	if k.id == 0 {
		return
	}
	t := l.fibs[k]
	if t == nil {
		if name == "" {
			name = fmt.Sprintf("ipv%d-VRF:%d", 4+2*family(k.v6), k.id)
		}
		t = &fibTable{name: name, routes: make(map[netip.Prefix]*fibEntry)}
		l.fibs[k] = t
	}
	t.held = true
}

func (l *life) releaseTable(k tableKey) {
	if t := l.fibs[k]; t != nil && k.id != 0 {
		t.held = false
		l.tableReleased(k)
	}
}

var tableHandlers = collect(
	onResult(func(l *life, m *ip.IPTableAddDel) api.VPPApiError {
		l.addDelTable(m.Table, m.IsAdd)
		return 0
	}),
	onResult(func(l *life, m *ip.IPTableAddDelV2) api.VPPApiError {
		l.addDelTable(m.Table, m.IsAdd)
		return 0
	}),
	on(func(l *life, _ *session, m *ip.IPTableAllocate) []api.Message {
		if m.Table.TableID == none {
			m.Table.TableID = l.unused()
		}
		l.addDelTable(m.Table, true)
		return []api.Message{&ip.IPTableAllocateReply{Table: m.Table}}
	}),
	on(func(l *life, _ *session, _ *ip.IPTableDump) (list []api.Message) {
		keys := make([]tableKey, 0, len(l.fibs))
		for k := range l.fibs {
			keys = append(keys, k)
		}
		slices.SortFunc(keys, func(a, b tableKey) int {
			return cmp.Or(family(a.v6)-family(b.v6), cmp.Compare(a.id, b.id))
		})
		for _, k := range keys {
			if t := l.visible(k); t != nil {
				list = append(list, &ip.IPTableDetails{Table: ip.IPTable{TableID: k.id, IsIP6: k.v6, Name: t.name}})
			}
		}
		return list
	}),
	onResult(func(l *life, m *interfaces.SwInterfaceSetTable) api.VPPApiError {
		k, key := l.links.get(m.SwIfIndex), tableKey{m.VrfID, m.IsIPv6}
		switch {
		case k == nil:
			return api.INVALID_SW_IF_INDEX
		case l.visible(key) == nil:
			return api.NO_SUCH_FIB
		case len(k.addrs[family(m.IsIPv6)]) > 0:
			return api.ADDRESS_FOUND_FOR_INTERFACE
		}
		old := tableKey{k.tables[family(m.IsIPv6)], m.IsIPv6}
		k.tables[family(m.IsIPv6)] = m.VrfID
		l.tableReleased(old)
		return 0
	}),
	on(func(l *life, _ *session, m *interfaces.SwInterfaceGetTable) []api.Message {
		k := l.links.get(m.SwIfIndex)
		if k == nil {
			return []api.Message{&interfaces.SwInterfaceGetTableReply{Retval: int32(api.INVALID_SW_IF_INDEX), VrfID: none}}
		}
		return []api.Message{&interfaces.SwInterfaceGetTableReply{VrfID: k.tables[family(m.IsIPv6)]}}
	}),
)

func (l *life) addDelTable(t ip.IPTable, add bool) {
	if k := (tableKey{t.TableID, t.IsIP6}); add {
		l.holdTable(k, t.Name)
	} else {
		l.releaseTable(k)
	}
}
