package vpp

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strings"

	"go.fd.io/govpp/api"
	interfaces "go.fd.io/govpp/binapi/interface"
	"go.fd.io/govpp/binapi/interface_types"
	"go.fd.io/govpp/binapi/ip_types"

	"github.com/outrigger-cnf/outrigger/southbound"
	"github.com/outrigger-cnf/outrigger/southbound/object"
	"github.com/outrigger-cnf/outrigger/southbound/plan"
	"github.com/outrigger-cnf/outrigger/southbound/vpp/conn"
)

// link is an interface of VPP on its way to a LinkState.
type link struct {
	object.LinkState
	made     made
	untagged bool   // there is no tag at all
	sup      uint32 // the interface that it is a subinterface of; itself otherwise
	sub      *interfaces.SwInterfaceDetails
	socket   uint32 // memif: the number of its socket
	domain   uint32 // the bridge domain that it is in; 0: none
	group    uint8  // in the domain
}

// at is the link's number, as messages have it.
func (l *link) at() interface_types.InterfaceIndex { return interface_types.InterfaceIndex(l.Index) }

// kind is what there is to know of one kind of link.
type kind interface {
	// feature is what the kind needs of VPP beyond what all links do.
	feature() conn.Feature
	// check says what of a link that is to be made VPP can never hold.
	check(c *object.Claim, l *object.Link) error
	// create makes an interface with the attributes of the kind, without tag and
	// name, down, and returns its number. What it is refused leaves no trace.
	create(ctx context.Context, b *Backend, l *object.Link, s plan.Step) (uint32, error)
	// remove deletes the interface.
	remove(ctx context.Context, b *Backend, l *link) error
	// fill adds to links of the kind what only messages of the kind tell. Links
	// that are not of the kind after all become of kind Ethernet or Other.
	fill(ctx context.Context, b *Backend, links map[uint32]*link) error
	// leftover reports whether an untagged link was made here.
	leftover(l *link) bool
	// exclusive is what no two links of the kind have in common.
	exclusive(l *object.Link) string
}

// plainKind is what most kinds have in common.
type plainKind struct{}

func (plainKind) check(*object.Claim, *object.Link) error { return nil }

func (plainKind) fill(context.Context, *Backend, map[uint32]*link) error { return nil }

func (plainKind) exclusive(*object.Link) string { return "" }

// linkKinds are the kinds that can be made. VRFs have no interface: vrf.go.
var linkKinds = map[object.LinkKind]kind{
	object.Loopback: loopbacks{},
	object.Bridge:   bridges{},
	object.Tap:      taps{},
	object.Memif:    memifs{},
	object.AFPacket: afPackets{},
	object.VLAN:     vlans{},
	object.VXLAN:    vxlans{},
	object.GRE:      gres{},
	object.IPIP:     ipips{},
}

// deviceKinds are the kinds by what VPP calls them.
var deviceKinds = map[string]object.LinkKind{
	"Loopback":           object.Loopback,
	"BVI":                object.Bridge,
	"virtio":             object.Tap,
	"memif":              object.Memif,
	"af-packet":          object.AFPacket,
	"VXLAN":              object.VXLAN,
	"GRE tunnel device":  object.GRE,
	"IPIP tunnel device": object.IPIP,
}

// decodeLink reads what VPP tells of all interfaces; nil of local0, which leads
// nowhere and has no use.
func decodeLink(d *interfaces.SwInterfaceDetails) *link {
	if d.SwIfIndex == 0 {
		return nil
	}
	l := &link{sup: d.SupSwIfIndex, sub: d, untagged: d.Tag == ""}
	l.Name, l.Index = d.InterfaceName, uint32(d.SwIfIndex)
	l.MAC = object.MACAddr(d.L2Address)
	l.KindName = d.InterfaceDevType
	l.Up = d.Flags&interface_types.IF_STATUS_API_FLAG_ADMIN_UP != 0
	l.Oper = object.OperDown
	if l.Up && d.Flags&interface_types.IF_STATUS_API_FLAG_LINK_UP != 0 {
		l.Oper = object.OperUp
	}
	l.MTU = mtuOf(d)
	l.made, l.Description, l.Owned = cutMark(d.Tag)
	switch {
	case d.Type == interface_types.IF_API_TYPE_SUB:
		l.Kind = object.Other
		if isVLAN(d) {
			l.Kind = object.VLAN
		}
	case d.Type != interface_types.IF_API_TYPE_HARDWARE:
		l.Kind = object.Other
	default:
		l.Kind = deviceKinds[d.InterfaceDevType]
	}
	if l.Kind == object.Existing {
		l.notMadeSo()
	}
	return l
}

