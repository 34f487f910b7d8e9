package netlink_test

import (
	"testing"

	"github.com/outrigger-cnf/outrigger/southbound/object"
)

// Settings that nobody has configured are known from the first look on, and the
// IPv6 MTU follows the link's.
func TestSettingsAreSeen(t *testing.T) {
	w := newWorld(t)
	b := bench(t, w)
	for _, id := range []object.ID{
		object.SettingID(object.ProtocolEnabled, object.IPv6, "p"),
		object.SettingID(object.ProtocolMTU, object.IPv6, "p"),
		object.SettingID(object.Forwarding, object.IPv4, ""),
		object.SettingID(object.Forwarding, object.IPv6, ""),
	} {
		b.Eventually(id.String()+" is published", func() bool { _, ok := b.Published(id.String()); return ok })
	}
	mtu := object.SettingID(object.ProtocolMTU, object.IPv6, "p").String()
	before, _ := b.Published(mtu)
	w.ip(t, "link set p mtu 1350")
	b.Eventually("the IPv6 MTU has followed", func() bool { now, _ := b.Published(mtu); return now != before })
}
