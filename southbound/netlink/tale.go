package netlink

import (
	"context"
	"errors"
	"net/netip"

	"github.com/mdlayher/netlink"
	"golang.org/x/sys/unix"

	"github.com/outrigger-cnf/outrigger/southbound"
	"github.com/outrigger-cnf/outrigger/southbound/object"
)

// tale gathers notifications and tells what has changed.
//
// Links are read again, once per batch: their notifications come from many places
// of the kernel and not all are complete. So are IPv6 addresses, and whatever a
// deletion may have left something of. The creation of an IPv4 address, a
// neighbor or a route tells all of it; as notifications come in the order of the
// changes, it is taken as it is.
//
// Our own changes are left out where the kernel names their author: the driver
// knows of them, and would take a late echo for a change by somebody else.
type tale struct {
	b      *Backend
	count  int
	notes  []note
	links  map[uint32]int    // where in notes a link is to be read
	others map[object.ID]int // and any other object
	events southbound.Events
}

// note is something to tell, in order: a change that is complete, or an object to
// be read.
type note struct {
	change southbound.Change
	index  uint32        // a link to be read
	read   object.Object // any other object to be read
}

func newTale(b *Backend) *tale {
	return &tale{b: b, links: make(map[uint32]int), others: make(map[object.ID]int)}
}

// lost notes that notifications were lost: a dump is needed.
func (t *tale) lost() {
	if !t.events.Lost {
		t.b.stats.lost.Add(1)
	}
	t.events.Lost = true
}

// take takes in one datagram.
func (t *tale) take(datagram []byte) {
	err := messages(datagram, func(typ, flags uint16, pid uint32, data []byte) {
		t.count++
		t.b.stats.events.Add(1)
		if err := t.one(typ, flags, pid == t.b.pid, data); err != nil {
			t.b.log.Warn("a notification of the kernel was not understood", "type", typ, "err", err)
			t.lost()
		}
	})
	if err != nil {
		t.lost()
	}
}

func (t *tale) one(typ, flags uint16, own bool, data []byte) error {
	switch typ {
	case unix.RTM_NEWLINK, unix.RTM_DELLINK:
		return t.link(typ == unix.RTM_DELLINK, data)
	case unix.RTM_NEWADDR, unix.RTM_DELADDR:
		return t.address(typ == unix.RTM_DELADDR, own, data)
	case unix.RTM_NEWNEIGH, unix.RTM_DELNEIGH:
		return t.neighbor(typ == unix.RTM_DELNEIGH, own, data)
	case unix.RTM_NEWROUTE, unix.RTM_DELROUTE:
		return t.route(typ == unix.RTM_DELROUTE, flags, own, data)
	case unix.RTM_NEWNETCONF:
		return t.netconf(data)
	case unix.RTM_DELNEXTHOP:
		return t.nextHop(data)
	}
	return nil
}

func (t *tale) link(deleted bool, data []byte) error {
	r, err := decodeLink(data)
	if err != nil {
		return err
	}
	// A message of the bridge family is about the port, not the link.
	if !deleted || data[0] == unix.AF_BRIDGE {
		t.again(note{index: r.state.Index})
		return nil
	}
	t.b.names.forget(r.state.Index)
	t.notes = append(t.notes, note{change: southbound.Change{ID: object.LinkID(r.state.Name)}})
	return nil
}

// again notes that something must be read, after all that is noted so far; an
// earlier note of it is void.
func (t *tale) again(n note) {
	if n.index != 0 {
		if i, ok := t.links[n.index]; ok {
			t.notes[i] = note{}
		}
		t.links[n.index] = len(t.notes)
	} else {
		if i, ok := t.others[n.read.ID()]; ok {
			t.notes[i] = note{}
		}
		t.others[n.read.ID()] = len(t.notes)
	}
	t.notes = append(t.notes, n)
}

func (t *tale) address(deleted, own bool, data []byte) error {
	r, err := decodeAddress(data, t.b.cfg.Protocol)
	if err != nil {
		return err
	}
	s := t.b.address(r)
	switch {
	case s == nil: // its link has gone, and is told of
	case deleted || s.IP.Is6():
		if !own {
			t.again(note{read: &s.Address})
		}
	case !own:
		t.notes = append(t.notes, note{change: southbound.Change{ID: s.ID(), State: s}})
	}
	return nil
}

func (t *tale) neighbor(deleted, own bool, data []byte) error {
	r, err := decodeNeighbor(data, t.b.cfg.Protocol)
	if err != nil || own {
		return err
	}
	s := t.b.neighbor(r)
	if s == nil {
		return nil
	}
	c := southbound.Change{ID: s.ID()}
	if !deleted {
		c.State = s
	}
	t.notes = append(t.notes, note{change: c})
	return nil
}

var multicast6 = netip.MustParsePrefix("ff00::/8")

func (t *tale) route(deleted bool, flags uint16, own bool, data []byte) error {
	r, err := decodeRoute(data, t.b.cfg.Protocol)
	if err == nil && r.state.Type == object.Multicast && r.state.Prefix == multicast6 && r.out != 0 {
		// It comes and goes with IPv6 on a link that is up: nothing else tells that
		// this was switched.
		t.again(note{index: r.out})
	}
	if err != nil || own || !r.observed() {
		return err
	}
	t.b.names.useNextHop(r.nexthop)
	v6 := r.state.Prefix.Addr().Is6()
	switch {
	case deleted && !v6:
		t.notes = append(t.notes, note{change: southbound.Change{ID: r.state.ID()}})
	case deleted, v6 && !anyVia(r.hops), flags&unix.NLM_F_APPEND != 0:
		// Other next hops may be left, or there may be another entry of the
		// same prefix and metric.
		t.again(note{read: &r.state.Route})
	default:
		s := t.b.route(r, data)
		t.notes = append(t.notes, note{change: southbound.Change{ID: s.ID(), State: s}})
	}
	return nil
}

