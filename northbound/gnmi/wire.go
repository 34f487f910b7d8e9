package gnmi

import (
	gpb "github.com/openconfig/gnmi/proto/gnmi"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"

	"github.com/outrigger-cnf/outrigger/agent/path"
	"github.com/outrigger-cnf/outrigger/agent/schema"
	"github.com/outrigger-cnf/outrigger/agent/tree"
)

// Numbers of fields, from gnmi.proto.
const (
	fieldNotification = 1 // SubscribeResponse.update
	fieldTimestamp    = 1 // Notification.timestamp
	fieldPrefix       = 2 // Notification.prefix
	fieldUpdate       = 4 // Notification.update
	fieldDelete       = 5 // Notification.delete
	fieldPath         = 1 // Update.path
	fieldVal          = 3 // Update.val
	fieldDuplicates   = 4 // Update.duplicates
	fieldUint         = 3 // TypedValue.uint_val
	fieldOrigin       = 2 // Path.origin
	fieldElem         = 3 // Path.elem
	fieldName         = 1 // PathElem.name
	fieldKey          = 2 // PathElem.key, a map: of messages with these two:
	fieldMapKey       = 1
	fieldMapValue     = 2
)

// encoder makes paths in wire form, one after the other. Most of what takes time of
// the general encoder is the same in each: the way to a container whose leafs are
// told. Here that is encoded once.
type encoder struct {
	prefix replyPrefix

	path []byte // the last one, a Path
	ends []int  // of each step of the way to it
}

// goTo encodes a path of a selection, save the first steps of the way, as many as same
// says, which are those of the last one.
func (e *encoder) goTo(sel *selector, t *target, w way, same int) {
	e.ends = e.ends[:same]
	switch {
	case same > 0:
		e.path = e.path[:e.ends[same-1]]
	case sel.origin != "":
		e.path = appendText(e.path[:0], fieldOrigin, sel.origin)
	default:
		e.path = e.path[:0]
	}
	for i := same; i < len(w.path); i++ {
		if i >= e.prefix.n {
			e.path = sel.appendElement(e.path, t, e.prefix, w, i)
		}
		e.ends = append(e.ends, len(e.path))
	}
}

// sizeOfUpdate is the size of an Update with a path of that size and a TypedValue.
func sizeOfUpdate(path int, value []byte, duplicates uint32) int {
	size := sizeOfField(path) + sizeOfField(len(value))
	if duplicates > 0 {
		size += 1 + protowire.SizeVarint(uint64(duplicates))
	}
	return size
}

// appendUpdate appends a field with an Update of that size, of which the path and its
// last element are in two parts.
func appendUpdate(b []byte, size int, path, last, value []byte, duplicates uint32) []byte {
	b = appendHeader(b, fieldUpdate, size)
	b = append(append(appendHeader(b, fieldPath, len(path)+len(last)), path...), last...)
	b = append(appendHeader(b, fieldVal, len(value)), value...)
	if duplicates > 0 {
		b = protowire.AppendTag(b, fieldDuplicates, protowire.VarintType)
		b = protowire.AppendVarint(b, uint64(duplicates))
	}
	return b
}

// sizeOfField is the size of a field of a number below 16 that has so many octets.
func sizeOfField(size int) int { return 1 + protowire.SizeBytes(size) }

// appendHeader appends the tag of a field of a number below 16, and how many octets are
// to follow.
func appendHeader(b []byte, field byte, size int) []byte {
	tag := field<<3 | byte(protowire.BytesType)
	if size < 1<<7 { // as most
		return append(b, tag, byte(size))
	}
	return protowire.AppendVarint(append(b, tag), uint64(size))
}

// appendElem appends an element of a path.
func appendElem(b []byte, name string, keys []path.Key) []byte {
	size := sizeOfField(len(name))
	for _, k := range keys {
		size += sizeOfField(sizeOfKey(k))
	}
	b = appendText(appendHeader(b, fieldElem, size), fieldName, name)
	for _, k := range keys {
		b = appendHeader(b, fieldKey, sizeOfKey(k))
		b = appendText(appendText(b, fieldMapKey, k.Name), fieldMapValue, k.Value)
	}
	return b
}

func sizeOfKey(k path.Key) int { return sizeOfField(len(k.Name)) + sizeOfField(len(k.Value)) }

func appendText(b []byte, field byte, text string) []byte {
	return append(appendHeader(b, field, len(text)), text...)
}

// appendValue appends what encodeValue makes of a node: numbers, which are the many,
// by the shortest way.
func appendValue(b []byte, n *tree.Node, enc gpb.Encoding) ([]byte, error) {
	if n.Schema().Kind == schema.Leaf && enc == gpb.Encoding_PROTO {
		if v := n.Value(); v.Type != nil && v.Type.Unsigned() {
			return protowire.AppendVarint(protowire.AppendTag(b, fieldUint, protowire.VarintType), v.Uint()), nil
		}
	}
	v, err := encodeValue(n, enc)
	if err != nil {
		return nil, err
	}
	return proto.MarshalOptions{}.MarshalAppend(b, v)
}
