package schema

import (
	"encoding/binary"
	"hash/crc32"
	"maps"
	"slices"
)

// The compact form of a schema, written by Marshal and read by Load:
//
//	magic    4 octets "ORSC"
//	version  1 octet
//	checksum CRC-32C of the payload, 4 octets, big endian
//	payload  strings, modules, identities, node count, types, nodes
//
// All numbers in the payload are unsigned varints; a list is its length and its
// elements. Strings, modules, identities, types and nodes are referred to by
// their position. A type stands after its members, and equal types are one.
// Nodes stand in depth-first order, each with the number of its children.
// What New derives is not in it.
const (
	compactMagic   = "ORSC"
	compactVersion = 1
	compactHeader  = len(compactMagic) + 1 + 4
)

// Bits of a node's flags.
const (
	flagConfig = 1 << iota
	flagMandatory
	flagPresence
	flagUserOrdered
	flagList    // keys, unique, min, max follow
	flagDefault // a default case follows
	flagType    // type, defaults, units follow
	flagMusts
	flagWhens
)

func checksum(payload []byte) uint32 {
	return crc32.Checksum(payload, crc32.MakeTable(crc32.Castagnoli))
}

// Marshal returns the compact form. Equal schemas give equal bytes.
func (s *Schema) Marshal() []byte {
	w := &compactWriter{
		strings:    map[string]int{},
		modules:    map[*Module]int{},
		identities: map[*Identity]int{},
		types:      map[*Type]int{},
		sameType:   map[string]int{},
		nodes:      map[*Node]int{},
	}
	w.number(s.Root)
	var modules, identities, types, nodes compactBuffer
	w.putModules(&modules, s.Modules)
	w.putIdentities(&identities, s)
	w.putNode(&nodes, s.Root)
	types.uint(len(w.typeText))
	for _, t := range w.typeText {
		types.b = append(types.b, t...)
	}

	payload := w.stringTable()
	payload.b = append(payload.b, modules.b...)
	payload.b = append(payload.b, identities.b...)
	payload.uint(len(w.nodes))
	payload.b = append(payload.b, types.b...)
	payload.b = append(payload.b, nodes.b...)

	out := append([]byte(compactMagic), compactVersion)
	out = binary.BigEndian.AppendUint32(out, checksum(payload.b))
	return append(out, payload.b...)
}

type compactBuffer struct{ b []byte }

func (b *compactBuffer) uint64(v uint64) { b.b = binary.AppendUvarint(b.b, v) }
func (b *compactBuffer) uint(v int)      { b.uint64(uint64(v)) }

func (b *compactBuffer) bool(v bool) {
	if v {
		b.b = append(b.b, 1)
	} else {
		b.b = append(b.b, 0)
	}
}

// compactWriter numbers all that is referred to.
type compactWriter struct {
	strings    map[string]int
	stringList []string
	modules    map[*Module]int
	identities map[*Identity]int
	types      map[*Type]int
	sameType   map[string]int // by what typeText has
	typeText   []string
	nodes      map[*Node]int
}

// number gives the nodes their positions, parents first.
func (w *compactWriter) number(n *Node) {
	w.nodes[n] = len(w.nodes)
	for _, c := range n.Children {
		w.number(c)
	}
}

func (w *compactWriter) stringTable() compactBuffer {
	var b compactBuffer
	b.uint(len(w.stringList))
	for _, s := range w.stringList {
		b.uint(len(s))
	}
	for _, s := range w.stringList {
		b.b = append(b.b, s...)
	}
	return b
}

func (w *compactWriter) string(b *compactBuffer, s string) {
	i, ok := w.strings[s]
	if !ok {
		i = len(w.stringList)
		w.strings[s] = i
		w.stringList = append(w.stringList, s)
	}
	b.uint(i)
}

func (w *compactWriter) stringsOf(b *compactBuffer, list []string) {
	b.uint(len(list))
	for _, s := range list {
		w.string(b, s)
	}
}

func (w *compactWriter) putModules(b *compactBuffer, modules []*Module) {
	b.uint(len(modules))
	for i, m := range modules {
		w.modules[m] = i
		for _, s := range []string{m.Name, m.Namespace, m.Prefix, m.Revision, m.YANGVersion} {
			w.string(b, s)
		}
		b.bool(m.Implemented)
		w.stringsOf(b, m.Features)
		b.uint(len(m.Submodules))
		for _, sub := range m.Submodules {
			w.string(b, sub.Name)
			w.string(b, sub.Revision)
		}
		w.stringsOf(b, m.DeviatedBy)
		b.uint(len(m.Prefixes))
		for _, prefix := range slices.Sorted(maps.Keys(m.Prefixes)) {
			w.string(b, prefix)
			w.string(b, m.Prefixes[prefix])
		}
	}
}

// putIdentities writes the identities of all modules, then those that are not
// listed, being switched off, but are the base of a type or of another one.
func (w *compactWriter) putIdentities(b *compactBuffer, s *Schema) {
	var all []*Identity
	add := func(i *Identity) {
		if _, known := w.identities[i]; !known {
			w.identities[i] = len(all)
			all = append(all, i)
		}
	}
	for _, m := range s.Modules {
		for _, i := range m.Identities {
			add(i)
		}
	}
	listed := len(all)
	var ofTypes func(t *Type)
	ofTypes = func(t *Type) {
		for _, i := range t.Bases {
			add(i)
		}
		for _, m := range t.Members {
			ofTypes(m)
		}
	}
	var ofNodes func(n *Node)
	ofNodes = func(n *Node) {
		if n.Type != nil {
			ofTypes(n.Type)
		}
		for _, v := range n.Defaults {
			ofTypes(v.Type)
		}
		for _, c := range n.Children {
			ofNodes(c)
		}
	}
	ofNodes(s.Root)
	for at := 0; at < len(all); at++ {
		for _, base := range all[at].Bases {
			add(base)
		}
	}

	b.uint(len(all))
	for at, i := range all {
		b.uint(w.modules[i.Module])
		w.string(b, i.Name)
		b.bool(at < listed)
	}
	for _, i := range all {
		w.bases(b, i.Bases)
	}
}

