package vpp

import (
	"context"
	"errors"
	"net/netip"
	"strings"

	interfaces "go.fd.io/govpp/binapi/interface"
	"go.fd.io/govpp/binapi/interface_types"
	"go.fd.io/govpp/binapi/ip_types"

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
	firstMAC bool   // af-packet: the MAC address that it is made with
	sub      *interfaces.SwInterfaceDetails
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
	for _, d := range details {
		if l := decodeLink(d); l != nil {
			list, indexes = append(list, l), append(indexes, l.Index)
		}
	}
	var domains []*domain
	var upper map[uint32]layer3
	err := atOnce(ctx, append(b.fills(list),
		func(ctx context.Context) (err error) { domains, err = b.dumpDomains(ctx); return err },
		func(ctx context.Context) (err error) { upper, err = b.layer3(ctx, indexes); return err },
	))
	if err != nil {
		return nil, err
	}
	return list, b.finish(ctx, list, domains, upper)
}

// fills add to links what only messages of their kind tell.
func (b *Backend) fills(list []*link) []func(context.Context) error {
	byKind := make(map[object.LinkKind]map[uint32]*link)
	for _, l := range list {
		if byKind[l.Kind] == nil {
			byKind[l.Kind] = make(map[uint32]*link)
		}
		byKind[l.Kind][l.Index] = l
	}
	var jobs []func(context.Context) error
	for k, links := range byKind {
		if known, ok := linkKinds[k]; ok {
			jobs = append(jobs, func(ctx context.Context) error { return known.fill(ctx, b, links) })
		}
	}
	return jobs
}

// finish adds to links what they have to do with others.
func (b *Backend) finish(ctx context.Context, list []*link, domains []*domain, upper map[uint32]layer3) error {
	at := make(map[uint32]*link, len(list))
	for _, l := range list {
		at[l.Index] = l
		if k, ok := linkKinds[l.Kind]; ok && l.untagged {
			l.Owned = k.leftover(l)
		}
		if u, ok := upper[l.Index]; ok {
			l.Master = u.vrf
			if u.lender != noIndex {
				var err error
				if l.Lender, err = b.nameAt(ctx, u.lender); err != nil {
					return err
				}
			}
		}
	}
	return b.joinDomains(ctx, at, domains)
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
