package jsoncodec

import (
	"strings"

	"github.com/outrigger-cnf/outrigger/agent/fault"
	"github.com/outrigger-cnf/outrigger/agent/schema"
	"github.com/outrigger-cnf/outrigger/agent/tree"
)

// class is what there is to know about one schema node: the names that were met
// as members of its instances.
type class struct {
	def     *schema.Node
	members []member
	next    int // the member that is likely to come next
}

type member struct {
	name  string // as written
	class *class
}

func (d *decoder) class(def *schema.Node) *class {
	c := d.classes[def]
	if c == nil {
		c = &class{def: def}
		d.classes[def] = c
	}
	return c
}

// member finds the child that a member's name means.
func (d *decoder) member(c *class, name []byte) (*class, error) {
	for i := range c.members {
		at := c.next + i
		if at >= len(c.members) {
			at -= len(c.members)
		}
		if m := &c.members[at]; m.name == string(name) {
			if c.next = at + 1; c.next == len(c.members) {
				c.next = 0
			}
			return m.class, nil
		}
	}
	def, err := d.child(c.def, string(name))
	if err != nil {
		return nil, err
	}
	m := member{string(name), d.class(def)}
	c.members = append(c.members, m)
	c.next = 0
	return m.class, nil
}

// child resolves a member's name: qualified by its module, or of the module of
// the node around it (RFC 7951 §4).
func (d *decoder) child(parent *schema.Node, name string) (*schema.Node, error) {
	module, local, qualified := strings.Cut(name, ":")
	if !qualified {
		module, local = "", name
	}
	def := parent.Child(module, local)
	if def != nil && !qualified && !d.o.Lenient && def.Module != parent.Module {
		return nil, fault.New(fault.UnknownElement, nil, "the member %q needs its module: %s:%s", name, def.Module.Name, local).
			WithInfo("bad-element", local)
	}
	if def == nil {
		return nil, unknown(parent, module, local)
	}
	return def, nil
}

func stateGiven(def *schema.Node) error {
	return fault.New(fault.InvalidValue, nil, "this is state, which cannot be configured").WithInfo("bad-element", def.Name)
}

// unknown says what members there are.
func unknown(parent *schema.Node, module, local string) error {
	name := local
	if module != "" {
		name = module + ":" + local
	}
	if c := parent.Child("", local); c != nil {
		return fault.New(fault.UnknownElement, nil, "there is no member %q here; %s:%s is there", name, c.Module.Name, local).
			WithInfo("bad-element", local)
	}
	const most = 8
	var names []string
	for i, c := range parent.Data {
		if i == most {
			names = append(names, "…")
			break
		}
		name := c.Name
		if c.Module != parent.Module {
			name = c.Module.Name + ":" + name
		}
		names = append(names, name)
	}
	right := "there are none"
	if len(names) > 0 {
		right = "expected is one of " + strings.Join(names, ", ")
	}
	return fault.New(fault.UnknownElement, nil, "there is no member %q here; %s", name, right).WithInfo("bad-element", local)
}

// annotation is metadata about a member (RFC 7952 §5.2.2).
type annotation struct {
	def *schema.Node
	raw []byte
}

// metadata reads the value of a member "@" or "@name".
func (d *decoder) metadata(c *class, name string, meta []byte, about []annotation) ([]byte, []annotation, error) {
	twice := fault.New(fault.BadElement, nil, "%q stands here twice", "@"+name)
	want, right := byte('{'), "an object"
	var def *schema.Node
	if name != "" {
		m, err := d.member(c, []byte(name))
		if err != nil {
			return nil, nil, err
		}
		def = m.def
		if def.Kind == schema.LeafList || def.Kind == schema.List {
			want, right = '[', "an array"
		}
	}
	if d.s.peek() != want {
		return nil, nil, d.wrong("the metadata \"@" + name + "\" is " + right)
	}
	raw, err := d.compact()
	if err != nil {
		return nil, nil, err
	}
	if len(raw) > d.o.MaxMeta {
		return nil, nil, fault.New(fault.TooBig, nil, "the metadata has %d bytes; at most %d are kept", len(raw), d.o.MaxMeta)
	}
	if def == nil {
		if meta != nil {
			return nil, nil, twice
		}
		return raw, about, nil
	}
	for _, a := range about {
		if a.def == def {
			return nil, nil, twice
		}
	}
	return meta, append(about, annotation{def, raw}), nil
}

// annotate gives the members their metadata.
func (d *decoder) annotate(kids []*tree.Node, about []annotation) error {
	for _, a := range about {
		found := false
		for i, k := range kids {
			if k.Schema() == a.def {
				kids[i], found = k.WithMeta(a.raw), true
			}
		}
		if !found {
			return fault.New(fault.BadElement, nil, "%q stands here without %q", "@"+a.def.Name, a.def.Name).
				WithInfo("bad-element", a.def.Name)
		}
	}
	return nil
}
