package gnmi

import (
	"slices"
	"strings"

	gpb "github.com/openconfig/gnmi/proto/gnmi"

	"github.com/outrigger-cnf/outrigger/agent/path"
	"github.com/outrigger-cnf/outrigger/agent/schema"
)

// index holds what the server asks of schema nodes again and again. It is made
// once and only read after that.
type index struct {
	schema *schema.Schema
	root   *traits
	traits map[*schema.Node]*traits
	// identities counts the identities of each name in the implemented modules.
	identities map[string]int
}

// traits are what is known of one data node beforehand.
type traits struct {
	def    *schema.Node
	below  []*traits // of the data nodes in it, by their Index
	step   path.Elem // to it, without keys
	keys   []*traits // of a list, by name
	depth  int       // steps below the root
	config bool      // it or something below it is configuration that is no key
	state  bool      // it or something below it is state
	// derived: it or something below it is state that does not just repeat what
	// is configured (OpenConfig: a leaf of state without its twin in config).
	derived bool
	counter bool // it or something below it is a counter
	event   bool // it or something below it is a leaf that is no counter
	single  bool // it is sent as one value
	// identity: a leaf whose values can be identities.
	identity bool
	// name is how a path element names it: with a module where siblings of
	// several modules have the same name. The first element follows the origin
	// instead.
	name string
	// elem is the path element of that name without keys, wire the same as a field of
	// a Path.
	elem *gpb.PathElem
	wire []byte
}

func newIndex(s *schema.Schema) *index {
	x := &index{schema: s, traits: make(map[*schema.Node]*traits), identities: make(map[string]int)}
	for _, m := range s.Modules {
		if m.Implemented {
			for _, id := range m.Identities {
				x.identities[id.Name]++
			}
		}
	}
	x.root = x.add(s.Root, 0, false)
	return x
}

// add takes in n and what is below it. statistics tells that n stands below a
// container of counters.
func (x *index) add(n *schema.Node, depth int, statistics bool) *traits {
	t := &traits{def: n, depth: depth, name: n.Name, single: single(n)}
	if n.Module != nil { // all but the root
		t.step = n.Elem()
	}
	if n.DataParent != nil && n.DataParent.DataParent != nil {
		for _, sibling := range n.DataParent.Data {
			if sibling != n && sibling.Name == n.Name {
				t.name = n.Module.Name + ":" + n.Name
			}
		}
	}
	if n.Kind == schema.Container && !n.Config && (n.Name == "counters" || n.Name == "statistics") {
		statistics = true
	}
	t.elem = &gpb.PathElem{Name: t.name}
	t.wire = appendElem(nil, t.name, nil)
	switch n.Kind {
	case schema.Container, schema.List:
		for _, c := range n.Data {
			ct := x.add(c, depth+1, statistics)
			t.below = append(t.below, ct)
			t.config = t.config || ct.config
			t.state = t.state || ct.state
			t.derived = t.derived || ct.derived
			t.event = t.event || ct.event
			t.counter = t.counter || ct.counter
		}
		t.config = t.config || n.Config && n.Presence
	default:
		t.config = n.Config
		t.state = !n.Config
		t.derived = t.state && !repeatsConfig(n)
		t.counter = !n.Config && (statistics || isCounterType(n.Type))
		t.event = !t.counter
		t.identity = mayBeIdentity(n.Type)
	}
	for _, k := range n.Keys {
		t.keys = append(t.keys, t.below[k.Index])
	}
	slices.SortFunc(t.keys, func(a, b *traits) int { return strings.Compare(a.def.Name, b.def.Name) })
	x.traits[n] = t
	return t
}

// repeatsConfig reports whether n is applied configuration in OpenConfig's
// style: ../config has a leaf of its name.
func repeatsConfig(n *schema.Node) bool {
	p := n.DataParent
	if p == nil || p.Name != "state" || p.DataParent == nil {
		return false
	}
	config := p.DataParent.Child(p.Module.Name, "config")
	return config != nil && config.Child(n.Module.Name, n.Name) != nil
}

// isCounterType reports whether t is one of the counter types of RFC 6991.
func isCounterType(t *schema.Type) bool {
	if t == nil {
		return false
	}
	_, name, _ := strings.Cut(t.Typedef, ":")
	switch name {
	case "counter32", "counter64", "zero-based-counter32", "zero-based-counter64":
		return true
	}
	return false
}
