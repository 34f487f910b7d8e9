package southbound

import (
	"context"
	"maps"
	"slices"

	"github.com/outrigger-cnf/outrigger/southbound/object"
	"github.com/outrigger-cnf/outrigger/southbound/plan"
)

// planning makes targets from what is seen and what is wished or, during a
// change, will be wished. It is the plan's World.
type planning struct {
	d   *Driver
	ctx context.Context // of the call that plans; a planning does not outlive it
	// change is what becomes of the wish; nil: it stays as it is.
	change *change
	// past is what was desired of objects when the dataplane was last brought to it,
	// where that has changed since.
	past   map[object.ID]*object.Claim
	byLink map[string][]*record // see newOn; nil until it is asked for
	// fresh is what was read just now.
	fresh map[object.ID]object.State
	// whole says that everything is brought to what is desired, from whatever it is.
	whole bool
	// replaced are links as the steps are to make them, before what was noted of such
	// until then.
	replaced, before map[string]Replaced
}

func (p *planning) wanted(id object.ID) *object.Claim { return p.wants(p.d.wish.find(id)) }

// wants is what is desired of the object of a record, which may be nil.
func (p *planning) wants(r *record) *object.Claim {
	switch {
	case r == nil:
		return nil
	case p.changes(r):
		return r.next
	}
	return r.claim
}

// changes reports whether the wish for an object changes.
func (p *planning) changes(r *record) bool {
	return r != nil && r.change != nil && r.change == p.change
}

// was is what is, or was before, desired of an object.
func (p *planning) was(id object.ID) *object.Claim {
	if c, ok := p.past[id]; ok {
		return c
	}
	return p.d.wished(id)
}

func (p *planning) state(id object.ID) object.State { return p.is(id, p.d.seen.find(id)) }

// is is what there is of an object; its record may be nil.
func (p *planning) is(id object.ID, r *record) object.State {
	if s, ok := p.fresh[id]; ok {
		return s
	}
	if r == nil {
		return nil
	}
	return r.state
}

// Wanted is what is desired of a link.
func (p *planning) Wanted(link string) *object.Claim { return p.wanted(object.LinkID(link)) }

// Claimed is what is desired of an object, nil if nothing is.
func (p *planning) Claimed(id object.ID) *object.Claim { return p.wanted(id) }

// Link is what is there.
func (p *planning) Link(name string) *object.LinkState {
	l, _ := p.state(object.LinkID(name)).(*object.LinkState)
	return l
}

// Addresses counts what is there.
func (p *planning) Addresses(link string, f object.Family) int {
	n := 0
	for a := range p.d.seen.Addresses(link) {
		if object.FamilyOf(a.IP) == f {
			n++
		}
	}
	return n
}

// Dependents are the desired objects that require a link, and those of ours on
// it. Without a link, they are the settings of links. Settings that somebody else
// has made are among them where a value of their own must survive.
func (p *planning) Dependents(link string) []plan.Target {
	on := make(set)
	if link == "" {
		maps.Copy(on, p.d.wish.settings)
	}
	maps.Copy(on, p.d.wish.byLink[link])
	for r := range p.d.seen.byLink[link] {
		if owned(r.state) {
			on[r] = struct{}{}
		}
	}
	for port := range p.d.seen.ports[link] {
		if r := p.d.seen.find(object.LinkID(port)); r != nil {
			on[r] = struct{}{}
		}
	}
	for _, r := range p.newOn(link) {
		on[r] = struct{}{}
	}
	targets := make([]plan.Target, 0, len(on))
	for r := range on {
		// What nobody wants is either foreign, a leftover of ours that a sweep will
		// see to, or among the plan's targets already.
		if p.wants(r) != nil {
			targets = append(targets, p.target(r.id))
		}
	}
	return slices.Concat(targets, p.astray(link), p.untied(link))
}

// newOn returns the objects of the change that are to require a link.
func (p *planning) newOn(link string) []*record {
	if p.change == nil {
		return nil
	}
	if p.byLink == nil {
		p.byLink = make(map[string][]*record)
		for _, r := range p.change.objects {
			if c := p.wants(r); c != nil {
				for name := range object.Links(c.Object) {
					p.byLink[name] = append(p.byLink[name], r)
				}
			}
		}
	}
	return p.byLink[link]
}