// notMadeSo makes the link one of no kind that can be made here.
func (l *link) notMadeSo() {
	l.Kind = object.Ethernet
	if l.MAC.IsZero() {
		l.Kind = object.Other
	}
}

// readLink reads a link; nil if it is not there.
func (b *Backend) readLink(ctx context.Context, name string) (*object.LinkState, error) {
	b.stats.reads.Add(1)
	b.half.RLock()
	defer b.half.RUnlock()
	l, err := b.look(ctx, name)
	if err != nil {
		return nil, err
	}
	if l != nil {
		return &l.LinkState, nil
	}
	if vrf, err := b.readVRF(ctx, name); vrf != nil || err != nil {
		return vrf, err
	}
	return b.brokenBridge(ctx, name)
}

// look reads an interface with all that there is to tell; nil if it is not there.
func (b *Backend) look(ctx context.Context, name string) (*link, error) {
	d, err := b.find(ctx, name)
	if d == nil || err != nil {
		return nil, err
	}
	list, err := b.complete(ctx, []*interfaces.SwInterfaceDetails{d})
	if err != nil || len(list) == 0 {
		return nil, err
	}
	return list[0], nil
}

// linkAt reads a link by its number; nil if it is not there.
func (b *Backend) linkAt(ctx context.Context, index uint32) (*object.LinkState, error) {
	b.stats.reads.Add(1)
	b.half.RLock()
	defer b.half.RUnlock()
	epoch := b.conn.Epoch()
	d, err := b.interfaceAt(ctx, index)
	if err != nil {
		return nil, err
	}
	if d == nil {
		b.names.drop(epoch, index)
		return nil, nil
	}
	b.names.set(epoch, index, d.InterfaceName)
	list, err := b.complete(ctx, []*interfaces.SwInterfaceDetails{d})
	if err != nil || len(list) == 0 {
		return nil, err
	}
	return &list[0].LinkState, nil
}

// dumpLinks lists all links, VRFs included.
func (b *Backend) dumpLinks(ctx context.Context) ([]*object.LinkState, error) {
	b.stats.dumps.Add(1)
	b.half.RLock()
	defer b.half.RUnlock()
	all, err := b.listInterfaces(ctx)
	if err != nil {
		return nil, err
	}
	list, err := b.complete(ctx, all)
	if err != nil {
		return nil, err
	}
	states := make([]*object.LinkState, 0, len(list))
	for _, l := range list {
		states = append(states, &l.LinkState)
	}
	broken, err := b.brokenBridges(ctx, list)
	if err != nil {
		return nil, err
	}
	vrfs, err := b.dumpVRFs(ctx)
	if err != nil {
		return nil, err
	}
	return append(append(states, broken...), vrfs...), nil
}

// complete adds to interfaces what other messages than the one that listed them
// tell: all those of a kind in one exchange, all exchanges at once.
func (b *Backend) complete(ctx context.Context, details []*interfaces.SwInterfaceDetails) ([]*link, error) {
	var list []*link
	var indexes []uint32
	byKind := make(map[object.LinkKind]map[uint32]*link)
	at := make(map[uint32]*link, len(details))
	for _, d := range details {
		l := decodeLink(d)
		if l == nil {
			continue
		}
		list, indexes = append(list, l), append(indexes, l.Index)
		at[l.Index] = l
		if byKind[l.Kind] == nil {
			byKind[l.Kind] = make(map[uint32]*link)
		}
		byKind[l.Kind][l.Index] = l
	}
	var domains []*domain
	var upper map[uint32]layer3
	jobs := []func(context.Context) error{
		func(ctx context.Context) (err error) { domains, err = b.dumpDomains(ctx); return err },
		func(ctx context.Context) (err error) { upper, err = b.layer3(ctx, indexes); return err },
	}
	for k, links := range byKind {
		if known, ok := linkKinds[k]; ok {
			jobs = append(jobs, func(ctx context.Context) error { return known.fill(ctx, b, links) })
		}
	}
	if err := atOnce(ctx, jobs); err != nil {
		return nil, err
	}
	for _, l := range list {
		if k, ok := linkKinds[l.Kind]; ok && l.untagged {
			l.Owned = k.leftover(l)
		}
		if u, ok := upper[l.Index]; ok {
			l.Master = u.vrf
			if u.lender != noIndex {
				var err error
				if l.Lender, err = b.nameAt(ctx, u.lender); err != nil {
					return nil, err
				}
			}
		}
	}
	if err := b.joinDomains(ctx, at, domains); err != nil {
		return nil, err
	}
	return list, nil
}

