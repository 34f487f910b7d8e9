package object

import (
	"slices"

	"github.com/outrigger-cnf/outrigger/agent/fault"
	"github.com/outrigger-cnf/outrigger/agent/path"
)

// Source says which node of the configuration sets an attribute.
type Source struct {
	Attr Attr
	// at and below, joined, are the node. There are many nodes, and what is below
	// an interface, say, is the same of each.
	at, below path.Path
	common    bool // below is the same path in all claims
}

// Path is the node.
func (s Source) Path() path.Path { return s.at.Join(s.below) }

// Claim is what one place of one model says of one object: the attributes that
// From names, and no others. Their values are in Object, whose other fields mean
// nothing. A claim without any source says that the object shall be, no more.
//
// A merged claim has the sources of all; an attribute that two models set to the
// same value then has two.
type Claim struct {
	Object Object
	// At is the node that speaks of the object as a whole: a list entry.
	At   path.Path
	From []Source
}

// NewClaim says of o the attributes given, all of them set at one node.
func NewClaim(o Object, at path.Path, attrs ...Attr) Claim {
	c := Claim{Object: o, At: at}
	for _, a := range attrs {
		c.Add(a, at)
	}
	return c
}

// Add says that the node at p sets an attribute.
func (c *Claim) Add(a Attr, p path.Path) {
	if p.HasPrefix(c.At) {
		c.From = append(c.From, Source{Attr: a, at: c.At, below: p[len(c.At):]})
		return
	}
	c.From = append(c.From, Source{Attr: a, at: p})
}

// AddBelow is Add with the path of the node below At: one that the caller has for
// all claims, and does not make for each.
func (c *Claim) AddBelow(a Attr, below path.Path) {
	c.From = append(c.From, Source{Attr: a, at: c.At, below: below, common: true})
}

// Share has the nodes below At be what shared returns for them: the same path, of
// which it has one for all claims.
func (c *Claim) Share(shared func(below path.Path) path.Path) {
	for i, s := range c.From {
		if len(s.below) > 0 && !s.common {
			c.From[i].below, c.From[i].common = shared(s.below), true
		}
	}
}

// ID is the object's.
func (c *Claim) ID() ID { return c.Object.ID() }

// Has reports whether the attribute is claimed.
func (c *Claim) Has(a Attr) bool {
	return slices.ContainsFunc(c.From, func(s Source) bool { return s.Attr == a })
}

// Path returns the node that sets the attribute, and At where none does.
func (c *Claim) Path(a Attr) path.Path {
	for _, s := range c.From {
		if s.Attr == a {
			return s.Path()
		}
	}
	return c.At
}

// Implied returns the claims that follow from c: the other end of a veth.
func (c *Claim) Implied() []Claim {
	l, ok := c.Object.(*Link)
	if !ok || l.Kind != Veth || l.Peer == "" || !c.Has(LinkKindAttr) {
		return nil
	}
	peer := Claim{Object: &Link{Name: l.Peer, Kind: Veth, Peer: l.Name}, At: c.At}
	peer.Add(LinkKindAttr, c.Path(LinkKindAttr))
	peer.Add(Peer, c.Path(Peer))
	return []Claim{peer}
}

// Merge joins the claims of one object. Two claims that give an attribute
// different values are an error at the second's node that names the first's.
// The claims stay as they are.
func Merge(claims []Claim) (Claim, error) {
	if len(claims) == 1 {
		return claims[0], nil
	}
	merged := Claim{Object: claims[0].Object.clone(), At: claims[0].At}
	merged.From = slices.Clone(claims[0].From)
	for _, c := range claims[1:] {
		for _, s := range c.From {
			if merged.Has(s.Attr) {
				if !Same(merged.Object, c.Object, s.Attr) {
					return Claim{}, contradiction(&merged, &c, s)
				}
			} else if at, ok := find(merged.Object, s.Attr); ok {
				at.copy(merged.Object, c.Object)
			}
		}
		merged.From = append(merged.From, c.From...)
	}
	return merged, nil
}

func contradiction(first, second *Claim, s Source) error {
	return fault.New(fault.InvalidValue, s.Path(),
		"%s of %s is %s here, but %s sets it to %s: both must say the same, or one of them must go",
		s.Attr, first.ID(), Text(second.Object, s.Attr), first.Path(s.Attr), Text(first.Object, s.Attr))
}
