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

// encoder makes the fields of Notifications, one after the other, in wire form. Most
// of what takes time of the general encoder is the same in each: the way to a
// container whose leafs are told. Here that is encoded once.
type encoder struct {
	prefix replyPrefix
	field  []byte // the last one

	// The elements of the path that was encoded last, where each step of the way ends.
	text []byte
	ends []int
}

// update encodes a field with an Update, of which value is a TypedValue. It is the
// encoder's.
func (e *encoder) update(origin string, elems, value []byte, duplicates uint32) []byte {
	size := sizeOfField(sizeOfPath(origin, elems)) + sizeOfField(len(value))
	if duplicates > 0 {
		size += protowire.SizeTag(fieldDuplicates) + protowire.SizeVarint(uint64(duplicates))
	}
	b := appendHeader(e.field[:0], fieldUpdate, size)
	b = appendPath(b, fieldPath, origin, elems)
	b = append(appendHeader(b, fieldVal, len(value)), value...)
	if duplicates > 0 {
		b = protowire.AppendTag(b, fieldDuplicates, protowire.VarintType)
		b = protowire.AppendVarint(b, uint64(duplicates))
	}
	e.field = b
	return b
}

// delete encodes a field with the path of what is gone. It is the encoder's.
func (e *encoder) delete(origin string, elems []byte) []byte {
	e.field = appendPath(e.field[:0], fieldDelete, origin, elems)
	return e.field
}

// appendPath appends a field with a path, of which elems are the elements.
func appendPath(b []byte, field protowire.Number, origin string, elems []byte) []byte {
	b = appendHeader(b, field, sizeOfPath(origin, elems))
	if origin != "" {
		b = appendText(b, fieldOrigin, origin)
	}
	return append(b, elems...)
}

func sizeOfPath(origin string, elems []byte) int {
	if origin == "" {
		return len(elems)
	}
	return sizeOfField(len(origin)) + len(elems)
}

// sizeOfField is the size of a field of a number below 16 that has so many octets.
func sizeOfField(size int) int { return 1 + protowire.SizeBytes(size) }

// appendHeader appends the tag of a field, and how many octets are to follow.
func appendHeader(b []byte, field protowire.Number, size int) []byte {
	return protowire.AppendVarint(protowire.AppendTag(b, field, protowire.BytesType), uint64(size))
}

// elems encodes the elements of a path of a selection, save the first ones, as many
// as same says, which are those of the last time.
func (e *encoder) elems(sel *selector, t *target, w way, same int) []byte {
	e.ends = e.ends[:same]
	if same == 0 {
		e.text = e.text[:0]
	} else {
		e.text = e.text[:e.ends[same-1]]
	}
	for i := same; i < len(w.path); i++ {
		if i >= e.prefix.n {
			e.text = sel.appendElement(e.text, t, e.prefix, w, i)
		}
		e.ends = append(e.ends, len(e.text))
	}
	return e.text
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
