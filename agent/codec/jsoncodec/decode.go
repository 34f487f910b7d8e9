package jsoncodec

import (
	"bytes"
	"encoding/json"
	"slices"
	"unicode/utf8"

	"github.com/outrigger-cnf/outrigger/agent/codec/internal/leaves"
	"github.com/outrigger-cnf/outrigger/agent/fault"
	"github.com/outrigger-cnf/outrigger/agent/path"
	"github.com/outrigger-cnf/outrigger/agent/schema"
	"github.com/outrigger-cnf/outrigger/agent/tree"
)

// DecodeOptions say how data is read.
type DecodeOptions struct {
	// Lenient takes what gNMI clients send: 64-bit numbers as numbers, others as
	// strings, true for type empty, identities and members without their module.
	Lenient bool
	// Config refuses state (config false), where the data says something of it.
	Config bool
	// Path names what is read, for errors; nil is the schema path of the node.
	Path path.Path
	// MaxDepth bounds the nesting of anydata and metadata; zero stands for 256.
	MaxDepth int
	// MaxMeta bounds the size of the metadata of one node; zero stands for 1 MiB.
	MaxMeta int
}

const (
	defaultDepth = 256
	defaultMeta  = 1 << 20
)

// Decode reads the value of def: an object for a container, the schema's root or
// one list entry, an array for a list or leaf-list, a scalar for a leaf. For an
// entry, keys are its keys in canonical form and key order; they are filled in
// where they are missing, and otherwise have to agree. Without keys, the value of
// a list is an array of entries.
//
// The Node is nil where the data says nothing: an empty container without
// presence, an empty array. All errors are *fault.Error with the path.
func Decode(data []byte, def *schema.Node, keys []string, o DecodeOptions) (*tree.Node, error) {
	if o.MaxDepth <= 0 {
		o.MaxDepth = defaultDepth
	}
	if o.MaxMeta <= 0 {
		o.MaxMeta = defaultMeta
	}
	b := tree.NewBuilder()
	d := &decoder{
		s: scanner{data: data, maxDepth: o.MaxDepth}, o: o,
		builder: b, leaves: leaves.New(b), classes: make(map[*schema.Node]*class),
	}
	n, err := d.document(def, keys)
	if err == nil {
		return n, nil
	}
	at := o.Path
	if at == nil {
		at = def.SchemaPath()
		if len(keys) > 0 && len(keys) == len(def.Keys) {
			at = at.Parent().Child(def.Elem(keys...))
		}
	}
	if def.Kind == schema.List && keys == nil {
		at = at.Parent() // the list's step is there
	}
	for _, f := range fault.All(err) {
		f.Path = at.Join(f.Path)
	}
	return nil, err
}

// decoder makes Nodes of a JSON text, from the bottom up. Functions return errors
// whose path begins below what they make: who called adds the step. Those about a
// list are the exception: they begin with the step of the list or the entry.
type decoder struct {
	s       scanner
	o       DecodeOptions
	builder *tree.Builder
	leaves  *leaves.Maker
	names   moduleNames
	classes map[*schema.Node]*class
	kids    []*tree.Node   // of all open objects, and entries of all open arrays
	seen    []*schema.Node // members of all open objects
	values  []schema.Value
	scratch []byte
}

// moduleNames takes a prefix as the name of a module; whether that exists shows
// when something is looked up in it.
type moduleNames struct{}

func (moduleNames) Module(prefix string) (string, bool) { return prefix, prefix != "" }

func (d *decoder) document(def *schema.Node, keys []string) (*tree.Node, error) {
	if d.o.Config && !def.Config && def.Name != "" {
		return nil, stateGiven(def)
	}
	var n *tree.Node
	var err error
	if def.Kind == schema.List && keys != nil {
		n, err = d.entry(d.class(def), keys)
	} else {
		n, err = d.value(d.class(def))
	}
	if err != nil {
		return nil, err
	}
	return n, d.s.end()
}

// value reads the value of a node of any kind. For a list it is an array.
func (d *decoder) value(c *class) (*tree.Node, error) {
	switch c.def.Kind {
	case schema.Leaf:
		return d.leaf(c.def)
	case schema.LeafList:
		return d.leafList(c.def)
	case schema.List:
		return d.list(c)
	case schema.AnyData, schema.AnyXML:
		return d.opaque(c.def)
	default:
		mark := len(d.kids)
		defer func() { d.kids = d.kids[:mark] }()
		meta, err := d.object(c)
		if err != nil {
			return nil, err
		}
		n, err := d.builder.Container(c.def, d.kids[mark:])
		return withMeta(n, meta), err
	}
}

func withMeta(n *tree.Node, meta []byte) *tree.Node {
	if n == nil || meta == nil {
		return n
	}
	return n.WithMeta(meta)
}

// object reads an object's members and leaves them at the end of kids. It returns
// the object's own metadata.
func (d *decoder) object(c *class) (meta []byte, err error) {
	if d.s.peek() != '{' {
		return nil, d.wrong("a " + c.def.Kind.String() + " is an object")
	}
	d.s.pos++
	mark, seen := len(d.kids), len(d.seen)
	defer func() { d.seen = d.seen[:seen] }()
	var about []annotation
	for n := 0; ; n++ {
		more, err := d.s.more(n, '}')
		if err != nil {
			return nil, err
		}
		if !more {
			break
		}
		name, err := d.s.name()
		if err != nil {
			return nil, err
		}
		if len(name) > 0 && name[0] == '@' {
			if meta, about, err = d.metadata(c, string(name[1:]), meta, about); err != nil {
				return nil, err
			}
			continue
		}
		m, err := d.member(c, name)
		if err != nil {
			return nil, err
		}
		if slices.Contains(d.seen[seen:], m.def) {
			return nil, fault.New(fault.BadElement, nil, "the member %q stands here twice", name).WithInfo("bad-element", m.def.Name)
		}
		d.seen = append(d.seen, m.def)
		kid, err := d.value(m)
		if err != nil {
			if m.def.Kind != schema.List {
				err = in(m.def.Elem(), err)
			}
			return nil, err
		}
		if kid == nil {
			continue
		}
		if d.o.Config && !m.def.Config && (c.def.Config || c.def.Name == "") {
			return nil, in(m.def.Elem(), stateGiven(m.def))
		}
		d.kids = append(d.kids, kid)
	}
	return meta, d.annotate(d.kids[mark:], about)
}

