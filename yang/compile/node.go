package compile

import (
	"github.com/openconfig/goyang/pkg/yang"

	"github.com/outrigger-cnf/outrigger/agent/schema"
)

// node is a schema node while it is still being changed by refines, augments and
// deviations. Properties that need more than their own text, such as types and
// defaults, stay statements until the tree is finished.
type node struct {
	kind     schema.Kind
	name     string
	mod      *module // whose namespace it is in
	at       *yang.Statement
	scope    *scope // in which its substatements are looked up
	parent   *node
	children []*node

	off      bool // switched off by an if-feature; everything below is too
	implicit bool // a case that a shorthand makes (RFC 7950 §7.9.2), an empty input or output

	config      *bool // nil: as the parent
	mandatory   bool
	presence    bool
	status      *schema.Status // nil: as the parent
	key         *yang.Statement
	uniques     []arg
	userOrdered bool
	min, max    uint32
	typ         *arg
	defaults    []arg
	units       string
	musts       []schema.Must
	whens       []schema.When

	out *schema.Node
}

// arg is a statement whose argument needs the scope it stands in.
type arg struct {
	stmt  *yang.Statement
	scope *scope
}

// kinds maps the keywords that make nodes.
var kinds = map[string]schema.Kind{
	"container":    schema.Container,
	"list":         schema.List,
	"leaf":         schema.Leaf,
	"leaf-list":    schema.LeafList,
	"anydata":      schema.AnyData,
	"anyxml":       schema.AnyXML,
	"choice":       schema.Choice,
	"case":         schema.Case,
	"rpc":          schema.RPC,
	"action":       schema.Action,
	"input":        schema.Input,
	"output":       schema.Output,
	"notification": schema.Notification,
}

// child finds a schema child by name, in the namespace of m; m nil means in that
// of n itself, or else in any.
func (n *node) child(m *module, name string) *node {
	var other *node
	for _, c := range n.children {
		if c.name != name {
			continue
		}
		if m == nil && (c.mod == n.mod || other == nil) || m != nil && c.mod.out.Name == m.out.Name {
			if c.mod == n.mod || m != nil {
				return c
			}
			other = c
		}
	}
	return other
}

// remove takes n out of its parent.
func (n *node) remove(roots []*node) []*node {
	from := &roots
	if n.parent != nil {
		from = &n.parent.children
	}
	for i, c := range *from {
		if c == n {
			*from = append((*from)[:i:i], (*from)[i+1:]...)
			break
		}
	}
	return roots
}
