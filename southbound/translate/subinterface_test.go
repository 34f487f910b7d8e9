package translate_test

import (
	"testing"

	"github.com/outrigger-cnf/outrigger/southbound/object"
	"github.com/outrigger-cnf/outrigger/southbound/translate"
)

func TestSubinterface(t *testing.T) {
	for _, c := range []struct {
		name, parent string
		kind         object.LinkKind
		link         string
		index        uint32
	}{
		{"eth0", "", object.Ethernet, "eth0", 0},
		{"eth0.7", "eth0", object.VLAN, "eth0", 7},
		{"eth0.4294967295", "eth0", object.VLAN, "eth0", 1<<32 - 1},
		{"eth0.4294967296", "eth0", object.VLAN, "eth0.4294967296", 0},
		{"eth0.7", "eth1", object.VLAN, "eth0.7", 0},
		{"eth0.7", "", object.VLAN, "eth0.7", 0},
		{"eth0.7", "eth0", object.Macvlan, "eth0.7", 0},
		{"eth0.07", "eth0", object.VLAN, "eth0.07", 0},
		{"eth0.+7", "eth0", object.VLAN, "eth0.+7", 0},
		{"eth0.0", "eth0", object.VLAN, "eth0.0", 0},
		{"eth0.", "eth0", object.VLAN, "eth0.", 0},
		{".7", "", object.VLAN, ".7", 0},
		{"vlan7", "eth0", object.VLAN, "vlan7", 0},
		{"eth0.7.8", "eth0.7", object.VLAN, "eth0.7.8", 0},
		{"net.blue.8", "net.blue", object.VLAN, "net.blue", 8},
	} {
		link, index := translate.SubinterfaceOf(&object.LinkState{Link: object.Link{Name: c.name, Kind: c.kind, Parent: c.parent}})
		if link != c.link || index != c.index {
			t.Errorf("%s, a %s on %q, is subinterface %d of %s; want %d of %s", c.name, c.kind, c.parent, index, link, c.index, c.link)
		}
		if index != 0 && translate.Subinterface(link, index) != c.name {
			t.Errorf("subinterface %d of %s is %s", index, link, translate.Subinterface(link, index))
		}
	}
}
