// Package leaves makes leafs of the bytes of a document, quickly where values
// repeat: those are parsed once and shared.
package leaves

import (
	"hash/maphash"

	"github.com/outrigger-cnf/outrigger/agent/schema"
	"github.com/outrigger-cnf/outrigger/agent/tree"
)

const (
	few     = 1 << 5  // slots of each cache for a small document; a power of two
	slots   = 1 << 11 // the same for a large one
	longest = 64      // bytes of a text that is remembered
)

// Maker makes leafs. It is for one document and one goroutine.
type Maker struct {
	builder *tree.Builder
	seed    maphash.Seed
	leafs   []slot
	texts   []string
	made    int // leafs so far
}

// slot remembers the leaf that was made of a text.
type slot struct {
	def  *schema.Node
	kind schema.JSONKind
	text string
	leaf *tree.Node
}

// New makes a Maker.
func New(b *tree.Builder) *Maker {
	return &Maker{builder: b, seed: maphash.MakeSeed(), leafs: make([]slot, few), texts: make([]string, few)}
}

// Leaf parses text, which stays the caller's, as a value of def, a leaf or
// leaf-list. The result holds it like a leaf; for a leaf-list, take its Value.
// What a text means must depend on nothing but the arguments. The error is
// schema.Node.ParseJSON's.
func (m *Maker) Leaf(def *schema.Node, kind schema.JSONKind, text []byte, ns schema.Namespaces) (*tree.Node, error) {
	if len(text) > longest {
		return m.parse(def, kind, string(text), ns)
	}
	if m.made++; m.made == 2*few {
		m.leafs, m.texts = make([]slot, slots), make([]string, slots)
	}
	h := maphash.Bytes(m.seed, text)
	mask := uint64(len(m.leafs) - 1)
	s := &m.leafs[(h^uint64(def.Index)*0x9e3779b97f4a7c15>>32)&mask]
	if s.def == def && s.kind == kind && s.text == string(text) {
		return s.leaf, nil
	}
	shared := &m.texts[h&mask]
	if *shared != string(text) {
		*shared = string(text)
	}
	n, err := m.parse(def, kind, *shared, ns)
	if err == nil {
		*s = slot{def, kind, *shared, n}
	}
	return n, err
}

func (m *Maker) parse(def *schema.Node, kind schema.JSONKind, text string, ns schema.Namespaces) (*tree.Node, error) {
	v, err := def.ParseJSON(kind, text, ns)
	if err != nil {
		return nil, err
	}
	return m.builder.Leaf(def, v), nil
}
