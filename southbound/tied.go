package southbound

import (
	"net/netip"
	"slices"

	"github.com/outrigger-cnf/outrigger/southbound/object"
	"github.com/outrigger-cnf/outrigger/southbound/plan"
)

// Some dataplanes have IPv6 on where a link has an IPv6 address, and off again once
// the last one has gone. That it was on for our addresses before it was configured is
// then no more than that it followed them.

// tied reports whether a setting is of that kind.
func (d *Driver) tied(s *object.Setting) bool {
	if s.Name != object.ProtocolEnabled || s.Family != object.IPv6 || s.Link == "" {
		return false
	}
	on := *s
	on.Value = 1
	a := &object.Address{Link: s.Link, IP: netip.IPv6LinkLocalAllNodes(), PrefixLength: 128}
	return d.cfg.Backend.Takes(plan.Step{Op: plan.Delete, ID: a.ID(), Have: a}, &on)
}

// addressed tells whether a link has IPv6 addresses of ours, and of others; those of
// the link layer come and go with IPv6 itself.
func (d *Driver) addressed(link string) (ours, others bool) {
	for a := range d.seen.Addresses(link) {
		if a.IP.Is6() && a.Origin != object.OriginLinkLayer {
			ours, others = ours || a.Owned, others || !a.Owned
		}
	}
	return ours, others
}

// tiedFollows reports whether IPv6 of a link is on for our addresses alone.
func (d *Driver) tiedFollows(s *object.Setting) bool {
	ours, others := d.addressed(s.Link)
	return s.Value == 1 && ours && !others
}

// tiedBack is what such a setting goes back to: it stays as it is while there are to
// be addresses.
func (p *planning) tiedBack(now *object.Setting, base Baseline) uint32 {
	_, keeps := p.d.addressed(now.Link)
	for r := range p.d.wish.byLink[now.Link] {
		keeps = keeps || isIPv6Address(p.wants(r))
	}
	for _, r := range p.newOn(now.Link) {
		keeps = keeps || isIPv6Address(p.wants(r))
	}
	switch {
	case keeps:
		return now.Value
	case base.Follows:
		return 0
	}
	return base.Object.(*object.Setting).Value
}

func isIPv6Address(c *object.Claim) bool {
	if c == nil {
		return false
	}
	a, ok := c.Object.(*object.Address)
	return ok && a.IP.Is6()
}

// tiedIsBack reports whether such a setting that followed does so again. As long as
// there are addresses nothing tells whether it would go off with them.
func (d *Driver) tiedIsBack(s *object.Setting) bool {
	ours, others := d.addressed(s.Link)
	return s.Value == 0 && !ours && !others
}

// addressesFirst puts steps that switch such settings on behind those that bring the
// first address back that they were on for: it would not go off with that again.
func (d *Driver) addressesFirst(steps []plan.Step) []plan.Step {
	for i := len(steps) - 1; i >= 0; i-- {
		set, ok := steps[i].Want.(*object.Setting)
		if !ok || set.Value != 1 || !d.tied(set) {
			continue
		}
		behind := slices.IndexFunc(steps[i:], func(s plan.Step) bool {
			a, ok := s.Want.(*object.Address)
			return ok && s.Op == plan.Create && a.Link == set.Link && a.IP.Is6()
		})
		if behind > 0 {
			moved := steps[i]
			copy(steps[i:], steps[i+1:i+behind+1])
			steps[i+behind] = moved
		}
	}
	return steps
}

// untied is such a setting of a link that nobody configures any more, and that is to
// go back once its addresses have gone.
func (p *planning) untied(link string) []plan.Target {
	id := object.SettingID(object.ProtocolEnabled, object.IPv6, link)
	base, changed := p.d.baseline[id]
	if link == "" || !changed || !base.of(p.Link) || p.wanted(id) != nil || !p.d.tied(base.Object.(*object.Setting)) {
		return nil
	}
	if t := p.target(id); t.Want != nil {
		return []plan.Target{t}
	}
	return nil
}
