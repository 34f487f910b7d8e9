package gnmi

import (
	"slices"
	"time"

	gpb "github.com/openconfig/gnmi/proto/gnmi"
	"google.golang.org/grpc/mem"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
)

// notifier groups updates into Notifications and sends them.
//
// Timestamps of one stream never go back: a collector drops what is older than
// what it has. Two Notifications have the same one only if they tell of the same
// moment.
type notifier struct {
	send func(any) error // a proto.Message
	head []byte          // the prefix as a field of a Notification; empty if there is none
	most int             // octets of fields, beside the head, that are sent together

	moment time.Time // that was begun last
	stamp  int64     // its timestamp
	fields fields    // of the Notification that comes next

	encoder // of the paths that are told of

	tape   []byte // what was told since record, and is not among the fields yet
	taping bool
}

func newNotifier(send func(any) error, prefix replyPrefix, most int) notifier {
	w := notifier{send: send, most: most, encoder: encoder{prefix: prefix}}
	if prefix.path != nil {
		text, _ := proto.Marshal(prefix.path) // it came as a message
		w.head = append(appendHeader(nil, fieldPrefix, len(text)), text...)
	}
	const header = 32 // at most: the tags and the length of the Notification, its timestamp
	w.most -= header + len(w.head)
	return w
}

// begin says at what time the following was so. What was added before is sent.
func (w *notifier) begin(t time.Time) error {
	if t.Equal(w.moment) {
		return nil
	}
	if err := w.flush(); err != nil {
		return err
	}
	w.moment = t
	w.stamp = max(t.UnixNano(), w.stamp+1)
	return nil
}

// update tells the value, a TypedValue in wire form, at the path, or at one more step
// from there if last is not nil.
func (w *notifier) update(last *traits, value []byte, duplicates uint32) error {
	var elem []byte
	if last != nil {
		elem = last.wire
	}
	size := sizeOfUpdate(len(w.path)+len(elem), value, duplicates)
	b, err := w.place(sizeOfField(size))
	if err == nil {
		*b = appendUpdate(*b, size, w.path, elem, value, duplicates)
	}
	return err
}

// delete tells that there is nothing any more at the path.
func (w *notifier) delete() error {
	b, err := w.place(sizeOfField(len(w.path)))
	if err == nil {
		*b = append(appendHeader(*b, fieldDelete, len(w.path)), w.path...)
	}
	return err
}

// place returns what to append a field of that size to.
func (w *notifier) place(size int) (*[]byte, error) {
	if w.taping {
		if len(w.tape)+size <= tapeMost {
			return &w.tape, nil
		}
		w.taping = false
		if err := w.add(w.tape); err != nil {
			return nil, err
		}
	}
	if err := w.room(size); err != nil {
		return nil, err
	}
	return w.fields.place(size), nil
}

// tapeMost is how much can be recorded.
const tapeMost = 8 << 10

// record has what is told from now on be recorded.
func (w *notifier) record() { w.tape, w.taping = w.tape[:0], true }

// recorded ends that, and returns what was told, to be told again, unless it is more
// than most, or too much at all.
func (w *notifier) recorded(most int) (mem.Buffer, error) {
	switch {
	case !w.taping:
		return nil, nil
	case len(w.tape) > most:
		w.taping = false
		return nil, w.add(w.tape)
	}
	w.taping = false
	told := mem.SliceBuffer(slices.Clone(w.tape))
	return told, w.again(told)
}

// again tells what was recorded.
func (w *notifier) again(told mem.Buffer) error {
	if told.Len() == 0 {
		return nil
	}
	if err := w.room(told.Len()); err != nil {
		return err
	}
	w.fields.share(told)
	return nil
}

func (w *notifier) add(fields []byte) error {
	if len(fields) == 0 {
		return nil
	}
	b, err := w.place(len(fields))
	if err == nil {
		*b = append(*b, fields...)
	}
	return err
}

// room makes sure that size more bytes fit.
func (w *notifier) room(size int) error {
	if w.fields.size > 0 && w.fields.size+size > w.most {
		return w.flush()
	}
	return nil
}

// flush sends what has been added.
func (w *notifier) flush() error {
	if w.fields.size == 0 {
		return nil
	}
	size := protowire.SizeTag(fieldTimestamp) + protowire.SizeVarint(uint64(w.stamp)) + len(w.head) + w.fields.size
	b := appendHeader(make([]byte, 0, 32+len(w.head)), fieldNotification, size)
	b = protowire.AppendTag(b, fieldTimestamp, protowire.VarintType)
	b = protowire.AppendVarint(b, uint64(w.stamp))
	b = append(b, w.head...)
	return w.send(&response{wire: w.fields.take(b)})
}

// sync sends what has been added and then sync_response.
func (w *notifier) sync() error {
	if err := w.flush(); err != nil {
		return err
	}
	return w.send(&gpb.SubscribeResponse{Response: &gpb.SubscribeResponse_SyncResponse{SyncResponse: true}})
}
