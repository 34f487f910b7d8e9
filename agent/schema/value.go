package schema

// Value is the value of one leaf or of one leaf-list entry.
//
// Text is the canonical form (RFC 7950 §9.1): what XPath compares, what a list
// is keyed by and what XML carries, save that names of identities and the steps
// of an instance-identifier are qualified by module names (RFC 7951 §6.8, §6.11)
// and not by XML prefixes. Two equal values have equal Text.
//
// Type is the type that Text belongs to with unions and leafrefs seen through:
// its Kind is never Union or Leafref. It decides how JSON and gNMI write Text.
type Value struct {
	Type *Type
	Text string
}
