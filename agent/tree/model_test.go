package tree_test

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/outrigger-cnf/outrigger/agent/path"
	"github.com/outrigger-cnf/outrigger/agent/schema"
	"github.com/outrigger-cnf/outrigger/agent/tree"
)

// model is a tree as naive as can be: what exists, in the order of its making,
// as leafs of full paths. Everything is found by looking at all of it.
type model struct {
	schema *schema.Schema
	items  []item
}

// item is a leaf, a value of a leaf-list, a list entry or a presence container.
type item struct {
	path  path.Path // of a leaf-list's value, with [.='value']
	def   *schema.Node
	value schema.Value
}

func (m *model) find(p path.Path) int {
	return slices.IndexFunc(m.items, func(i item) bool { return i.path.Equal(p) })
}

func (m *model) def(p path.Path) *schema.Node {
	def, err := m.schema.Find(p)
	if err != nil {
		panic(err)
	}
	return def
}

// ancestors makes entries and presence containers down to p.
func (m *model) ancestors(p path.Path) {
	for i := range p {
		m.rivals(p[:i+1])
		m.exist(p[:i+1])
	}
}

// exist makes the entry or presence container at p.
func (m *model) exist(p path.Path) {
	def := m.def(p)
	if m.find(p) >= 0 || !(def.Presence || def.Kind == schema.List && len(p.Last().Keys) > 0) {
		return
	}
	m.items = append(m.items, item{path: p, def: def})
	for _, k := range p.Last().Keys {
		leaf := def.Child("", k.Name)
		v, err := leaf.Parse(k.Value, m.schema.ModuleNames())
		if err != nil {
			panic(err)
		}
		m.items = append(m.items, item{path: p.Child(leaf.Elem()), def: leaf, value: v})
	}
}

// rivals removes what stands in other cases of the choices that p is in.
func (m *model) rivals(p path.Path) {
	cases := map[*schema.Node]*schema.Node{} // by choice
	for a := m.def(p); a.Parent != nil && a.Parent.Kind != schema.Container && a.Parent.Kind != schema.List; a = a.Parent {
		cases[a.Parent] = a
	}
	m.items = slices.DeleteFunc(m.items, func(i item) bool {
		if len(i.path) < len(p) || !i.path.HasPrefix(p.Parent()) {
			return false
		}
		for a := m.def(i.path[:len(p)]); a.Parent != nil; a = a.Parent {
			if c := cases[a.Parent]; c != nil && a.Parent.Kind == schema.Choice && c != a {
				return true
			}
		}
		return false
	})
}

func (m *model) set(p path.Path, v schema.Value) {
	m.ancestors(p.Parent())
	m.rivals(p)
	def := m.def(p)
	if def.Kind == schema.LeafList {
		p = p.Parent().Child(def.Elem(v.Text))
		if m.find(p) < 0 || !def.Config {
			m.items = append(m.items, item{p, def, v})
		}
		return
	}
	if i := m.find(p); i >= 0 {
		m.items[i].value = v
		return
	}
	m.items = append(m.items, item{p, def, v})
}

func (m *model) delete(p path.Path) {
	m.items = slices.DeleteFunc(m.items, func(i item) bool {
		if len(i.path) < len(p) {
			return false
		}
		head := slices.Clone(i.path[:len(p)])
		if len(p) > 0 && len(p.Last().Keys) == 0 {
			head[len(head)-1].Keys = nil // the whole list or leaf-list
		}
		return head.Equal(p)
	})
}

// move takes p and all below it out and puts it next to the other one.
func (m *model) move(p path.Path, where tree.Where, point path.Path) bool {
	if m.find(p) < 0 || (where == tree.Before || where == tree.After) && m.find(point) < 0 {
		return false
	}
	if p.Equal(point) && (where == tree.Before || where == tree.After) {
		return true
	}
	var taken, left []item
	for _, i := range m.items {
		if i.path.HasPrefix(p) {
			taken = append(taken, i)
		} else {
			left = append(left, i)
		}
	}
	to := len(left)
	switch where {
	case tree.First:
		to = 0
	case tree.Before:
		to = slices.IndexFunc(left, func(i item) bool { return i.path.HasPrefix(point) })
	case tree.After:
		to = slices.IndexFunc(left, func(i item) bool { return i.path.HasPrefix(point) }) + 1
	}
	m.items = slices.Insert(left, to, taken...)
	return true
}

