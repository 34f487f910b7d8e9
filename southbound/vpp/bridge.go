package vpp

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"go.fd.io/govpp/api"
	"go.fd.io/govpp/binapi/ethernet_types"
	"go.fd.io/govpp/binapi/interface_types"
	"go.fd.io/govpp/binapi/l2"

	"github.com/outrigger-cnf/outrigger/southbound"
	"github.com/outrigger-cnf/outrigger/southbound/object"
	"github.com/outrigger-cnf/outrigger/southbound/plan"
	"github.com/outrigger-cnf/outrigger/southbound/vpp/conn"
)

// bridges are links of kind Bridge: a bridge domain with the interface by which
// VPP itself is in it (BVI). The domain is tagged with the bridge's name, the
// interface has that name.
type bridges struct{ plainKind }

// defaultAge is how long a new bridge keeps an address that it has learnt, as Linux
// does; VPP would keep it for ever.
const defaultAge = 300

func (bridges) feature() conn.Feature {
	return conn.Feature{Name: "bridge domains", Messages: []api.Message{
		&l2.BridgeDomainAddDelV2{}, &l2.BridgeDomainAddDelV2Reply{},
		&l2.BridgeDomainDump{}, &l2.BridgeDomainDetails{},
		&l2.BridgeDomainSetMacAge{}, &l2.BridgeDomainSetMacAgeReply{},
		&l2.BviCreate{}, &l2.BviCreateReply{}, &l2.BviDelete{}, &l2.BviDeleteReply{},
		&l2.SwInterfaceSetL2Bridge{}, &l2.SwInterfaceSetL2BridgeReply{},
		&l2.L2InterfaceVlanTagRewrite{}, &l2.L2InterfaceVlanTagRewriteReply{},
		&l2.L2Flags{}, &l2.L2FlagsReply{},
	}}
}

// domain is a bridge domain.
type domain struct {
	id    uint32
	tag   string
	bvi   uint32 // noIndex: none
	age   uint8  // minutes; 0: for ever
	ports []l2.BridgeDomainSwIf
}

// owner is the name of the bridge that a domain was made for here; empty if it is
// somebody else's.
func (d *domain) owner() string {
	name, _ := strings.CutPrefix(d.tag, mark+markEnd)
	if name == d.tag {
		return ""
	}
	return name
}

// numberName is the name of a domain that has no other.
func (d *domain) numberName() string { return fmt.Sprintf("bridge-domain-%d", d.id) }

// domainName is what the ports of a domain have as their master: the bridge that it
// was made for here, or its BVI, or one that says its number.
func (b *Backend) domainName(ctx context.Context, d *domain) (string, error) {
	if name := d.owner(); name != "" {
		return name, nil
	}
	if d.bvi != noIndex {
		if name, err := b.nameAt(ctx, d.bvi); name != "" || err != nil {
			return name, err
		}
	}
	return d.numberName(), nil
}

// dumpDomains lists the bridge domains; none where VPP does not have them.
func (b *Backend) dumpDomains(ctx context.Context) ([]*domain, error) {
	if !b.conn.Has("bridge domains") {
		return nil, nil
	}
	return b.domains(ctx, noIndex)
}

func (b *Backend) domains(ctx context.Context, id uint32) ([]*domain, error) {
	list, err := conn.Dump[l2.BridgeDomainDetails](ctx, b.conn, &l2.BridgeDomainDump{
		BdID: id, SwIfIndex: interface_types.InterfaceIndex(noIndex),
	})
	if err != nil {
		return nil, err
	}
	return decodeDomains(list), nil
}

func decodeDomains(list []*l2.BridgeDomainDetails) []*domain {
	domains := make([]*domain, len(list))
	for i, d := range list {
		domains[i] = &domain{id: d.BdID, tag: text(d.BdTag), bvi: uint32(d.BviSwIfIndex), age: d.MacAge, ports: d.SwIfDetails}
	}
	return domains
}

// has reports whether an interface is in the domain.
func (d *domain) has(index uint32) bool {
	return d.bvi == index || slices.ContainsFunc(d.ports, func(p l2.BridgeDomainSwIf) bool { return uint32(p.SwIfIndex) == index })
}

// domainNamed finds the domain of a bridge; nil if there is none of that name.
func (b *Backend) domainNamed(ctx context.Context, name string) (*domain, error) {
	list, err := b.dumpDomains(ctx)
	if err != nil {
		return nil, err
	}
	var foreign []*domain
	for _, d := range list {
		switch d.owner() {
		case name:
			return d, nil
		case "":
			foreign = append(foreign, d)
		}
	}
	if len(foreign) == 0 {
		return nil, nil
	}
	bvi, err := b.find(ctx, name)
	if err != nil {
		return nil, err
	}
	for _, d := range foreign {
		if bvi != nil && d.bvi == uint32(bvi.SwIfIndex) || d.bvi == noIndex && d.numberName() == name {
			return d, nil
		}
	}
	return nil, nil
}

