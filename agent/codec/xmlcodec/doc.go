// Package xmlcodec reads and writes instance data as XML (RFC 7950 §7 and §9, the
// "XML Encoding Rules"), and has the Reader that NETCONF reads its messages with.
//
//	write.go   tree → XML: elements, values with their own prefix declarations
//	anydata.go the content of anydata and anyxml, which a tree keeps as JSON
//	reader.go  bytes → elements: a strict, namespace-aware pull parser
//	lex.go     its lexical part: names, entities, attributes
//	decode.go  elements → tree, with a hook for attributes
//	value.go   the text of an element → value, prefixes resolved
//
// The Reader takes XML 1.0 with namespaces, in UTF-8, of one document that is in
// memory. It refuses document type declarations and with them all entities but
// the five predefined ones and character references, undeclared prefixes,
// attributes that stand twice, and nesting that is too deep. Comments and
// processing instructions are skipped.
package xmlcodec
