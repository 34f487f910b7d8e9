package vpp

import (
	"context"
	"slices"
	"strings"
	"sync"

	interfaces "go.fd.io/govpp/binapi/interface"
	"go.fd.io/govpp/binapi/interface_types"

	"github.com/outrigger-cnf/outrigger/southbound"
	"github.com/outrigger-cnf/outrigger/southbound/vpp/conn"
)

// names is what is known of VPP's numbers of interfaces. They hold within one
// connection only; and even there VPP gives the number of one that was deleted to
// the next. Backend.index therefore looks whether a number has its name still.
type names struct {
	mu    sync.Mutex
	epoch uint64
	index map[string]uint32
	name  map[uint32]string
	home  map[uint32]uint32 // the bridge domains that some were in when last seen
	list  []named           // of name but for local0, in the order of the names; nil: not made since that changed
}

type named struct {
	index uint32
	name  string
}

// enter forgets what another connection has told. The lock is held.
func (n *names) enter(epoch uint64) {
	if n.index == nil || n.epoch != epoch {
		n.epoch, n.index, n.name, n.home = epoch, make(map[string]uint32), make(map[uint32]string), make(map[uint32]uint32)
		n.list = nil
	}
}

func (n *names) set(epoch uint64, index uint32, name string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.enter(epoch)
	n.put(index, name)
}

func (n *names) put(index uint32, name string) {
	old, ok := n.name[index]
	if ok && old != name && n.index[old] == index {
		delete(n.index, old)
	}
	n.name[index], n.index[name] = name, index
	if !ok || old != name {
		n.list = nil
	}
}

// replace takes the whole list.
func (n *names) replace(epoch uint64, list []*interfaces.SwInterfaceDetails) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.enter(epoch)
	other := func(d *interfaces.SwInterfaceDetails) bool { return n.name[uint32(d.SwIfIndex)] != d.InterfaceName }
	if len(list) == len(n.name) && len(n.index) == len(n.name) && !slices.ContainsFunc(list, other) {
		return // as mostly
	}
	clear(n.index)
	clear(n.name)
	n.list = nil
	for _, d := range list {
		n.put(uint32(d.SwIfIndex), d.InterfaceName)
	}
}

// drop forgets an interface.
func (n *names) drop(epoch uint64, index uint32) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.enter(epoch)
	if name, ok := n.name[index]; ok {
		delete(n.name, index)
		n.list = nil
		delete(n.home, index)
		if n.index[name] == index {
			delete(n.index, name)
		}
	}
}

// inOrder lists every interface that is known, but for local0, in the order of their
// names. The lock is held.
func (n *names) inOrder() []named {
	if n.list == nil {
		n.list = make([]named, 0, len(n.name))
		for index, name := range n.name {
			if index != 0 {
				n.list = append(n.list, named{index, name})
			}
		}
		slices.SortFunc(n.list, func(a, b named) int { return strings.Compare(a.name, b.name) })
	}
	return n.list
}

// homeOf returns the bridge domain that an interface was in when last seen; 0: none.
func (n *names) homeOf(epoch uint64, index uint32) uint32 {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.enter(epoch)
	return n.home[index]
}

func (n *names) setHome(epoch uint64, index, domain uint32) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.enter(epoch)
	n.home[index] = domain
}

func (n *names) byName(epoch uint64, name string) (uint32, bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.enter(epoch)
	index, ok := n.index[name]
	return index, ok
}

func (n *names) byIndex(epoch uint64, index uint32) string {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.enter(epoch)
	return n.name[index]
}

// nameOf returns the name of an interface as last seen; empty if it is not known.
func (b *Backend) nameOf(index uint32) string { return b.names.byIndex(b.conn.Epoch(), index) }