// joinDomains tells links which domain they are in, and BVIs that they are bridges.
func (b *Backend) joinDomains(ctx context.Context, at map[uint32]*link, domains []*domain) error {
	bvis := make(map[uint32]bool)
	for _, d := range domains {
		if l := at[d.bvi]; l != nil {
			bvis[d.bvi] = true
			l.domain = d.id
			l.Kind, l.AgeingTime = object.Bridge, 60*uint32(d.age)
			if l.Owned && d.owner() != l.Name { // a leftover, or somebody else's domain
				l.Kind = object.Ethernet
			}
		}
		for _, p := range d.ports {
			l := at[uint32(p.SwIfIndex)]
			if l == nil || l.Index == d.bvi {
				continue
			}
			name, err := b.domainName(ctx, d)
			if err != nil {
				return err
			}
			l.domain, l.group, l.Master = d.id, p.Shg, name
		}
	}
	for _, l := range at {
		if l.Kind == object.Bridge && !bvis[l.Index] {
			l.notMadeSo()
		}
	}
	return nil
}

// create makes the domain, then the interface, then joins them. A domain of that
// name that is there is what is left of one that was not finished.
func (k bridges) create(ctx context.Context, b *Backend, l *object.Link, s plan.Step) (uint32, error) {
	if err := b.deleteBrokenBridge(ctx, l.Name); err != nil && !isGone(err) {
		return 0, err
	}
	age := uint32(defaultAge)
	if s.Has(object.AgeingTime) {
		age = l.AgeingTime
	}
	id, err := b.addDomain(ctx, &domain{id: noIndex, tag: mark + markEnd + l.Name, age: uint8(age / 60)})
	if err != nil {
		return 0, err
	}
	var back undo
	back.add(func(ctx context.Context) error { return b.deleteDomain(ctx, id) })
	var reply l2.BviCreateReply
	err = b.tryNumbers(lowNumbers, l.Name, func(n uint32) error {
		reply = l2.BviCreateReply{}
		return b.write(ctx, &l2.BviCreate{Mac: ethernet_types.MacAddress(b.ownMAC(l.Name)), UserInstance: n}, &reply)
	})
	if err != nil {
		return 0, back.run(ctx, err)
	}
	back.add(func(ctx context.Context) error {
		return b.write(ctx, &l2.BviDelete{SwIfIndex: reply.SwIfIndex}, &l2.BviDeleteReply{})
	})
	if err := b.join(ctx, member{index: uint32(reply.SwIfIndex), domain: id, as: l2.L2_API_PORT_TYPE_BVI}); err != nil {
		return 0, back.run(ctx, err)
	}
	return uint32(reply.SwIfIndex), nil
}

func (b *Backend) addDomain(ctx context.Context, d *domain) (uint32, error) {
	var reply l2.BridgeDomainAddDelV2Reply
	err := b.write(ctx, &l2.BridgeDomainAddDelV2{
		BdID: d.id, Flood: true, UuFlood: true, Forward: true, Learn: true, MacAge: d.age, BdTag: d.tag, IsAdd: true,
	}, &reply)
	return reply.BdID, err
}

func (b *Backend) deleteDomain(ctx context.Context, id uint32) error {
	return b.write(ctx, &l2.BridgeDomainAddDelV2{BdID: id}, &l2.BridgeDomainAddDelV2Reply{})
}

// port reports whether the link is a port of a bridge: a bridge is none of its own.
func (l *link) port() bool { return l.domain != 0 && l.Kind != object.Bridge }

// member is an interface in a bridge domain, with what it loses when it leaves.
type member struct {
	index, domain uint32
	as            l2.L2PortType
	group         uint8 // of ports that do not flood each other
	// rewrite is what is done to the tags of frames that come in, and undone to
	// those that go out.
	rewrite l2.L2InterfaceVlanTagRewrite
}

// popOne takes one tag off (L2_VTR_POP_1 of VPP).
const popOne = 3

// memberOf is a link as it is in its domain.
func memberOf(l *link) member {
	return member{index: l.Index, domain: l.domain, group: l.group, rewrite: l2.L2InterfaceVlanTagRewrite{
		VtrOp: l.sub.VtrOp, PushDot1q: l.sub.VtrPushDot1q, Tag1: l.sub.VtrTag1, Tag2: l.sub.VtrTag2,
	}}
}