// Attributes of RTM_NEWNETCONF (linux/netconf.h).
const (
	netconfHeader     = 4
	netconfIndex      = 1
	netconfForwarding = 2
	netconfAll        = -1
)

// netconf reads a notification of a link's settings.
func (t *tale) netconf(data []byte) error {
	if len(data) < netconfHeader {
		return errShort
	}
	s := &object.Setting{Name: object.Forwarding, Family: object.IPv4}
	if data[0] == unix.AF_INET6 {
		s.Family = object.IPv6
	} else if data[0] != unix.AF_INET {
		return nil
	}
	ad, err := netlink.NewAttributeDecoder(data[netconfHeader:])
	if err != nil {
		return err
	}
	var index int32
	forwarding := false
	for ad.Next() {
		switch ad.Type() {
		case netconfIndex:
			index = ad.Int32()
		case netconfForwarding:
			forwarding = true
		}
	}
	if err := ad.Err(); err != nil || !forwarding {
		return err
	}
	if index != netconfAll {
		if index <= 0 {
			return nil
		}
		if s.Link = t.b.names.get(uint32(index)); s.Link == "" {
			return nil
		}
	}
	t.again(note{read: s})
	return nil
}

const (
	nextHopObjectHeader = 8 // struct nhmsg
	nhaID               = 1 // NHA_ID
)

// nextHop sees nexthop objects go, which take the IPv4 routes that use them along
// without notice.
func (t *tale) nextHop(data []byte) error {
	if len(data) < nextHopObjectHeader {
		return errShort
	}
	ad, err := netlink.NewAttributeDecoder(data[nextHopObjectHeader:])
	if err != nil {
		return err
	}
	for ad.Next() {
		if ad.Type() == nhaID && t.b.names.dropNextHop(ad.Uint32()) {
			t.lost()
		}
	}
	return ad.Err()
}

// tell reads what must be read and gives all changes in order. After a loss
// nothing is told: the dump will.
func (t *tale) tell(ctx context.Context) (southbound.Events, error) {
	if t.events.Lost {
		return southbound.Events{Lost: true}, nil
	}
	routes := make(map[uint8]map[object.ID]object.State) // listings, by family
	for _, n := range t.notes {
		switch {
		case n.index != 0:
			if err := t.readLink(n.index); err != nil {
				return southbound.Events{}, err
			}
		case n.read != nil:
			s, err := t.read(ctx, n.read, routes)
			if err != nil {
				return southbound.Events{}, err
			}
			t.events.Changes = append(t.events.Changes, southbound.Change{ID: n.read.ID(), State: s})
		case !n.change.ID.IsZero():
			t.events.Changes = append(t.events.Changes, n.change)
		}
		if t.events.Lost {
			return southbound.Events{Lost: true}, nil
		}
	}
	return t.events, nil
}

// readLink reads a link that was told of. If it has another name than before, all
// that stands on it has another identity: a dump sorts that out.
func (t *tale) readLink(index uint32) error {
	t.b.names.mu.Lock()
	before := t.b.names.byIndex[index]
	t.b.names.mu.Unlock()
	r, err := t.b.readRawLink(index, "")
	if err != nil || r == nil { // gone: its deletion is or will be told
		return err
	}
	s := t.b.link(r)
	if before != "" && before != s.Name {
		t.lost()
		return nil
	}
	t.events.Changes = append(t.events.Changes, southbound.Change{ID: s.ID(), State: s})
	// The kernel does not tell by itself that the IPv6 MTU has followed the link's,
	// nor that a link is without IPv6.
	for id, st := range r.settings() {
		t.events.Changes = append(t.events.Changes, southbound.Change{ID: id, State: st})
	}
	return nil
}

// read reads an object; of many routes, the table only once.
func (t *tale) read(ctx context.Context, o object.Object, listed map[uint8]map[object.ID]object.State) (object.State, error) {
	r, ok := o.(*object.Route)
	if !ok {
		if a, ok := o.(*object.Address); ok && a.IP.Is6() {
			return t.b.readAddress6(a)
		}
		return t.b.Read(ctx, o)
	}
	fam := family(r.Prefix.Addr())
	if all, ok := listed[fam]; ok {
		return all[r.ID()], nil
	}
	if s, certain := t.b.match(r); certain {
		if s == nil {
			return nil, nil
		}
		return s, nil
	}
	list, err := t.b.dumpRoutes(ctx, fam, 0)
	if err != nil {
		return nil, err
	}
	all := make(map[object.ID]object.State, len(list))
	for _, s := range list {
		all[s.ID()] = s
	}
	listed[fam] = all
	return all[r.ID()], nil
}

// readAddress6 reads one IPv6 address, which the kernel can be asked for.
func (b *Backend) readAddress6(a *object.Address) (object.State, error) {
	index, err := b.index(a.Link)
	if err != nil {
		return nil, gone(err)
	}
	query, err := addressMessage(unix.AF_INET6, 0, index, func(ae *netlink.AttributeEncoder) {
		ae.Bytes(unix.IFA_ADDRESS, a.IP.AsSlice())
	})
	if err != nil {
		return nil, err
	}
	msgs, err := b.get(unix.RTM_GETADDR, query)
	if errors.Is(err, unix.EADDRNOTAVAIL) || errors.Is(err, unix.ENODEV) {
		return nil, nil
	}
	if err != nil || len(msgs) == 0 {
		return nil, err
	}
	r, err := decodeAddress(msgs[0].Data, b.cfg.Protocol)
	if err != nil {
		return nil, err
	}
	if s := b.address(r); s != nil {
		return s, nil
	}
	return nil, nil
}