// merge adds what past has at and below p.
func (m *model) merge(p path.Path, past model) {
	replaced := map[string]bool{} // leaf-lists of state
	for _, i := range past.items {
		if list := i.path.Parent().Child(i.def.Elem()); i.def.Kind == schema.LeafList && !i.def.Config && !replaced[list.String()] &&
			(i.path.HasPrefix(p) || wholeOf(i.path, p)) {
			m.delete(list)
			replaced[list.String()] = true
		}
		switch {
		case !i.path[:min(len(p), len(i.path))].Equal(p) && !wholeOf(i.path, p):
		case i.def.Kind == schema.Leaf || i.def.Kind == schema.LeafList:
			m.set(i.path, i.value)
		default:
			m.ancestors(i.path)
		}
	}
}

// wholeOf reports whether p, without keys at its end, is the list that q goes through.
func wholeOf(q, p path.Path) bool {
	if len(q) < len(p) {
		return false
	}
	head := slices.Clone(q[:len(p)])
	head[len(p)-1].Keys = nil
	return head.Equal(p)
}

// replace puts what past has at and below p where that was, or at the end.
func (m *model) replace(p path.Path, past model) {
	m.ancestors(p.Parent())
	m.rivals(p)
	where := slices.IndexFunc(m.items, func(i item) bool { return i.path.HasPrefix(p) })
	m.delete(p)
	before := len(m.items)
	m.merge(p, past)
	if where >= 0 {
		m.items = slices.Concat(m.items[:where], m.items[before:], m.items[where:before])
	}
}

// text renders m as text renders a tree.
func (m *model) text() string {
	var b strings.Builder
	m.render(&b, nil, m.schema.Root)
	return b.String()
}

func (m *model) render(b *strings.Builder, p path.Path, def *schema.Node) {
	for _, c := range def.Data {
		var at []path.Path // instances of c, in the order of the items
		for _, i := range m.items {
			if len(i.path) <= len(p) || !i.path.HasPrefix(p) {
				continue
			}
			q := i.path[:len(p)+1]
			if q.Last().Name == c.Name && (!slices.ContainsFunc(at, q.Equal) || c.Kind == schema.LeafList && !c.Config) {
				at = append(at, q)
			}
		}
		if !c.UserOrdered && c.Config {
			slices.SortFunc(at, func(a, b path.Path) int {
				return slices.CompareFunc(a.Last().Keys, b.Last().Keys, func(a, b path.Key) int { return strings.Compare(a.Value, b.Value) })
			})
		}
		for _, q := range at {
			switch c.Kind {
			case schema.Leaf:
				fmt.Fprintf(b, "%s %s\n", q, m.items[m.find(q)].value.Text)
			case schema.LeafList:
				fmt.Fprintf(b, "%s += %s\n", q.Parent().Child(c.Elem()), q.Last().Keys[0].Value)
			default:
				before := b.Len()
				m.render(b, q, c)
				if b.Len() == before {
					fmt.Fprintf(b, "%s {}\n", q)
				}
			}
		}
	}
}

// pair is a Txn and the model beside it.
type pair struct {
	t *testing.T
	s *schema.Schema
	x *tree.Txn
	m *model

	past      tree.Tree // both as they once were
	pastModel model
}