// atOnce runs jobs side by side and returns their errors.
func atOnce(ctx context.Context, jobs []func(context.Context) error) error {
	errs := make(chan error, len(jobs))
	for _, job := range jobs {
		go func() { errs <- job(ctx) }()
	}
	var all []error
	for range jobs {
		all = append(all, <-errs)
	}
	return errors.Join(all...)
}

// doLink carries out a step about a link.
func (b *Backend) doLink(ctx context.Context, s plan.Step, l *object.Link) error {
	switch {
	case l.Kind == object.VRF && s.Op == plan.Create:
		return b.createVRF(ctx, s)
	case l.Kind == object.VRF && s.Op == plan.Delete:
		return b.deleteVRF(ctx, l)
	case s.Op == plan.Create:
		return b.createLink(ctx, s, l)
	case s.Op == plan.Delete:
		return b.deleteLink(ctx, l)
	}
	return b.updateLink(ctx, s, l)
}

// createLink makes an interface, tags it, and gives it its name: a process that is
// killed on the way leaves one that is known by its number, and then by its tag.
func (b *Backend) createLink(ctx context.Context, s plan.Step, l *object.Link) error {
	k, ok := linkKinds[l.Kind]
	if !ok {
		return fmt.Errorf("links of kind %s cannot be made: %w", l.Kind, southbound.ErrUnsupported)
	}
	b.half.Lock()
	defer b.half.Unlock()
	// VPP would give a name twice.
	if d, err := b.find(ctx, l.Name); err != nil {
		return err
	} else if d != nil {
		return fmt.Errorf("link %s is there: %w", l.Name, southbound.ErrExists)
	}
	var back undo
	index, err := k.create(ctx, b, l, s)
	if err != nil {
		return fmt.Errorf("making %s %s: %w", l.Kind, l.Name, err)
	}
	made := &link{LinkState: object.LinkState{Link: *l, Index: index}}
	back.add(func(ctx context.Context) error { return k.remove(ctx, b, made) })
	if err := b.flushNeighbors(ctx, index); err != nil { // of the one that had the number before
		return back.run(ctx, err)
	}
	if err := b.sign(ctx, index, markOf(l, s.Has), l.Description); err != nil {
		return back.run(ctx, err)
	}
	if l.Kind != object.VLAN { // its name is its parent's and its number
		if err := b.rename(ctx, index, l.Name); err != nil {
			return back.run(ctx, err)
		}
	}
	b.names.set(b.conn.Epoch(), index, l.Name)
	return nil
}

// markOf is the mark of a link that is made with the attributes that has tells.
func markOf(l *object.Link, has func(object.Attr) bool) made {
	var m made
	if l.Kind == object.Memif {
		if has(object.RingSize) && l.RingSize != defaultRing {
			m.ring = l.RingSize
		}
		if has(object.BufferSize) && l.BufferSize != defaultBuffer {
			m.buffer = uint32(l.BufferSize)
		}
	}
	return m
}

// sign tags an interface as ours.
func (b *Backend) sign(ctx context.Context, index uint32, m made, description string) error {
	return b.tag(ctx, index, m.String()+description)
}

