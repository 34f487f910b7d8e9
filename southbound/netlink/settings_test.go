package netlink_test

import (
	"strings"
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
		object.SettingID(object.Forwarding, object.IPv4, "p"),
		object.SettingID(object.Forwarding, object.IPv6, "q"),
		object.SettingID(object.Forwarding, object.IPv4, "lo"),
	} {
		b.Eventually(id.String()+" is published", func() bool { _, ok := b.Published(id.String()); return ok })
	}
	mtu := object.SettingID(object.ProtocolMTU, object.IPv6, "p").String()
	before, _ := b.Published(mtu)
	w.ip(t, "link set p mtu 1350")
	b.Eventually("the IPv6 MTU has followed", func() bool { now, _ := b.Published(mtu); return now != before })
}

// Somebody switches a link's settings by hand, IPv6 as such included, and the kernel
// tells: nobody has to wait for the next audit. What is of a link goes with it.
func TestSettingsAreTold(t *testing.T) {
	w := newWorld(t)
	b := bench(t, w)
	for _, c := range []struct {
		name   object.SettingName
		family object.Family
		file   string
		values []int
		off    string // as published
		on     string
	}{
		{object.Forwarding, object.IPv4, "ipv4/conf/p/forwarding", []int{1, 0}, "Value:0", "Value:1"},
		{object.Forwarding, object.IPv6, "ipv6/conf/p/forwarding", []int{1, 0}, "Value:0", "Value:1"},
		{object.ProtocolEnabled, object.IPv6, "ipv6/conf/p/disable_ipv6", []int{1, 0}, "Value:1", "Value:0"},
	} {
		id := object.SettingID(c.name, c.family, "p").String()
		for i, v := range c.values {
			want := c.on
			if i == 1 {
				want = c.off
			}
			w.proc(t, map[string]int{c.file: v})
			b.Eventually(id+" is published as "+want, func() bool { text, _ := b.Published(id); return strings.Contains(text, want) })
		}
	}
	// A link whose MTU is too small for IPv6 has no settings of it.
	enabled := object.SettingID(object.ProtocolEnabled, object.IPv6, "p").String()
	there := func(id string) bool { _, ok := b.Published(id); return ok }
	w.ip(t, "link set p mtu 1000")
	b.Eventually("its IPv6 settings have gone", func() bool { return !there(enabled) })
	w.ip(t, "link set p mtu 1500")
	b.Eventually("they are back", func() bool { return there(enabled) })
	w.ip(t, "link del p")
	b.Eventually("all of its settings have gone", func() bool {
		return !there(enabled) && !there(object.SettingID(object.Forwarding, object.IPv4, "p").String())
	})
}