// targets are what the edits are made at; %d is filled in.
var targets = []string{
	"/t:interfaces/interface[name='%d']", "/t:interfaces/interface[name='%d']/config/mtu",
	"/t:interfaces/interface[name='%d']/config/enabled", "/t:interfaces/interface[name='%d']/config",
	"/t:interfaces", "/t:interfaces/interface", "/t:interfaces/interface[name='%d']/state/log",
	"/t:rule[group='g'][id='%d']", "/t:rule[group='g'][id='%d']/action", "/t:rule[group='h'][id='%d']/port",
	"/t:rule", "/t:box", "/t:box/tag", "/t:box/speed", "/t:box/turbo/boost", "/t:box/delay", "/t:box/a", "/t:box/b",
}

// edit does what three bytes say to both.
func (p *pair) edit(op, where, arg byte) {
	text := targets[int(where)%len(targets)]
	if strings.Contains(text, "%d") {
		text = fmt.Sprintf(text, arg%16)
	}
	q, def, err := p.s.Resolve(text)
	if err != nil {
		p.t.Fatal(err)
	}
	leaf := def.Kind == schema.Leaf || def.Kind == schema.LeafList
	switch {
	case op%8 < 4 && leaf:
		texts := map[schema.TypeKind]string{schema.Boolean: fmt.Sprint(op&8 > 0), schema.Uint32: fmt.Sprint(op >> 3), schema.String: fmt.Sprint("s", op>>3)}
		v, err := def.Parse(texts[def.Type.Kind], p.s.ModuleNames())
		if err != nil {
			p.t.Fatal(err)
		}
		if err := p.x.Set(q, v); err != nil {
			p.t.Fatal(err)
		}
		p.m.set(q, v)
	case op%8 < 4:
		if err := p.x.Ensure(q); err != nil {
			p.t.Fatal(err)
		}
		if def.Presence || len(q.Last().Keys) > 0 {
			p.m.ancestors(q)
		}
	case op%8 < 6:
		existed := p.x.Node(q) != nil
		if did, err := p.x.Delete(q); err != nil || did != existed {
			p.t.Fatalf("delete %s: %v %v", q, did, err)
		}
		p.m.delete(q)
	case def.UserOrdered && len(q.Last().Keys) > 0:
		at := tree.Position{Where: tree.Where(op >> 3 % 4), Point: []string{q.Last().Keys[0].Value, fmt.Sprint(op >> 5)}}
		err := p.x.Move(q, at)
		if ok := p.m.move(q, at.Where, q.Parent().Child(def.Elem(at.Point...))); ok != (err == nil) {
			p.t.Fatalf("move %s to %v: %v", q, at, err)
		}
	case p.past.Node(q) != nil: // bring back what was there once
		n := p.past.Node(q)
		edit, model := p.x.Merge, p.m.merge
		if op&8 > 0 {
			edit, model = p.x.Replace, p.m.replace
		}
		if err := edit(q, n); err != nil {
			p.t.Fatal(err)
		}
		model(q, p.pastModel)
	}
}

// apply carries out the differences between two trees.
func apply(t *testing.T, base tree.Tree, changes []tree.Change) tree.Tree {
	x := base.Txn()
	for _, c := range changes {
		var err error
		switch {
		case c.Meta:
			err = x.SetMeta(c.Path, c.New.Meta())
		case c.New == nil:
			var did bool
			rivals := c.Old.Schema().Parent != c.Old.Schema().DataParent // another case may be in place already
			if did, err = x.Delete(c.Path); err == nil && !did && !rivals {
				t.Errorf("%s is deleted where it is not", c.Path)
			}
		default:
			if (c.Old == nil) != (x.Node(c.Path) == nil) {
				t.Errorf("%s is created where it is, or changed where it is not", c.Path)
			}
			err = x.Replace(c.Path, c.New)
		}
		if err != nil {
			t.Fatalf("%s: %v", c.Path, err)
		}
	}
	return x.Tree()
}

