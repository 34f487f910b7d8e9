package tree

import "github.com/outrigger-cnf/outrigger/agent/schema"

// merge returns old, or nil, with n merged into it; n is shared, not changed.
// Values of leaf-lists of state and entries without keys have no identity: there
// n replaces what was, so that to merge twice is to merge once.
func merge(o *token, old, n *Node) *Node {
	if old == nil || old == n {
		return n
	}
	out := old
	switch {
	case isInterior(n.def.Kind) || n.IsEntry():
		for _, c := range n.parts().kids {
			before := out.Child(c.def)
			if before == nil && !out.observed() {
				c = c.configured(o)
			}
			after := merge(o, before, c)
			if after == nil || !after.says() || after == before {
				continue
			}
			out = out.own(o)
			out.setKid(c.def, after)
		}
	case n.def.Kind == schema.List && layoutOf(n.def) != asGiven:
		out = mergeList(o, old, n)
	case n.def.Kind == schema.LeafList && n.def.Config:
		out = addValues(o, n.def, old, n.Values()...)
	case n.def.Kind == schema.List || n.def.Kind == schema.LeafList || !sameValue(old, n):
		return n
	}
	if m := n.parts().rarely().meta; m != "" && m != out.parts().rarely().meta {
		out = out.own(o)
		out.setMeta(m)
	}
	return out
}

// mergeList merges the entries of n, which have keys, into those of old.
func mergeList(o *token, old, n *Node) *Node {
	if layoutOf(n.def) == bySystem && n.Len() > old.Len() {
		return mergeFew(o, old, n)
	}
	out := old
	for e := range n.Entries() {
		before := out.body.list.find(n.def, e.key())
		after := merge(o, before, e)
		if after == before {
			continue
		}
		out = out.own(o)
		out.body.list.put(o, after)
	}
	return out
}

// mergeFew is mergeList the other way round: it takes n and puts in what old has,
// merged, since that is less.
func mergeFew(o *token, old, n *Node) *Node {
	out := newList(n.def, o)
	*out.body.list = n.body.list.clone()
	for e := range old.Entries() {
		if also := n.body.list.find(n.def, e.key()); also != nil {
			e = merge(o, e, also)
		}
		out.body.list.put(o, e)
	}
	out.body.rare = old.body.rare
	return out
}
