package gnmi

import (
	"maps"
	"slices"

	gpb "github.com/openconfig/gnmi/proto/gnmi"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"

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

// encoder makes the fields of Notifications, one after the other, in wire form. Most
// of what takes time of the general encoder is the same in each: the way to a
// container whose leafs are told. Here that is encoded once.
type encoder struct {
	field []byte // the last one

	// The path that was encoded last; ends are those of its elements in text.
	elems []*gpb.PathElem
	text  []byte
	ends  []int
}

// update encodes a field with an Update, of which value is a TypedValue. It is the
// encoder's.
func (e *encoder) update(origin string, elems []*gpb.PathElem, value []byte, duplicates uint32) []byte {
	way := e.way(elems)
	size := sizeOfField(sizeOfPath(origin, way)) + sizeOfField(len(value))
	if duplicates > 0 {
		size += protowire.SizeTag(fieldDuplicates) + protowire.SizeVarint(uint64(duplicates))
	}
	b := appendHeader(e.field[:0], fieldUpdate, size)
	b = appendPath(b, fieldPath, origin, way)
	b = append(appendHeader(b, fieldVal, len(value)), value...)
	if duplicates > 0 {
		b = protowire.AppendTag(b, fieldDuplicates, protowire.VarintType)
		b = protowire.AppendVarint(b, uint64(duplicates))
	}
	e.field = b
	return b
}

// delete encodes a field with the path of what is gone. It is the encoder's.
func (e *encoder) delete(origin string, elems []*gpb.PathElem) []byte {
	e.field = appendPath(e.field[:0], fieldDelete, origin, e.way(elems))
	return e.field
}

// appendPath appends a field with a path, of which way are the elements.
func appendPath(b []byte, field protowire.Number, origin string, way []byte) []byte {
	b = appendHeader(b, field, sizeOfPath(origin, way))
	if origin != "" {
		b = appendText(b, fieldOrigin, origin)
	}
	return append(b, way...)
}

func sizeOfPath(origin string, way []byte) int {
	if origin == "" {
		return len(way)
	}
	return sizeOfField(len(origin)) + len(way)
}

// sizeOfField is the size of a field of a number below 16 that has so many octets.
func sizeOfField(size int) int { return 1 + protowire.SizeBytes(size) }

// appendHeader appends the tag of a field, and how many octets are to follow.
func appendHeader(b []byte, field protowire.Number, size int) []byte {
	return protowire.AppendVarint(protowire.AppendTag(b, field, protowire.BytesType), uint64(size))
}

// way encodes the elements of a path, those only that differ from the last one's.
// Elements are never changed, so they are the same if the pointers are.
func (e *encoder) way(elems []*gpb.PathElem) []byte {
	n := 0
	for n < len(elems) && n < len(e.elems) && elems[n] == e.elems[n] {
		n++
	}
	e.elems, e.ends = append(e.elems[:n], elems[n:]...), e.ends[:n]
	if n == 0 {
		e.text = e.text[:0]
	} else {
		e.text = e.text[:e.ends[n-1]]
	}
	for _, elem := range elems[n:] {
		e.text = appendElem(e.text, elem)
		e.ends = append(e.ends, len(e.text))
	}
	return e.text
}

func appendElem(b []byte, e *gpb.PathElem) []byte {
	size := 0
	if e.Name != "" {
		size += sizeOfField(len(e.Name))
	}
	for k, v := range e.Key {
		size += sizeOfField(sizeOfKey(k, v))
	}
	b = appendHeader(b, fieldElem, size)
	if e.Name != "" {
		b = appendText(b, fieldName, e.Name)
	}
	if len(e.Key) > 1 {
		for _, k := range slices.Sorted(maps.Keys(e.Key)) {
			b = appendKey(b, k, e.Key[k])
		}
		return b
	}
	for k, v := range e.Key {
		b = appendKey(b, k, v)
	}
	return b
}

func sizeOfKey(k, v string) int { return sizeOfField(len(k)) + sizeOfField(len(v)) }

func appendKey(b []byte, k, v string) []byte {
	b = appendHeader(b, fieldKey, sizeOfKey(k, v))
	return appendText(appendText(b, fieldMapKey, k), fieldMapValue, v)
}

func appendText(b []byte, field protowire.Number, text string) []byte {
	return append(appendHeader(b, field, len(text)), text...)
}

// appendValue appends what encodeValue makes of a node: numbers, which are the many,
// by the shortest way.
func appendValue(b []byte, n *tree.Node, enc gpb.Encoding) ([]byte, error) {
	if n.Schema().Kind == schema.Leaf && enc == gpb.Encoding_PROTO {
		if v := n.Value(); v.Type != nil {
			switch v.Type.Kind {
			case schema.Uint8, schema.Uint16, schema.Uint32, schema.Uint64:
				return protowire.AppendVarint(protowire.AppendTag(b, fieldUint, protowire.VarintType), v.Uint()), nil
			}
		}
	}
	v, err := encodeValue(n, enc)
	if err != nil {
		return nil, err
	}
	return proto.MarshalOptions{}.MarshalAppend(b, v)
}