// run makes edits of the bytes, and compares tree, model and Diff now and then.
func run(t *testing.T, edits []byte) {
	s := testSchema()
	p := pair{t: t, s: s, x: tree.New(s).Txn(), m: &model{schema: s}, past: tree.New(s)}
	base, baseText := tree.New(s), ""
	for i := 0; i+3 <= len(edits); i += 3 {
		p.edit(edits[i], edits[i+1], edits[i+2])
		if edits[i]%5 != 0 && i+6 <= len(edits) {
			continue
		}
		now := p.x.Tree()
		got, want := text(now), p.m.text()
		if got != want {
			t.Fatalf("after %d edits the tree is\n%s\nand the model\n%s", i/3+1, got, want)
		}
		if text(base) != baseText {
			t.Fatal("an edit changed the tree it was based on")
		}
		changes := slices.Collect(tree.Diff(base, now, nil))
		if tree.Equal(base.Root(), now.Root()) != (got == baseText) || (len(changes) == 0) != (got == baseText) {
			t.Fatalf("%d changes between\n%s\nand\n%s", len(changes), baseText, got)
		}
		if applied := text(apply(t, base, changes)); applied != got {
			t.Fatalf("from\n%s\nthe changes %+v\nlead to\n%s\nand not to\n%s", baseText, changes, applied, got)
		}
		asked := func(n *schema.Node, both bool) bool {
			if both {
				return n.Index%3 != int(edits[i]%3)
			}
			return n.Index%4 != int(edits[i]%4)
		}
		some := slices.Collect(tree.DiffOf(base, now, asked))
		if want := slices.DeleteFunc(changes, func(c tree.Change) bool { return !wholly(c, asked) }); len(some)+len(want) > 0 && !reflect.DeepEqual(some, want) {
			t.Fatalf("of what is asked for the changes are\n%+v\nand not\n%+v", some, want)
		}
		rebuilt := rebuild(t, tree.NewBuilder(), now.Root())
		if !tree.Equal(rebuilt, now.Root()) || !tree.Equal(now.Root(), rebuilt) {
			t.Fatal("a tree that was built is not equal to one that was edited")
		}
		base, baseText = now, got
		if edits[i]%3 == 0 {
			p.past, p.pastModel = now, model{s, slices.Clone(p.m.items)}
		}
	}
}

// wholly reports whether all on the way to a change, and what has changed, is asked for.
func wholly(c tree.Change, asked func(n *schema.Node, both bool) bool) bool {
	n := c.Old
	if n == nil {
		n = c.New
	}
	both := c.Old != nil && c.New != nil || n.IsEntry() // of its list
	for def := n.Schema(); def.DataParent != nil; def = def.DataParent {
		if !asked(def, both) {
			return false
		}
		both = true
	}
	return true
}

// rebuild makes n anew.
func rebuild(t *testing.T, b *tree.Builder, n *tree.Node) *tree.Node {
	var out *tree.Node
	var err error
	var parts []*tree.Node
	switch def := n.Schema(); {
	case def.Kind == schema.Leaf:
		return b.Leaf(def, n.Value())
	case def.Kind == schema.LeafList:
		out, err = b.LeafList(def, n.Values())
	case def.Kind == schema.List && !n.IsEntry():
		for e := range n.Entries() {
			parts = append(parts, rebuild(t, b, e))
		}
		out, err = b.List(def, parts)
	default:
		for c := range n.Children() {
			parts = append([]*tree.Node{rebuild(t, b, c)}, parts...)
		}
		if def.Kind == schema.List {
			out, err = b.Entry(def, parts)
		} else {
			out, err = b.Container(def, parts)
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestRandomEdits(t *testing.T) {
	for seed := range uint64(60) {
		rng := rand.New(rand.NewPCG(seed, 1))
		edits := make([]byte, 3*400)
		for i := range edits {
			edits[i] = byte(rng.Uint32())
		}
		run(t, edits)
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
}

func FuzzTree(f *testing.F) {
	f.Add([]byte{0, 1, 2, 4, 3, 2, 0, 7, 1, 0, 7, 2, 30, 7, 2, 7, 10, 0, 4, 4, 0})
	f.Fuzz(func(t *testing.T, edits []byte) {
		if len(edits) > 3*300 {
			return
		}
		run(t, edits)
	})
}
