// Package schema holds the compiled YANG schema that the agent serves.
//
// A Schema is immutable once loaded and shared by everybody. It is *resolved*:
// groupings are expanded, refines, augments and deviations applied, features
// decided, leafrefs bound to their targets. What is in it is implemented; what
// is not implemented is not in it (RFC 7950 §5.6.3).
//
//	Schema ── Module            name, namespace, revision, features, identities
//	   └───── Node (Root)       the data tree, RPCs and notifications
//	            └── Type        of a leaf or leaf-list; Parse makes a Value
//
// It is compiled from YANG by yang/compile when the project is generated, and
// loaded from that compact form (Load) when the agent starts.
package schema

import "sync"

// Kind says what statement a Node comes from.
type Kind uint8

// The kinds of schema node (RFC 7950 §7).
const (
	Container Kind = iota + 1
	List
	Leaf
	LeafList
	AnyData
	AnyXML
	Choice
	Case
	RPC
	Action
	Input
	Output
	Notification
)

// Schema is the whole of what is served.
type Schema struct {
	// Root is a Container without a name. Its Children are the top-level nodes
	// of all implemented modules: data nodes, RPCs and notifications.
	Root *Node
	// Modules holds every module that is implemented or imported, sorted by
	// name and revision.
	Modules []*Module

	byName      map[string]*Module // implemented, or the latest of that name
	byNamespace map[string]*Module

	matchers sync.Map // *Type → []matcher: its patterns, compiled at first use
}

// Module is one YANG module (RFC 7950 §7.1).
type Module struct {
	Name, Namespace, Prefix string
	Revision                string // the latest; empty where there is none
	YANGVersion             string // "1" or "1.1"
	// Implemented tells a module that is implemented from one that is only
	// imported (RFC 7950 §5.6.5).
	Implemented bool
	Features    []string // enabled ones, sorted
	Submodules  []Submodule
	// DeviatedBy names the modules that deviate this one (RFC 8525 deviation).
	DeviatedBy []string
	Identities []*Identity // by name; without those that a feature switches off
	// Prefixes maps each prefix of the module's import statements, and its own,
	// to a module name. XPath expressions written in the module (and in its
	// submodules) use them.
	Prefixes map[string]string

	schema *Schema // that it is part of; set when the schema is linked
}

// Submodule is a submodule that a module includes (RFC 7950 §7.2).
type Submodule struct{ Name, Revision string }

// Identity is an identity (RFC 7950 §7.18).
type Identity struct {
	Module *Module
	Name   string
	// Bases are the identities it is directly derived from.
	Bases []*Identity
}

// Node is one schema node. Fields that do not belong to its Kind are zero.
type Node struct {
	Kind   Kind
	Name   string
	Module *Module // whose namespace the node is in

	Parent   *Node   // schema parent, choices and cases included; nil at Root
	Children []*Node // in schema order, choices, cases, actions and notifications included

	// DataParent is the nearest ancestor that is not a choice or case.
	DataParent *Node
	// Data holds the data nodes below, choices and cases looked through, in
	// schema order; the keys of a list come first, in key order.
	Data []*Node
	// Index is the node's position in DataParent.Data.
	Index int

	Config    bool // RFC 7950 §7.21.1; false below RPCs, actions and notifications
	Mandatory bool // leaf, choice, anydata, anyxml
	Presence  bool // container
	Status    Status

	Keys        []*Node   // list: the key leafs in key order; empty for a keyless list
	Unique      [][]*Node // list: leafs of each unique statement (RFC 7950 §7.8.3)
	UserOrdered bool      // list, leaf-list: ordered-by user
	Min         uint32    // list, leaf-list: min-elements
	Max         uint32    // list, leaf-list: max-elements; 0 is unbounded
	DefaultCase *Node     // choice: the case that is the default, or nil

	Type     *Type   // leaf, leaf-list
	Defaults []Value // leaf (at most one) and leaf-list: canonical, in order; the type's default where the leaf has none
	Units    string

	Musts []Must
	// Whens holds the node's own conditions. Those of the choices and cases around
	// a node are repeated in it, so that a data node has all that decide on it
	// up to its data parent.
	Whens []When

	// byName is Data sorted by name; nil where Data is so short that looking
	// through it is as fast.
	byName []*Node
}

// Status is a definition's status (RFC 7950 §7.21.2).
type Status uint8

// The statuses.
const (
	Current Status = iota
	Deprecated
	Obsolete
)

// Expr is an XPath expression as written. Prefixes resolve by Lexical.Prefixes;
// a name without one belongs to the namespace of the context node's module
// (RFC 7950 §6.4.1).
type Expr struct {
	Text    string
	Lexical *Module
}

// Must is a must statement (RFC 7950 §7.5.3); its context node is the node that
// has it.
type Must struct {
	Expr
	ErrorMessage, ErrorAppTag string
}

// When is a when statement (RFC 7950 §7.21.5). With OnParent the context node is
// the closest data ancestor: so for a when on an augment, uses, choice or case.
type When struct {
	Expr
	OnParent bool
}
