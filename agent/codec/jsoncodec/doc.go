// Package jsoncodec reads and writes instance data as JSON (RFC 7951), with the
// metadata of RFC 7952, and in the plainer form that gNMI calls JSON.
//
//	write.go   tree → JSON
//	scan.go    bytes → tokens: strict RFC 8259
//	decode.go  tokens → tree: names, lists, keys, metadata
//	value.go   a JSON value → a leaf's value, strictly or leniently
//
// A reader is strict: it refuses names that stand twice, unknown names, and JSON
// types that RFC 7951 §6 does not have for the leaf. DecodeOptions.Lenient takes
// what gNMI clients send: numbers and strings for each other, names and
// identities without their module.
//
// Metadata is kept as it came: "@" with the container, entry or root that it
// stands in, "@name" with the child of that name. It has no meaning here.
package jsoncodec