func owned(s object.State) bool {
	switch s := s.(type) {
	case *object.LinkState:
		return s.Owned
	case *object.AddressState:
		return s.Owned
	case *object.NeighborState:
		return s.Owned
	case *object.RouteState:
		return s.Owned
	}
	return false
}

// target brings together what there is of an object and what is desired of it,
// attributes included that go back to what they were.
func (p *planning) target(id object.ID) plan.Target {
	r := p.d.seen.find(id)
	want := p.wants(r)
	t := plan.Target{ID: id, Want: want}
	if id.Kind == object.KindSetting {
		p.readSetting(id)
	}
	state := p.is(id, r)
	t.Have, t.Owned = have(state, want)
	if route, ok := state.(*object.RouteState); ok {
		t.Seen = &route.Route
		t.Owned = t.Owned || shared(route, r)
	}
	t.Anew = p.whole && id.Kind == object.KindLink && want != nil && p.anew(want)
	switch {
	case t.Have == nil:
	case id.Kind == object.KindSetting && want == nil:
		t.Want, t.Owned = p.releasedSetting(id, *t.Have.(*object.Setting))
	case id.Kind == object.KindLink && (want != nil || !t.Owned):
		if back := p.released(id, t.Have); back != nil {
			t.Want = back
		}
	}
	return t
}

// encapsulation is the most that a tunnel over IPv6 adds to a packet that carries
// Ethernet.
const encapsulation = 70

// tooLarge reports whether the MTU that a link had is more than what the link below
// it lets it have by now. It then keeps the one that it has.
func (p *planning) tooLarge(have, from object.Object) bool {
	now, isLink := have.(*object.Link)
	was, also := from.(*object.Link)
	if !isLink || !also || now.Parent == "" {
		return false
	}
	lower, known := p.becomes(leader{object.LinkID(now.Parent), object.MTU})
	if now.Kind == object.VXLAN {
		lower -= min(lower, encapsulation)
	}
	return known && was.MTU > lower && was.MTU > now.MTU
}

// shared reports whether a route that seems to be somebody else's has our next
// hops among its own. Steps touch only ours.
func shared(s *object.RouteState, r *record) bool {
	if !s.Shared || r == nil || r.claim == nil {
		return false
	}
	ours := r.claim.Object.(*object.Route).NextHops
	now, _ := blankLinks(s.NextHops, ours)
	for _, h := range ours {
		if !slices.ContainsFunc(now, func(x object.NextHop) bool { return x.Via == h.Via && x.Link == h.Link }) {
			return false
		}
	}
	return true
}

// readSetting reads a setting, for a global one may have changed it meanwhile.
func (p *planning) readSetting(id object.ID) {
	o := p.identity(id)
	if _, known := p.fresh[id]; known || o == nil {
		return
	}
	for link := range object.Links(o) {
		if p.Link(link) == nil {
			return
		}
	}
	s, err := p.d.read(p.ctx, o)
	if err != nil || s == nil {
		return // it will show when it is written
	}
	if p.fresh == nil {
		p.fresh = make(map[object.ID]object.State)
	}
	p.fresh[id] = s
}

// freshMost is up to how many objects are read before a change; for more, what
// events have told must do. A step that finds things otherwise fails or adopts.
const freshMost = 64

// learn takes what was read just now into what is seen.
func (p *planning) learn() {
	for id, s := range p.fresh {
		p.d.see(id, s)
	}
}

// refresh reads the objects of a change anew, those that the backend wants read.
// Settings are always read, since not all tell their changes.
func (p *planning) refresh(ids []object.ID) error {
	few := len(ids) <= freshMost
	for _, id := range ids {
		if !few && id.Kind != object.KindSetting || !p.d.cfg.Backend.ReadFirst(id.Kind) {
			continue
		}
		o := p.identity(id)
		if o == nil {
			continue
		}
		s, err := p.d.read(p.ctx, o)
		if err != nil {
			return err
		}
		if p.fresh == nil {
			p.fresh = make(map[object.ID]object.State)
		}
		p.fresh[id] = s
	}
	return nil
}

// identity is an object with an ID: as desired, as seen, or as it once was.
func (p *planning) identity(id object.ID) object.Object {
	if c := p.wanted(id); c != nil {
		return c.Object
	}
	if c := p.d.wished(id); c != nil {
		return c.Object
	}
	if o, _ := have(p.d.seen.state(id), nil); o != nil {
		return o
	}
	return p.d.baseline[id].Object
}
