// Package codec holds what the codecs have in common: which part of a tree a
// reader is shown. The codecs themselves are
//
//	jsoncodec   RFC 7951 JSON, with RFC 7952 metadata, and gNMI's plain JSON
//	xmlcodec    XML, with a Reader for messages of any kind
//	typedcodec  gNMI's TypedValue
//
// Each reads what it writes: a tree survives the way through a codec, except for
// what a View leaves out.
package codec

import (
	"slices"

	"github.com/outrigger-cnf/outrigger/agent/schema"
	"github.com/outrigger-cnf/outrigger/agent/tree"
)

// Defaults is a with-defaults mode (RFC 6243 §3).
type Defaults uint8

// The modes.
const (
	Explicit        Defaults = iota // what was set
	Trim                            // what was set to something else than the default
	ReportAll                       // defaults in use too
	ReportAllTagged                 // and those are marked
)

func (d Defaults) String() string {
	names := [...]string{"explicit", "trim", "report-all", "report-all-tagged"}
	if int(d) < len(names) {
		return names[d]
	}
	return "unknown"
}

// Content says which kind of data is shown (RFC 8040 §4.8.1).
type Content uint8

// The contents.
const (
	All    Content = iota
	Config         // configuration
	State          // state, and the list keys on the way to it
)

// View is which part of a tree is shown. The zero View shows all that is explicit.
type View struct {
	Defaults Defaults
	Content  Content
	// Filter says which leafs, leaf-lists and anydata are shown; nil is all. Keys
	// are shown with their entry. Containers without presence are shown where
	// something in them is.
	Filter func(*schema.Node) bool
	// Enter says which containers and lists are shown at all; nil is all.
	Enter func(*schema.Node) bool
}

// Children yields the children of a container or entry to look at, keys first.
// A container among them may turn out to show nothing.
func (v *View) Children(n *tree.Node, yield func(*tree.Node) bool) bool {
	if v.Defaults == ReportAll || v.Defaults == ReportAllTagged {
		for c := range n.ChildrenWithDefaults() {
			if v.admits(c) && !yield(c) {
				return false
			}
		}
		return true
	}
	for c := range n.Children() {
		if v.admits(c) && !yield(c) {
			return false
		}
	}
	return true
}

func (v *View) admits(c *tree.Node) bool {
	def := c.Schema()
	if def.IsKey() {
		return true
	}
	switch {
	case v.Content == Config && !def.Config:
		return false
	case def.Kind == schema.Container || def.Kind == schema.List:
		return v.Enter == nil || v.Enter(def)
	case v.Content == State && def.Config:
		return false
	case v.Defaults == Trim && isDefault(c):
		return false
	}
	return v.Filter == nil || v.Filter(def)
}

// isDefault reports whether a leaf or leaf-list says what its default says.
func isDefault(n *tree.Node) bool {
	def := n.Schema()
	switch {
	case len(def.Defaults) == 0:
		return false
	case def.Kind == schema.Leaf:
		return n.Value() == def.Defaults[0]
	default:
		return slices.Equal(n.Values(), def.Defaults)
	}
}

// Bare reports whether a container or an entry is shown though nothing but keys
// in it is: because that it exists is information of the kind that is asked for.
// For who chooses what to enter and lets a list's keys not through, they only lead
// to what is in the entries.
func (v *View) Bare(n *tree.Node) bool {
	def := n.Schema()
	if def.Kind == schema.Container && !def.Presence && def.Name != "" || n.IsDefault() {
		return false
	}
	if n.IsEntry() && len(def.Keys) > 0 && v.Enter != nil && v.Filter != nil && !v.Filter(def.Keys[0]) {
		return false
	}
	return v.Content != State || !def.Config
}
