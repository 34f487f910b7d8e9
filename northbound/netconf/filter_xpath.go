package netconf

import (
	"github.com/outrigger-cnf/outrigger/agent/path"
	"github.com/outrigger-cnf/outrigger/agent/schema"
)

// wantPaths selects the subtrees at paths, as an XPath filter does (RFC 6241
// §8.9.5): each with its ancestors, and with the keys of the list entries that
// it is in.
func wantPaths(s *schema.Schema, paths []path.Path) *want {
	root := &want{}
	for _, p := range paths {
		w, def := root, s.Root
		for _, e := range p {
			if def = def.Child(e.Module, e.Name); def == nil {
				break
			}
			w = w.group(def).one(e)
		}
		if def != nil && w != nil {
			w.all = true
		}
	}
	return root
}

// one returns the one want of the instance that e names. For one value of a
// leaf-list, which has nothing below it, that is nil.
func (g *group) one(e path.Elem) *want {
	if g.def.Kind == schema.LeafList && len(e.Keys) == 1 {
		if len(g.others) == 0 {
			g.others = []*want{{}}
		}
		g.others[0].values = append(g.others[0].values, e.Keys[0].Value)
		return nil
	}
	list := &g.others
	if g.def.Kind == schema.List && len(e.Keys) > 0 {
		keys := make([]string, len(e.Keys))
		for i, k := range e.Keys {
			keys[i] = k.Value
		}
		list = &g.entry(keys).wants
	}
	if len(*list) == 0 {
		*list = []*want{{}}
	}
	return (*list)[0]
}