// entry reads an object as an entry, with the keys that the path gives, or nil.
func (d *decoder) entry(c *class, keys []string) (*tree.Node, error) {
	mark := len(d.kids)
	defer func() { d.kids = d.kids[:mark] }()
	meta, err := d.object(c)
	if err == nil && keys != nil {
		err = d.keys(c.def, mark, keys)
	}
	if err != nil {
		if keys == nil {
			err = in(d.step(c.def, mark), err)
		}
		return nil, err
	}
	n, err := d.builder.Entry(c.def, d.kids[mark:])
	if err != nil && keys == nil {
		err = in(d.step(c.def, mark), err)
	}
	return withMeta(n, meta), err
}

// keys fills in the keys of the entry whose kids begin at mark, or compares them.
func (d *decoder) keys(def *schema.Node, mark int, keys []string) error {
	for i, k := range def.Keys {
		at := slices.IndexFunc(d.kids[mark:], func(n *tree.Node) bool { return n.Schema() == k })
		if at >= 0 {
			if got := d.kids[mark+at].Value().Text; got != keys[i] {
				return fault.New(fault.InvalidValue, path.Path{k.Elem()}, "the key is %q in the data and %q in the path", got, keys[i])
			}
			continue
		}
		v, err := k.Parse(keys[i], d.names)
		if err != nil {
			return in(k.Elem(), err)
		}
		d.kids = append(d.kids, d.builder.Leaf(k, v))
	}
	return nil
}

// step names the entry whose kids begin at mark, with its keys if all are there.
func (d *decoder) step(def *schema.Node, mark int) path.Elem {
	keys := make([]string, len(def.Keys))
	for i, k := range def.Keys {
		at := slices.IndexFunc(d.kids[mark:], func(n *tree.Node) bool { return n.Schema() == k })
		if at < 0 {
			return def.Elem()
		}
		keys[i] = d.kids[mark+at].Value().Text
	}
	return def.Elem(keys...)
}

// list reads an array of entries.
func (d *decoder) list(c *class) (*tree.Node, error) {
	if d.s.peek() != '[' {
		return nil, in(c.def.Elem(), d.wrong("a list is an array of objects"))
	}
	d.s.pos++
	mark := len(d.kids)
	defer func() { d.kids = d.kids[:mark] }()
	for n := 0; ; n++ {
		more, err := d.s.more(n, ']')
		if err != nil {
			return nil, err
		}
		if !more {
			l, err := d.builder.List(c.def, d.kids[mark:])
			if err != nil {
				err = in(c.def.Elem(), err)
			}
			return l, err
		}
		e, err := d.entry(c, nil)
		if err != nil {
			return nil, err
		}
		d.kids = append(d.kids, e)
	}
}

func (d *decoder) leafList(def *schema.Node) (*tree.Node, error) {
	if d.s.peek() != '[' {
		return nil, d.wrong("a leaf-list is an array")
	}
	d.s.pos++
	d.values = d.values[:0]
	for n := 0; ; n++ {
		more, err := d.s.more(n, ']')
		if err != nil {
			return nil, err
		}
		if !more {
			return d.builder.LeafList(def, d.values)
		}
		v, err := d.leaf(def)
		if err != nil {
			return nil, err
		}
		d.values = append(d.values, v.Value())
	}
}

// opaque reads anydata, which is an object, or anyxml, which is anything.
func (d *decoder) opaque(def *schema.Node) (*tree.Node, error) {
	if def.Kind == schema.AnyData && d.s.peek() != '{' {
		return nil, d.wrong("anydata is an object")
	}
	raw, err := d.compact()
	if err != nil {
		return nil, err
	}
	return d.builder.Opaque(def, raw), nil
}

// compact reads a value and returns it without white space around its tokens.
func (d *decoder) compact() ([]byte, error) {
	raw, err := d.s.skip(0)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	b.Grow(len(raw))
	if err := json.Compact(&b, raw); err != nil {
		return nil, d.s.syntax("%v", err)
	}
	return b.Bytes(), nil
}

// wrong says that what is next is not what belongs there.
func (d *decoder) wrong(right string) error {
	if d.s.peek(); d.s.pos >= len(d.s.data) {
		return d.s.syntax("the value is missing")
	}
	if r, _ := utf8.DecodeRune(d.s.data[d.s.pos:]); bytes.IndexByte([]byte(`"{[-0123456789tfn`), byte(r)) < 0 || r >= utf8.RuneSelf {
		return d.s.syntax("%s where a value is expected", d.s.found())
	}
	return fault.New(fault.InvalidValue, nil, "there is %s, and %s", d.s.found(), right)
}

// in puts a step before the path of an error.
func in(e path.Elem, err error) error {
	f := fault.All(err)[0]
	if f.Tag != fault.MalformedMessage && f.Tag != fault.TooBig {
		f.Path = append(path.Path{e}, f.Path...)
	}
	return f
}
