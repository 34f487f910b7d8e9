package vpptest

import (
	"encoding/binary"
	"net/netip"
	"slices"
	"strings"

	"go.fd.io/govpp/binapi/fib_types"
	"go.fd.io/govpp/binapi/vlib"
)

// pathList is a list of paths that routes share: all that have equal ones, with equal
// weights and flags. Once an interface of it went, it drops until nobody has it any
// more, whatever gets the interface's number.
type pathList struct {
	key   string
	over  []uint32 // interfaces
	users int
	dead  bool
}

// keyOf is what is equal in lists that are one.
func keyOf(paths []fib_types.FibPath) string {
	key := make([]byte, 0, 40*len(paths))
	for _, p := range paths {
		key = binary.BigEndian.AppendUint32(key, p.SwIfIndex)
		key = append(key, p.Weight, p.Preference, byte(p.Type), byte(p.Flags), byte(p.Proto))
		key = append(key, p.Nh.Address.XXX_UnionData[:]...)
	}
	return string(key)
}

// enlist gives paths that were changed their list.
func (l *life) enlist(f *fibPaths) {
	key := keyOf(f.paths)
	list := l.lists[key]
	if list == nil {
		list = &pathList{key: key}
		for _, p := range f.paths {
			list.over = append(list.over, p.SwIfIndex)
		}
		l.lists[key] = list
	}
	list.users++ // first: it may be the one that they have
	l.delist(f)
	f.list = list
}

// delist takes the list from paths that go.
func (l *life) delist(f *fibPaths) {
	if f.list == nil {
		return
	}
	if f.list.users--; f.list.users == 0 {
		delete(l.lists, f.list.key)
	}
}

// bury has all lists drop that lead over an interface that goes.
func (l *life) bury(index uint32) {
	for _, list := range l.lists {
		list.dead = list.dead || slices.Contains(list.over, index)
	}
}

// Forwards reports whether a route of the default table leads anywhere.
func (f *Fake) Forwards(prefix string) bool {
	f.t.Helper()
	f.mu.Lock()
	defer f.mu.Unlock()
	p := netip.MustParsePrefix(prefix)
	key := tableKey{v6: p.Addr().Is6()}
	_, b := f.life.at(key, f.life.fibs[key], p, nil)
	return b != nil && b.list != nil && !b.list.dead && !slices.ContainsFunc(b.paths, func(p fib_types.FibPath) bool {
		return p.Type == fib_types.FIB_API_PATH_TYPE_DROP
	})
}

// Forwards reports whether a route of the default table leads anywhere, as VPP's
// command line tells it: the API does not.
func (v *VPP) Forwards(prefix string) bool {
	c, err := dial(v.Socket())
	if err != nil {
		return false
	}
	defer c.Close()
	family := "ip"
	if netip.MustParsePrefix(prefix).Addr().Is6() {
		family = "ip6"
	}
	var reply vlib.CliInbandReply
	if err := c.Call(&vlib.CliInband{Cmd: "show " + family + " fib " + prefix}, &reply); err != nil {
		return false
	}
	_, forwarding, ok := strings.Cut(reply.Reply, "forwarding:")
	return ok && strings.Contains(reply.Reply, "\n"+prefix+" ") && !strings.Contains(forwarding, "dpo-drop")
}
