package vpptest

import (
	"reflect"
	"slices"
	"strings"

	"go.fd.io/govpp/api"
	"go.fd.io/govpp/binapi/af_packet"
	"go.fd.io/govpp/binapi/arp"
	"go.fd.io/govpp/binapi/fib"
	"go.fd.io/govpp/binapi/gre"
	interfaces "go.fd.io/govpp/binapi/interface"
	"go.fd.io/govpp/binapi/ip"
	"go.fd.io/govpp/binapi/ip6_nd"
	"go.fd.io/govpp/binapi/ip_neighbor"
	"go.fd.io/govpp/binapi/ipip"
	"go.fd.io/govpp/binapi/l2"
	"go.fd.io/govpp/binapi/memclnt"
	"go.fd.io/govpp/binapi/memif"
	"go.fd.io/govpp/binapi/tapv2"
	"go.fd.io/govpp/binapi/vlib"
	"go.fd.io/govpp/binapi/vpe"
	"go.fd.io/govpp/binapi/vxlan"
)

// createID is the number of sockclnt_create, which a client must know.
const createID = 15

// messages are those that the fake has numbers for: all of the packages that a
// configuration of links, addresses and routes needs.
func messages() []api.Message {
	return slices.Concat(
		memclnt.AllMessages(), vlib.AllMessages(), vpe.AllMessages(),
		interfaces.AllMessages(), ip.AllMessages(), ip_neighbor.AllMessages(), ip6_nd.AllMessages(), arp.AllMessages(),
		fib.AllMessages(), l2.AllMessages(), tapv2.AllMessages(), vxlan.AllMessages(), gre.AllMessages(), ipip.AllMessages(),
		memif.AllMessages(), af_packet.AllMessages(),
	)
}

// table numbers the messages of one life of a VPP.
type table struct {
	ids   map[string]uint16 // by name and CRC
	types map[uint16]reflect.Type
}

func key(m api.Message) string { return m.GetMessageName() + "_" + m.GetCrcString() }

// newTable numbers all but the messages named in missing, and otherwise in each
// life.
func newTable(life int, missing map[string]bool) *table {
	t := &table{ids: make(map[string]uint16), types: make(map[uint16]reflect.Type)}
	all := messages()
	slices.SortFunc(all, func(a, b api.Message) int { return strings.Compare(key(a), key(b)) })
	next := uint16(createID + 1)
	add := func(m api.Message, id uint16) {
		k := key(m)
		if missing[m.GetMessageName()] { // another version of it is there
			k = m.GetMessageName() + "_" + "00000bad"
		}
		t.ids[k] = id
		t.types[id] = reflect.TypeOf(m).Elem()
	}
	for i := range all {
		m := all[(i+life*97)%len(all)]
		if _, ok := m.(*memclnt.SockclntCreate); ok {
			add(m, createID)
			continue
		}
		add(m, next)
		next++
	}
	return t
}

// entries are the table as sockclnt_create_reply has it.
func (t *table) entries() []memclnt.MessageTableEntry {
	list := make([]memclnt.MessageTableEntry, 0, len(t.ids))
	for k, id := range t.ids {
		list = append(list, memclnt.MessageTableEntry{Index: id, Name: k})
	}
	slices.SortFunc(list, func(a, b memclnt.MessageTableEntry) int { return int(a.Index) - int(b.Index) })
	return list
}
