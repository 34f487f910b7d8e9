package schema

// TypeKind is a YANG built-in type (RFC 7950 §4.2.4).
type TypeKind uint8

// The built-in types.
const (
	Int8 TypeKind = iota + 1
	Int16
	Int32
	Int64
	Uint8
	Uint16
	Uint32
	Uint64
	Decimal64
	String
	Boolean
	Enumeration
	Bits
	Binary
	Empty
	Identityref
	InstanceIdentifier
	Leafref
	Union
)

// Type is a resolved type: restrictions of all typedefs on the way are combined.
type Type struct {
	Kind TypeKind
	// Name is the type's name as the leaf's type statement has it (prefix:name or
	// name), for printing the tree; Typedef is module:name of the outermost
	// typedef, empty for a built-in type.
	Name, Typedef string

	// Ranges bound integers (as themselves) and decimal64 (scaled by
	// 10^FractionDigits). Nil is the whole type.
	Ranges   []Range
	Lengths  []Length  // string (in characters) and binary (in octets)
	Patterns []Pattern // all must match

	FractionDigits uint8
	Enums          []Enum      // in order
	Bits           []Bit       // by position
	Bases          []*Identity // identityref: derived from all of them

	// Leafref (RFC 7950 §9.9): Path as written, Target the leaf it leads to.
	Path            Expr
	Target          *Node
	RequireInstance bool // leafref, instance-identifier

	Members []*Type // union, in order
}

// Range is an inclusive range. Lo and Hi hold the two's complement of signed
// types, so that both int64 and uint64 fit; compare by the type's Kind.
type Range struct{ Lo, Hi uint64 }

// Length is an inclusive range of lengths.
type Length struct{ Lo, Hi uint64 }

// Pattern is an XSD regular expression (RFC 7950 §9.4.5).
type Pattern struct {
	Text                      string
	Invert                    bool
	ErrorMessage, ErrorAppTag string
}

// Enum is one enum of an enumeration.
type Enum struct {
	Name  string
	Value int32
}

// Bit is one bit of a bits type.
type Bit struct {
	Name     string
	Position uint32
}