func (w *compactWriter) bases(b *compactBuffer, list []*Identity) {
	b.uint(len(list))
	for _, i := range list {
		b.uint(w.identities[i])
	}
}

func (w *compactWriter) expr(b *compactBuffer, e Expr) {
	w.string(b, e.Text)
	b.uint(w.modules[e.Lexical])
}

// typeIndex writes t once and returns its position.
func (w *compactWriter) typeIndex(t *Type) int {
	if i, known := w.types[t]; known {
		return i
	}
	members := make([]int, len(t.Members))
	for i, m := range t.Members {
		members[i] = w.typeIndex(m)
	}
	var b compactBuffer
	b.uint(int(t.Kind))
	w.string(&b, t.Name)
	w.string(&b, t.Typedef)
	b.uint(len(t.Ranges))
	for _, r := range t.Ranges {
		b.uint64(r.Lo)
		b.uint64(r.Hi)
	}
	b.uint(len(t.Lengths))
	for _, l := range t.Lengths {
		b.uint64(l.Lo)
		b.uint64(l.Hi)
	}
	b.uint(len(t.Patterns))
	for _, p := range t.Patterns {
		w.string(&b, p.Text)
		b.bool(p.Invert)
		w.string(&b, p.ErrorMessage)
		w.string(&b, p.ErrorAppTag)
	}
	switch t.Kind {
	case Decimal64:
		b.uint(int(t.FractionDigits))
	case Enumeration:
		b.uint(len(t.Enums))
		for _, e := range t.Enums {
			w.string(&b, e.Name)
			b.uint64(uint64(uint32(e.Value)))
		}
	case Bits:
		b.uint(len(t.Bits))
		for _, bit := range t.Bits {
			w.string(&b, bit.Name)
			b.uint64(uint64(bit.Position))
		}
	case Identityref:
		w.bases(&b, t.Bases)
	case Leafref:
		w.expr(&b, t.Path)
		b.uint(w.nodes[t.Target])
		b.bool(t.RequireInstance)
	case InstanceIdentifier:
		b.bool(t.RequireInstance)
	case Union:
		b.uint(len(members))
		for _, m := range members {
			b.uint(m)
		}
	}
	text := string(b.b)
	i, known := w.sameType[text]
	if !known {
		i = len(w.typeText)
		w.sameType[text] = i
		w.typeText = append(w.typeText, text)
	}
	w.types[t] = i
	return i
}

func (n *Node) compactFlags() uint64 {
	var f uint64
	for _, bit := range []struct {
		set  bool
		flag uint64
	}{
		{n.Config, flagConfig},
		{n.Mandatory, flagMandatory},
		{n.Presence, flagPresence},
		{n.UserOrdered, flagUserOrdered},
		{n.Kind == List || n.Kind == LeafList, flagList},
		{n.DefaultCase != nil, flagDefault},
		{n.Type != nil, flagType},
		{len(n.Musts) > 0, flagMusts},
		{len(n.Whens) > 0, flagWhens},
	} {
		if bit.set {
			f |= bit.flag
		}
	}
	return f
}

func (w *compactWriter) putNode(b *compactBuffer, n *Node) {
	b.uint(int(n.Kind))
	w.string(b, n.Name)
	// The root is in no module: 0, and the others count from 1.
	if n.Module == nil {
		b.uint(0)
	} else {
		b.uint(w.modules[n.Module] + 1)
	}
	flags := n.compactFlags()
	b.uint64(flags)
	b.uint(int(n.Status))
	if flags&flagList != 0 {
		w.nodeList(b, n.Keys)
		b.uint(len(n.Unique))
		for _, u := range n.Unique {
			w.nodeList(b, u)
		}
		b.uint(int(n.Min))
		b.uint(int(n.Max))
	}
	if flags&flagDefault != 0 {
		b.uint(w.nodes[n.DefaultCase])
	}
	if flags&flagType != 0 {
		b.uint(w.typeIndex(n.Type))
		b.uint(len(n.Defaults))
		for _, v := range n.Defaults {
			b.uint(w.typeIndex(v.Type))
			w.string(b, v.Text)
		}
		w.string(b, n.Units)
	}
	if flags&flagMusts != 0 {
		b.uint(len(n.Musts))
		for _, m := range n.Musts {
			w.expr(b, m.Expr)
			w.string(b, m.ErrorMessage)
			w.string(b, m.ErrorAppTag)
		}
	}
	if flags&flagWhens != 0 {
		b.uint(len(n.Whens))
		for _, when := range n.Whens {
			w.expr(b, when.Expr)
			b.bool(when.OnParent)
		}
	}
	b.uint(len(n.Children))
	for _, c := range n.Children {
		w.putNode(b, c)
	}
}

func (w *compactWriter) nodeList(b *compactBuffer, list []*Node) {
	b.uint(len(list))
	for _, n := range list {
		b.uint(w.nodes[n])
	}
}
