// Package object holds the typed objects of a dataplane, as they should be and
// as they are.
//
//	models ──claims──▶ Claim ──Merge──▶ desired Object ──plan──▶ backend
//	models ◀─rendered─ State ◀──────────── observed ◀──────────── backend
//
// M models and N backends meet here. An object says what a network device has —
// a link, an address, a route, a neighbor, a setting — in terms that belong to
// no model and to no dataplane. Two models may speak of one object: each makes a
// Claim of the attributes that its configuration sets, and Merge joins the
// claims or says which two places of the configuration contradict each other.
//
// All values here are plain data: nothing is locked, nothing is changed once it
// has been handed on.
package object

import (
	"encoding/json"
	"iter"
	"strings"
)

// Kind is a kind of object.
type Kind uint8

// The kinds, in the order in which they are made.
const (
	KindLink Kind = iota + 1
	KindSetting
	KindAddress
	KindNeighbor
	KindRoute
)

var kindNames = [...]string{
	KindLink: "link", KindSetting: "setting", KindAddress: "address",
	KindNeighbor: "neighbor", KindRoute: "route",
}

func (k Kind) String() string {
	if int(k) < len(kindNames) && kindNames[k] != "" {
		return kindNames[k]
	}
	return "unknown"
}

// ID names one object. Name is unique in its kind and readable; it is made by
// the ID methods of the objects and not meant to be taken apart.
type ID struct {
	Kind Kind
	Name string
}

func (id ID) String() string { return id.Kind.String() + " " + id.Name }

// Compare orders IDs by kind, in the order of making, and name.
func (id ID) Compare(other ID) int {
	if id.Kind != other.Kind {
		return int(id.Kind) - int(other.Kind)
	}
	return strings.Compare(id.Name, other.Name)
}

// IsZero reports whether id names nothing.
func (id ID) IsZero() bool { return id == ID{} }

// Object is the desired state of one thing: a *Link, *Setting, *Address,
// *Neighbor or *Route.
type Object interface {
	ID() ID
	// attrs are the attributes that objects of its type have.
	attrs() *attributes
	// clone is a copy that Merge may write to.
	clone() Object
}

// attribute is one attribute of a type of object. All objects passed are of
// that type.
type attribute struct {
	name  Attr
	text  func(Object) string // the value, for messages
	equal func(a, b Object) bool
	copy  func(to, from Object)
	// write and read are the value as JSON; nil where it is never written.
	write func(Object) ([]byte, error)
	read  func(to Object, text []byte) error
}

// attr makes an attribute from the field that holds it.
func attr[O Object, V comparable](name Attr, field func(O) *V, text func(V) string) attribute {
	return attribute{
		name:  name,
		text:  func(o Object) string { return text(*field(o.(O))) },
		equal: func(a, b Object) bool { return *field(a.(O)) == *field(b.(O)) },
		copy:  func(to, from Object) { *field(to.(O)) = *field(from.(O)) },
		write: func(o Object) ([]byte, error) { return json.Marshal(*field(o.(O))) },
		read:  func(to Object, text []byte) error { return json.Unmarshal(text, field(to.(O))) },
	}
}

// attributes are those of a type, with their names.
type attributes struct {
	list  []attribute
	names []Attr
}

func table(list ...attribute) *attributes {
	t := &attributes{list: list, names: make([]Attr, len(list))}
	for i, a := range list {
		t.names[i] = a.name
	}
	return t
}

// Links yields the names of the links that must be there before o can be, itself
// excluded. There is nothing else that it needs, since addresses are ordered before
// routes by their kind.
func Links(o Object) iter.Seq[string] {
	return func(yield func(string) bool) { needs(o, yield) }
}

// Needs reports whether a link is among the Links of o.
func Needs(o Object, link string) bool {
	for name := range Links(o) {
		if name == link {
			return true
		}
	}
	return false
}

// needs yields the Links of o until yield has had enough.
func needs(o Object, yield func(string) bool) {
	switch o := o.(type) {
	case *Link:
		o.needs(yield)
	case *Setting:
		if o.Link != "" {
			yield(o.Link)
		}
	case *Address:
		yield(o.Link)
	case *Neighbor:
		yield(o.Link)
	case *Route:
		o.needs(yield)
	}
}
