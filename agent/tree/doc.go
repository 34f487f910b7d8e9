// Package tree holds instance data: an immutable tree of values that follows
// the schema.
//
//	Tree ── Node (root)                     a container without a name
//	          ├── Node (container)          children, sorted by schema index
//	          │     └── Node (leaf)         one value
//	          ├── Node (leaf-list)          its values
//	          ├── Node (list)               its entries: a persistent map by key
//	          │     └── Node (entry)        children; the keys come first
//	          └── Node (anydata)            RFC 7951 JSON text
//
// A Tree never changes. An edit (Tree.Set, or a Txn for many) makes a new tree
// that shares every subtree it did not touch; Diff skips what two trees share,
// so that both cost what the change is and not what the tree is. A Builder makes
// subtrees bottom-up, which is how the codecs read large documents; small subtrees
// that repeat it makes once.
//
// # Canonical form
//
// A tree holds explicit values only; defaults are seen through
// Node.ChildOrDefault. What says nothing is not in a tree: there is no container
// without children unless it has presence, and no list or leaf-list without
// entries. An entry always has its key leafs, with the values that it is found
// by. Children of at most one case of a choice exist. Values of a configured
// leaf-list that is ordered by the system are sorted. So Equal and Diff are
// exact: two trees that mean the same are equal.
//
// # Order
//
// Entries of a list come in the order of their canonical key texts (bytewise,
// the first key first), or as the user placed them where the list is ordered-by
// user. Lists without keys and leaf-lists of state keep the order they were
// given in; ordered-by is ignored for state (RFC 7950 §7.7.7).
//
// # Caveats
//
// Values are taken as they are: whoever makes a schema.Value has parsed it. The
// values of one leaf-list are kept in a slice: changing one of them costs its
// length. Moving an entry of a user-ordered list costs O(log n), but the Diff
// that reports a move walks the list.
package tree
