package schema

import (
	"cmp"
	"slices"
)

// fewChildren is the number of data children up to which a scan finds one as
// fast as a binary search does.
const fewChildren = 8

// New makes a Schema of a tree and its modules. The caller has set all exported
// fields but the derived ones, which New fills: Parent, DataParent, Data, Index
// and the indexes by name. Both arguments belong to the Schema from then on.
func New(root *Node, modules []*Module) *Schema {
	s := &Schema{
		Root:        root,
		Modules:     modules,
		byName:      make(map[string]*Module, len(modules)),
		byNamespace: make(map[string]*Module, len(modules)),
	}
	slices.SortStableFunc(modules, func(a, b *Module) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Revision, b.Revision))
	})
	for _, m := range modules {
		m.schema = s
		slices.SortStableFunc(m.Identities, func(a, b *Identity) int { return cmp.Compare(a.Name, b.Name) })
		// Later ones are newer, and one that is implemented is never replaced.
		if old := s.byName[m.Name]; old == nil || m.Implemented || !old.Implemented {
			s.byName[m.Name] = m
		}
	}
	for _, m := range s.byName {
		s.byNamespace[m.Namespace] = m
	}
	l := linker{}
	l.count(root)
	l.pointers = make([]*Node, 0, l.total)
	l.link(root, nil, nil)
	return s
}

// linker fills the derived fields. All Data and byName slices share one array:
// a schema has thousands of small ones.
type linker struct {
	total    int
	pointers []*Node
}

// count finds how long the shared array has to be.
func (l *linker) count(n *Node) {
	if isData(n) {
		l.total += 2 // once in Data, at most once in byName
	}
	for _, c := range n.Children {
		l.count(c)
	}
}

func (l *linker) link(n, parent, dataParent *Node) {
	n.Parent, n.DataParent = parent, dataParent
	if n.Kind != Choice && n.Kind != Case {
		l.fillData(n)
		dataParent = n
	}
	for _, c := range n.Children {
		l.link(c, n, dataParent)
	}
}

// fillData gathers the data nodes below n, keys first.
func (l *linker) fillData(n *Node) {
	start := len(l.pointers)
	l.pointers = append(l.pointers, n.Keys...)
	l.gather(n, n.Keys)
	n.Data = l.cut(start)
	for i, c := range n.Data {
		c.Index = i
	}
	if len(n.Data) > fewChildren {
		start = len(l.pointers)
		l.pointers = append(l.pointers, n.Data...)
		n.byName = l.cut(start)
		slices.SortStableFunc(n.byName, func(a, b *Node) int { return cmp.Compare(a.Name, b.Name) })
	}
}

func (l *linker) gather(n *Node, keys []*Node) {
	for _, c := range n.Children {
		switch {
		case c.Kind == Choice || c.Kind == Case:
			l.gather(c, keys)
		case isData(c) && !slices.Contains(keys, c):
			l.pointers = append(l.pointers, c)
		}
	}
}

// cut returns what was appended since start, without spare capacity.
func (l *linker) cut(start int) []*Node {
	end := len(l.pointers)
	if start == end {
		return nil
	}
	return l.pointers[start:end:end]
}

// isData tells the kinds whose instances are in a data tree (RFC 7950 §3).
func isData(n *Node) bool { return n.Kind >= Container && n.Kind <= AnyXML }