// nameAt returns the name of an interface as last seen, or as it is; empty if it is
// not there.
func (b *Backend) nameAt(ctx context.Context, index uint32) (string, error) {
	if name := b.nameOf(index); name != "" {
		return name, nil
	}
	epoch := b.conn.Epoch()
	d, err := b.interfaceAt(ctx, index)
	if d == nil || err != nil {
		return "", err
	}
	b.names.set(epoch, index, d.InterfaceName)
	return d.InterfaceName, nil
}

// index returns VPP's number of a link, seen to be so; an error that wraps
// ErrNotReady where there is no such link. What else is to be asked of it is asked
// together with that.
func (b *Backend) index(ctx context.Context, name string, more ...func(index uint32) conn.Ask) (uint32, error) {
	d, err := b.find(ctx, name, more...)
	if err != nil {
		return 0, err
	}
	if d == nil {
		return 0, southbound.Because(southbound.ErrNotReady, "link %s is not there", name)
	}
	return uint32(d.SwIfIndex), nil
}

// find reads an interface by its name; nil if it is not there. VPP finds one by
// number at once, and by name in a walk over all. What else is to be asked of it is
// asked together with that.
func (b *Backend) find(ctx context.Context, name string, more ...func(index uint32) conn.Ask) (*interfaces.SwInterfaceDetails, error) {
	epoch := b.conn.Epoch()
	if index, ok := b.names.byName(epoch, name); ok {
		d, err := b.interfaceAt(ctx, index, more...)
		if err != nil {
			return nil, err
		}
		if d != nil && d.InterfaceName == name {
			return d, nil
		}
		b.names.drop(epoch, index)
	}
	list, err := b.interfacesNamed(ctx, name)
	if err != nil {
		return nil, err
	}
	for _, d := range list { // the filter is a part of the name, of any case
		if d.InterfaceName == name {
			b.names.set(epoch, uint32(d.SwIfIndex), name)
			if len(more) > 0 {
				if d, err = b.interfaceAt(ctx, uint32(d.SwIfIndex), more...); d != nil && d.InterfaceName != name {
					d = nil
				}
			}
			return d, err
		}
	}
	return nil, nil
}

// interfaceAt reads an interface by its number; nil if it is not there. What else is
// to be asked of it is asked together with that.
func (b *Backend) interfaceAt(ctx context.Context, index uint32, more ...func(index uint32) conn.Ask) (*interfaces.SwInterfaceDetails, error) {
	if index == 0 {
		return nil, nil // local0; and a 0 asks VPP for all
	}
	var list []*interfaces.SwInterfaceDetails
	asks := []conn.Ask{conn.List(&interfaces.SwInterfaceDump{SwIfIndex: interface_types.InterfaceIndex(index)}, &list)}
	for _, ask := range more {
		asks = append(asks, ask(index))
	}
	if err := b.conn.Together(ctx, asks...); err != nil || len(list) == 0 {
		return nil, err
	}
	return list[0], nil
}

func (b *Backend) interfacesNamed(ctx context.Context, name string) ([]*interfaces.SwInterfaceDetails, error) {
	return conn.Dump[interfaces.SwInterfaceDetails](ctx, b.conn, &interfaces.SwInterfaceDump{
		SwIfIndex: interface_types.InterfaceIndex(noIndex), NameFilterValid: true, NameFilter: name,
	})
}

// allInterfaces lists all interfaces, none of them half made.
func (b *Backend) allInterfaces(ctx context.Context) ([]*interfaces.SwInterfaceDetails, error) {
	b.half.RLock()
	defer b.half.RUnlock()
	return b.listInterfaces(ctx)
}

func (b *Backend) listInterfaces(ctx context.Context) ([]*interfaces.SwInterfaceDetails, error) {
	epoch := b.conn.Epoch()
	list, err := conn.Dump[interfaces.SwInterfaceDetails](ctx, b.conn, &interfaces.SwInterfaceDump{SwIfIndex: interface_types.InterfaceIndex(noIndex)})
	if err != nil {
		return nil, err
	}
	b.names.replace(epoch, list)
	return list, nil
}