func (b *Backend) tag(ctx context.Context, index uint32, tag string) error {
	return b.write(ctx, &interfaces.SwInterfaceTagAddDel{
		IsAdd: tag != "", SwIfIndex: interface_types.InterfaceIndex(index), Tag: tag,
	}, &interfaces.SwInterfaceTagAddDelReply{})
}

func (b *Backend) rename(ctx context.Context, index uint32, name string) error {
	return b.write(ctx, &interfaces.SwInterfaceSetInterfaceName{
		SwIfIndex: interface_types.InterfaceIndex(index), Name: name,
	}, &interfaces.SwInterfaceSetInterfaceNameReply{})
}

// defaultMTU is what VPP gives most new interfaces, and holds for those that have
// none.
const defaultMTU = 9000

// mtuOf is the MTU of IP on an interface.
func mtuOf(d *interfaces.SwInterfaceDetails) uint32 {
	if len(d.Mtu) > mtuL3 && d.Mtu[mtuL3] != 0 {
		return d.Mtu[mtuL3]
	}
	return defaultMTU
}

func (b *Backend) setUp(ctx context.Context, index uint32, up bool) error {
	req := &interfaces.SwInterfaceSetFlags{SwIfIndex: interface_types.InterfaceIndex(index)}
	if up {
		req.Flags = interface_types.IF_STATUS_API_FLAG_ADMIN_UP
	}
	return b.write(ctx, req, &interfaces.SwInterfaceSetFlagsReply{})
}

// deleteLink deletes an interface once it has seen that it is ours: the name, and
// the number, may have become another's.
func (b *Backend) deleteLink(ctx context.Context, l *object.Link) error {
	b.half.Lock()
	defer b.half.Unlock()
	now, err := b.look(ctx, l.Name)
	if err != nil {
		return err
	}
	if now == nil { // half of a bridge, or of a VRF, or nothing
		if err := b.deleteBrokenBridge(ctx, l.Name); !isGone(err) {
			return err
		}
		return b.deleteVRF(ctx, l)
	}
	if !now.Owned {
		return fmt.Errorf("link %s was not made here: %w", l.Name, southbound.ErrExists)
	}
	kind := now.Kind
	if _, ok := linkKinds[kind]; !ok { // a leftover: a BVI without its domain
		kind = deviceKinds[now.KindName]
	}
	k, ok := linkKinds[kind]
	if !ok {
		return fmt.Errorf("link %s, a %q, cannot be deleted: %w", l.Name, now.KindName, southbound.ErrUnsupported)
	}
	epoch := b.conn.Epoch()
	if err := b.clear(ctx, now.Index); err != nil {
		return err
	}
	if err := k.remove(ctx, b, now); err != nil {
		return fmt.Errorf("deleting %s %s: %w", now.Kind, l.Name, err)
	}
	b.names.drop(epoch, now.Index)
	return nil
}

// tryNumbers makes something with a number of a range that is free.
func (b *Backend) tryNumbers(r numbers, name string, make func(n uint32) error) error {
	var err error
	for n := range r.choose(name) {
		err = make(n)
		var refused *conn.RetvalError
		if !errors.As(err, &refused) {
			return err
		}
		switch refused.Code {
		case api.INSTANCE_IN_USE, api.INVALID_REGISTRATION, api.INVALID_INTERFACE:
		default:
			return err
		}
	}
	return err
}

func vppAddress(a netip.Addr) ip_types.Address {
	if a.Is4() {
		return ip_types.Address{Af: ip_types.ADDRESS_IP4, Un: ip_types.AddressUnionIP4(a.As4())}
	}
	return ip_types.Address{Af: ip_types.ADDRESS_IP6, Un: ip_types.AddressUnionIP6(a.As16())}
}

// netipAddress reads an address; the unspecified one is none.
func netipAddress(a ip_types.Address) netip.Addr {
	ip := netip.AddrFrom4(a.Un.GetIP4())
	if a.Af == ip_types.ADDRESS_IP6 {
		ip = netip.AddrFrom16(a.Un.GetIP6())
	}
	if ip.IsUnspecified() {
		return netip.Addr{}
	}
	return ip
}

// text reads a string that VPP has padded.
func text(s string) string {
	s, _, _ = strings.Cut(s, "\x00")
	return s
}
