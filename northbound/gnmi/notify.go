package gnmi

import (
	"time"

	gpb "github.com/openconfig/gnmi/proto/gnmi"

	"github.com/outrigger-cnf/outrigger/agent/path"
)

// notifier groups updates into Notifications and sends them.
//
// Timestamps of one stream never go back: a collector drops what is older than
// what it has. Two Notifications have the same one only if they tell of the same
// moment.
type notifier struct {
	send   func(*gpb.SubscribeResponse) error
	prefix replyPrefix
	max    int // size at which a Notification is sent

	moment time.Time // that was begun last
	stamp  int64     // its timestamp
	n      *gpb.Notification
	size   int
	news   updates // of n

	elems []*gpb.PathElem // of a path that is being made
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

// update tells the value at a path of a selection.
func (w *notifier) update(sel *selector, t *target, elems []*gpb.PathElem, top path.Elem, v *gpb.TypedValue, duplicates uint32) error {
	w.elems = sel.appendElems(w.elems[:0], t, w.prefix, elems, top)
	if err := w.news.encode(sel.origin, w.elems, v, duplicates); err != nil {
		return statusOf(err)
	}
	if err := w.room(len(w.news.one)); err != nil {
		return err
	}
	w.news.add()
	return nil
}

// again tells what was recorded of earlier updates.
func (w *notifier) again(wire []byte) error {
	if len(wire) == 0 {
		return nil
	}
	if err := w.room(len(wire)); err != nil {
		return err
	}
	w.news.grow(len(wire))
	w.news.wire = append(w.news.wire, wire...)
	return nil
}

func (w *notifier) delete(p *gpb.Path) error {
	if err := w.room(pathSize(p)); err != nil {
		return err
	}
	w.n.Delete = append(w.n.Delete, p)
	return nil
}

// room makes sure that size more bytes fit.
func (w *notifier) room(size int) error {
	size += 16 // field headers and lengths
	if w.n != nil && w.size+size > w.max {
		if err := w.flush(); err != nil {
			return err
		}
	}
	if w.n == nil {
		w.n = &gpb.Notification{Timestamp: w.stamp, Prefix: w.prefix.path}
		w.size = pathSize(w.prefix.path) + 32
	}
	w.size += size
	return nil
}

// flush sends what has been added.
func (w *notifier) flush() error {
	if w.n == nil {
		return nil
	}
	n := w.n
	w.n = nil
	if wire := w.news.take(); len(wire) > 0 {
		n.ProtoReflect().SetUnknown(wire)
	}
	return w.send(&gpb.SubscribeResponse{Response: &gpb.SubscribeResponse_Update{Update: n}})
}

// sync sends what has been added and then sync_response.
func (w *notifier) sync() error {
	if err := w.flush(); err != nil {
		return err
	}
	return w.send(&gpb.SubscribeResponse{Response: &gpb.SubscribeResponse_SyncResponse{SyncResponse: true}})
}

// pathSize and valueSize are upper bounds for the encoded size. They are much
// cheaper than proto.Size, and it does not matter that they are higher.
func pathSize(p *gpb.Path) int {
	size := 12 + len(p.GetOrigin()) + len(p.GetTarget())
	for _, e := range p.GetElem() {
		size += 8 + len(e.GetName())
		for k, v := range e.GetKey() {
			size += 12 + len(k) + len(v)
		}
	}
	return size
}

func valueSize(v *gpb.TypedValue) int {
	switch v := v.GetValue().(type) {
	case *gpb.TypedValue_StringVal:
		return 12 + len(v.StringVal)
	case *gpb.TypedValue_JsonVal:
		return 12 + len(v.JsonVal)
	case *gpb.TypedValue_JsonIetfVal:
		return 12 + len(v.JsonIetfVal)
	case *gpb.TypedValue_BytesVal:
		return 12 + len(v.BytesVal)
	case *gpb.TypedValue_AsciiVal:
		return 12 + len(v.AsciiVal)
	case *gpb.TypedValue_LeaflistVal:
		size := 12
		for _, e := range v.LeaflistVal.GetElement() {
			size += valueSize(e)
		}
		return size
	default:
		return 24
	}
}
