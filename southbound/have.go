package southbound

import (
	"slices"

	"github.com/outrigger-cnf/outrigger/southbound/object"
)

// have is what is there in terms of an object, and whether it may be replaced. It
// is a part of the state as far as it can be.
func have(s object.State, want *object.Claim) (object.Object, bool) {
	switch s := s.(type) {
	case *object.LinkState:
		// The other end of a veth may have been taken out of sight.
		if w := desired[*object.Link](want); w != nil && w.Peer != "" && s.Kind == object.Veth && s.Peer == "" {
			l := s.Link
			l.Peer = w.Peer
			return &l, s.Owned
		}
		return &s.Link, s.Owned
	case *object.AddressState:
		if w := desired[*object.Address](want); w != nil && s.Other != 0 && w.PrefixLength == s.PrefixLength {
			a := s.Address
			a.PrefixLength = s.Other // which must go
			return &a, s.Owned
		}
		return &s.Address, s.Owned
	case *object.NeighborState:
		if s.Origin == object.OriginDynamic && !s.Owned {
			// Learnt entries give way; as objects they are not there.
			if want == nil {
				return nil, false
			}
			n := s.Neighbor
			n.MAC = object.MACAddr{}
			return &n, true
		}
		return &s.Neighbor, s.Owned
	case *object.RouteState:
		if w := desired[*object.Route](want); w != nil {
			if hops, other := blankLinks(s.NextHops, w.NextHops); other {
				r := s.Route
				r.NextHops = hops
				return &r, s.Owned
			}
		}
		return &s.Route, s.Owned
	case *object.SettingState:
		return &s.Setting, true
	}
	return nil, false
}

// desired is the object that a claim is of, the zero one where it is of none or of
// another type.
func desired[O object.Object](c *object.Claim) (o O) {
	if c != nil {
		o, _ = c.Object.(O)
	}
	return o
}

// Satisfies reports whether what is there is as a claim wants it.
func Satisfies(s object.State, c *object.Claim) bool {
	if s == nil {
		return false
	}
	o, _ := have(s, c)
	if o == nil {
		return false
	}
	for _, from := range c.From {
		if !object.Same(o, c.Object, from.Attr) {
			return false
		}
	}
	return true
}

// blankLinks leaves the link out of those next hops that are wanted by their
// gateway alone: the dataplane always knows the link.
func blankLinks(hops, want []object.NextHop) (blank []object.NextHop, other bool) {
	for _, w := range want {
		if w.Link != "" {
			continue
		}
		i := slices.IndexFunc(hops, func(h object.NextHop) bool { return h.Via == w.Via && h.Link != "" })
		if i < 0 {
			continue
		}
		if !other {
			hops, other = slices.Clone(hops), true
		}
		hops[i].Link = ""
	}
	return hops, other
}
