// Package leaves makes leafs of the bytes of a document, quickly where values
// repeat: those are parsed once and shared.
package leaves

import (
	"hash/maphash"

	"github.com/outrigger-cnf/outrigger/agent/schema"
	"github.com/outrigger-cnf/outrigger/agent/tree"
)

const (
	few     = 1 << 5  // places of each cache for a small document; a power of two
	many    = 1 << 11 // of that of leafs for a large one
	some    = 1 << 9  // of that of values
	longest = 64      // bytes of a text that is remembered
)

// Maker makes leafs. It is for one document and one goroutine.
type Maker struct {
	builder *tree.Builder
	seed    maphash.Seed
	leafs   [][2]leaf // the one that was used last first
	values  []value
	made    int // leafs so far
}

// leaf remembers the leaf that was made of a text.
type leaf struct {
	def  *schema.Node
	kind schema.JSONKind
	text string
	node *tree.Node
}

// value remembers what a text means for every leaf of a type: the key of an entry
// is often a leafref to the leaf that follows. Names without a module are those of
// the leaf's.
type value struct {
	typ    *schema.Type
	module *schema.Module
	kind   schema.JSONKind
	text   string
	value  schema.Value
}

// New makes a Maker.
func New(b *tree.Builder) *Maker {
	return &Maker{builder: b, seed: maphash.MakeSeed(), leafs: make([][2]leaf, few/2), values: make([]value, few)}
}

// Leaf parses text, which stays the caller's, as a value of def, a leaf or
// leaf-list. The result holds it like a leaf; for a leaf-list, take its Value.
// What a text means must depend on nothing but the arguments. The error is
// schema.Node.ParseJSON's.
func (m *Maker) Leaf(def *schema.Node, kind schema.JSONKind, text []byte, ns schema.Namespaces) (*tree.Node, error) {
	if len(text) > longest || def.Type == nil {
		v, err := def.ParseJSON(kind, string(text), ns)
		if err != nil {
			return nil, err
		}
		return m.builder.Leaf(def, v), nil
	}
	if m.made++; m.made == 2*few {
		m.leafs, m.values = make([][2]leaf, many/2), make([]value, some)
	}
	h := maphash.Bytes(m.seed, text)
	pair := &m.leafs[int(h^maphash.Comparable(m.seed, def))&(len(m.leafs)-1)]
	for i := range pair {
		if l := &pair[i]; l.def == def && l.kind == kind && l.text == string(text) {
			n := l.node
			if i > 0 {
				pair[0], pair[i] = pair[i], pair[0]
			}
			return n, nil
		}
	}
	v := &m.values[int(h)&(len(m.values)-1)]
	if err := v.parse(def, kind, text, ns); err != nil {
		return nil, err
	}
	n := m.builder.Leaf(def, v.value)
	pair[0], pair[1] = leaf{def, kind, v.text, n}, pair[0]
	return n, nil
}

// parse makes v the meaning of text for def.
func (v *value) parse(def *schema.Node, kind schema.JSONKind, text []byte, ns schema.Namespaces) error {
	typ := def.Type.Resolved()
	if v.text != string(text) {
		*v = value{text: string(text)}
	} else if v.typ == typ && v.module == def.Module && v.kind == kind {
		return nil
	}
	parsed, err := def.ParseJSON(kind, v.text, ns)
	if err == nil {
		*v = value{typ, def.Module, kind, v.text, parsed}
	}
	return err
}