func (b *Backend) join(ctx context.Context, p member) error {
	index := interface_types.InterfaceIndex(p.index)
	err := b.write(ctx, &l2.SwInterfaceSetL2Bridge{
		RxSwIfIndex: index, BdID: p.domain, PortType: p.as, Shg: p.group, Enable: true,
	}, &l2.SwInterfaceSetL2BridgeReply{})
	if err != nil || p.rewrite.VtrOp == 0 {
		return err
	}
	p.rewrite.SwIfIndex = index
	if err := b.write(ctx, &p.rewrite, &l2.L2InterfaceVlanTagRewriteReply{}); err != nil {
		var back undo
		back.add(func(ctx context.Context) error { return b.leave(ctx, p.index) })
		return back.run(ctx, err)
	}
	return nil
}

func (b *Backend) leave(ctx context.Context, index uint32) error {
	return b.write(ctx, &l2.SwInterfaceSetL2Bridge{RxSwIfIndex: interface_types.InterfaceIndex(index)}, &l2.SwInterfaceSetL2BridgeReply{})
}

// remove empties the domain, deletes it, and then its BVI: a domain with ports
// cannot be deleted. A BVI that was never joined or named goes alone.
func (k bridges) remove(ctx context.Context, b *Backend, l *link) error {
	d, err := b.ownDomain(ctx, l.Name)
	if err != nil {
		return err
	}
	var back undo
	switch {
	case d != nil:
		if back, err = b.dissolve(ctx, d); err != nil {
			return err
		}
	case l.domain != 0:
		if err := b.leave(ctx, l.Index); err != nil {
			return err
		}
		back.add(func(ctx context.Context) error {
			return b.join(ctx, member{index: l.Index, domain: l.domain, as: l2.L2_API_PORT_TYPE_BVI})
		})
	}
	if err := b.write(ctx, &l2.BviDelete{SwIfIndex: l.at()}, &l2.BviDeleteReply{}); err != nil {
		return back.run(ctx, err)
	}
	return nil
}

// dissolve empties a domain and deletes it, and returns what puts it back.
func (b *Backend) dissolve(ctx context.Context, d *domain) (undo, error) {
	var back undo
	for _, p := range d.ports {
		was := member{index: uint32(p.SwIfIndex), domain: d.id, as: l2.L2_API_PORT_TYPE_BVI, group: p.Shg}
		if was.index != d.bvi {
			details, err := b.interfaceAt(ctx, was.index)
			if err != nil {
				return nil, back.run(ctx, err)
			}
			if details == nil {
				continue
			}
			was = memberOf(&link{LinkState: object.LinkState{Index: was.index}, sub: details, domain: d.id, group: p.Shg})
		}
		if err := b.leave(ctx, was.index); err != nil {
			return nil, back.run(ctx, err)
		}
		back.add(func(ctx context.Context) error { return b.join(ctx, was) })
	}
	if err := b.deleteDomain(ctx, d.id); err != nil {
		return nil, back.run(ctx, err)
	}
	back.add(func(ctx context.Context) error { _, err := b.addDomain(ctx, d); return err })
	return back, nil
}

func (bridges) leftover(l *link) bool { return lowNumbers.leftover(l.Name, "bvi") }

// brokenBridges are the domains of ours without the interface that makes them a
// bridge: a process was killed while it made or deleted one. They are shown as
// links of ours of no kind, so that they are made anew or swept.
func (b *Backend) brokenBridges(ctx context.Context, links []*link) ([]*object.LinkState, error) {
	there := make(map[string]bool, len(links))
	for _, l := range links {
		there[l.Name] = true
	}
	domains, err := b.dumpDomains(ctx)
	if err != nil {
		return nil, err
	}
	var broken []*object.LinkState
	for _, d := range domains {
		if name := d.owner(); name != "" && !there[name] {
			broken = append(broken, brokenState(name))
		}
	}
	return broken, nil
}

func brokenState(name string) *object.LinkState {
	return &object.LinkState{Link: object.Link{Name: name, Kind: object.Other}, Owned: true, Oper: object.OperNotPresent}
}

// brokenBridge reads one of them by its name, of which there is no interface.
func (b *Backend) brokenBridge(ctx context.Context, name string) (*object.LinkState, error) {
	d, err := b.ownDomain(ctx, name)
	if d == nil || err != nil {
		return nil, err
	}
	return brokenState(name), nil
}

func (b *Backend) ownDomain(ctx context.Context, name string) (*domain, error) {
	domains, err := b.dumpDomains(ctx)
	if err != nil {
		return nil, err
	}
	for _, d := range domains {
		if d.owner() == name {
			return d, nil
		}
	}
	return nil, nil
}

// deleteBrokenBridge deletes a domain of ours whose interface is not there.
func (b *Backend) deleteBrokenBridge(ctx context.Context, name string) error {
	d, err := b.ownDomain(ctx, name)
	if err != nil {
		return err
	}
	if d == nil {
		return southbound.Because(southbound.ErrGone, "link %s is not there", name)
	}
	_, err = b.dissolve(ctx, d)
	return err
}
