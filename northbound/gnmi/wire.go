package gnmi

import (
	"maps"
	"slices"

	gpb "github.com/openconfig/gnmi/proto/gnmi"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
)

// Numbers of fields, from gnmi.proto.
const (
	fieldUpdate     = 4 // Notification.update
	fieldPath       = 1 // Update.path
	fieldVal        = 3 // Update.val
	fieldDuplicates = 4 // Update.duplicates
	fieldOrigin     = 2 // Path.origin
	fieldElem       = 3 // Path.elem
	fieldName       = 1 // PathElem.name
	fieldKey        = 2 // PathElem.key, a map: of messages with these two:
	fieldMapKey     = 1
	fieldMapValue   = 2
)

// updates are Updates in wire form, as the field Notification.update has them.
//
// Streams send many, and most of what takes time of the general encoder is the same
// in one after the other: the way to a container whose leafs are told. Here that is
// encoded once. A Notification carries the outcome along as fields that it does not
// know, which are written as they are: what goes out is the same.
type updates struct {
	wire []byte
	one  []byte // the Update that was encoded last
	last [2]int // how long wire was when it was taken last, and before that

	tape      []byte // what was added since record, as long as that is not too much
	recording int    // how much that may be; 0: nothing is recorded

	// The path that was encoded last; ends are those of its elements in text.
	elems []*gpb.PathElem
	text  []byte
	ends  []int
}

// encode makes the Update that add adds.
func (u *updates) encode(origin string, elems []*gpb.PathElem, v *gpb.TypedValue, duplicates uint32) error {
	way := u.way(elems)
	size := len(way)
	if origin != "" {
		size += protowire.SizeTag(fieldOrigin) + protowire.SizeBytes(len(origin))
	}
	b := protowire.AppendTag(u.one[:0], fieldPath, protowire.BytesType)
	b = protowire.AppendVarint(b, uint64(size))
	if origin != "" {
		b = appendText(b, fieldOrigin, origin)
	}
	b = append(b, way...)
	b = protowire.AppendTag(b, fieldVal, protowire.BytesType)
	b, err := appendValue(b, v)
	if err != nil {
		return err
	}
	if duplicates > 0 {
		b = protowire.AppendTag(b, fieldDuplicates, protowire.VarintType)
		b = protowire.AppendVarint(b, uint64(duplicates))
	}
	u.one = b
	return nil
}

// add adds the Update that was encoded last.
func (u *updates) add() {
	u.grow(len(u.one) + 8)
	begin := len(u.wire)
	u.wire = protowire.AppendTag(u.wire, fieldUpdate, protowire.BytesType)
	u.wire = protowire.AppendBytes(u.wire, u.one)
	switch more := u.wire[begin:]; {
	case u.recording == 0:
	case len(u.tape)+len(more) > u.recording:
		u.recording = 0
	default:
		u.tape = append(u.tape, more...)
	}
}

// grow makes room for the first Update: as much as all had lately, or a little more.
func (u *updates) grow(least int) {
	if lately := max(u.last[0], u.last[1]); u.wire == nil {
		u.wire = make([]byte, 0, max(lately, least)+lately/16)
	}
}

// record has what is added from now on be recorded, up to a size.
func (u *updates) record(most int) { u.tape, u.recording = u.tape[:0], most }

// recorded ends that, and returns what has been added; nil if it was too much.
func (u *updates) recorded() []byte {
	if u.recording == 0 {
		return nil
	}
	u.recording = 0
	return append(make([]byte, 0, len(u.tape)), u.tape...)
}

// take returns what has been added, which is the caller's then.
func (u *updates) take() []byte {
	wire := u.wire
	u.wire, u.last = nil, [2]int{len(wire), u.last[0]}
	return wire
}

// way encodes the elements of a path, those only that differ from the last one's.
// Elements are never changed, so they are the same if the pointers are.
func (u *updates) way(elems []*gpb.PathElem) []byte {
	n := 0
	for n < len(elems) && n < len(u.elems) && elems[n] == u.elems[n] {
		n++
	}
	u.elems, u.ends = append(u.elems[:n], elems[n:]...), u.ends[:n]
	if n == 0 {
		u.text = u.text[:0]
	} else {
		u.text = u.text[:u.ends[n-1]]
	}
	for _, e := range elems[n:] {
		u.text = appendElem(u.text, e)
		u.ends = append(u.ends, len(u.text))
	}
	return u.text
}

func appendElem(b []byte, e *gpb.PathElem) []byte {
	b = protowire.AppendTag(b, fieldElem, protowire.BytesType)
	size := 0
	if e.Name != "" {
		size += protowire.SizeTag(fieldName) + protowire.SizeBytes(len(e.Name))
	}
	for k, v := range e.Key {
		size += protowire.SizeTag(fieldKey) + protowire.SizeBytes(sizeOfKey(k, v))
	}
	b = protowire.AppendVarint(b, uint64(size))
	if e.Name != "" {
		b = appendText(b, fieldName, e.Name)
	}
	if len(e.Key) == 1 {
		for k, v := range e.Key {
			b = appendKey(b, k, v)
		}
		return b
	}
	for _, k := range slices.Sorted(maps.Keys(e.Key)) {
		b = appendKey(b, k, e.Key[k])
	}
	return b
}

func sizeOfKey(k, v string) int {
	return protowire.SizeTag(fieldMapKey) + protowire.SizeBytes(len(k)) + protowire.SizeTag(fieldMapValue) + protowire.SizeBytes(len(v))
}

func appendKey(b []byte, k, v string) []byte {
	b = protowire.AppendTag(b, fieldKey, protowire.BytesType)
	b = protowire.AppendVarint(b, uint64(sizeOfKey(k, v)))
	return appendText(appendText(b, fieldMapKey, k), fieldMapValue, v)
}

func appendText(b []byte, field protowire.Number, text string) []byte {
	return protowire.AppendString(protowire.AppendTag(b, field, protowire.BytesType), text)
}

// appendValue appends the length of a value and then the value: numbers, which are
// the many, by the shortest way.
func appendValue(b []byte, v *gpb.TypedValue) ([]byte, error) {
	if n, ok := v.GetValue().(*gpb.TypedValue_UintVal); ok {
		const field = 3 // TypedValue.uint_val
		b = protowire.AppendVarint(b, uint64(protowire.SizeTag(field)+protowire.SizeVarint(n.UintVal)))
		b = protowire.AppendTag(b, field, protowire.VarintType)
		return protowire.AppendVarint(b, n.UintVal), nil
	}
	b = protowire.AppendVarint(b, uint64(proto.Size(v)))
	return proto.MarshalOptions{UseCachedSize: true}.MarshalAppend(b, v)
}
