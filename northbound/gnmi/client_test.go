package gnmi_test

import (
	"context"
	"errors"
	"io"
	"testing"
	"time"

	gpb "github.com/openconfig/gnmi/proto/gnmi"
	gpbext "github.com/openconfig/gnmi/proto/gnmi_ext"
	"google.golang.org/grpc/status"
)

// sub is a Subscribe call, as a client sees it.
type sub struct {
	t      testing.TB
	stream gpb.GNMI_SubscribeClient
	cancel context.CancelFunc
	// sent is when the request was sent: no timestamp is later than now.
	last int64
}

// subscribe sends a SubscriptionList.
func (b *bench) subscribe(l *gpb.SubscriptionList, exts ...*gpbext.Extension) *sub {
	b.t.Helper()
	s := b.open()
	s.send(&gpb.SubscribeRequest{Request: &gpb.SubscribeRequest_Subscribe{Subscribe: l}, Extension: exts})
	return s
}

func (b *bench) open() *sub {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	b.t.Cleanup(cancel)
	stream, err := b.client.Subscribe(ctx)
	if err != nil {
		b.t.Fatal(err)
	}
	return &sub{t: b.t, stream: stream, cancel: cancel}
}

func (s *sub) send(r *gpb.SubscribeRequest) {
	s.t.Helper()
	// An error shows when receiving, with its code.
	if err := s.stream.Send(r); err != nil && !errors.Is(err, io.EOF) {
		s.t.Fatal(err)
	}
}

func (s *sub) poll() {
	s.t.Helper()
	s.send(&gpb.SubscribeRequest{Request: &gpb.SubscribeRequest_Poll{Poll: &gpb.Poll{}}})
}

// next returns the next response.
func (s *sub) next() *gpb.SubscribeResponse {
	s.t.Helper()
	r, err := s.stream.Recv()
	if err != nil {
		s.t.Fatalf("stream ended: %v", err)
	}
	return r
}

// update returns the next notification.
func (s *sub) update() *gpb.Notification {
	s.t.Helper()
	r := s.next()
	n := r.GetUpdate()
	if n == nil {
		s.t.Fatalf("got %v; want a notification", r)
	}
	s.checkTime(n)
	return n
}

func (s *sub) checkTime(n *gpb.Notification) {
	s.t.Helper()
	if now := time.Now().UnixNano(); n.Timestamp > now {
		s.t.Errorf("timestamp %d is %s in the future", n.Timestamp, time.Duration(n.Timestamp-now))
	}
	if n.Timestamp < s.last {
		s.t.Errorf("timestamp %d is before the last, %d", n.Timestamp, s.last)
	}
	s.last = n.Timestamp
}

// sync returns the notifications up to sync_response.
func (s *sub) sync() []*gpb.Notification {
	s.t.Helper()
	var ns []*gpb.Notification
	for {
		r := s.next()
		if r.GetSyncResponse() {
			return ns
		}
		n := r.GetUpdate()
		if n == nil {
			s.t.Fatalf("got %v; want a notification or sync_response", r)
		}
		s.checkTime(n)
		ns = append(ns, n)
	}
}

// end returns the error that the stream ends with, nil for OK.
func (s *sub) end() error {
	s.t.Helper()
	r, err := s.stream.Recv()
	switch {
	case errors.Is(err, io.EOF):
		return nil
	case err == nil:
		s.t.Fatalf("got %v; want the end", r)
	}
	return status.Convert(err).Err()
}

// list makes a SubscriptionList in PROTO.
func list(mode gpb.SubscriptionList_Mode, subs ...*gpb.Subscription) *gpb.SubscriptionList {
	return &gpb.SubscriptionList{Mode: mode, Encoding: gpb.Encoding_PROTO, Subscription: subs}
}

func onChange(p string) *gpb.Subscription {
	return &gpb.Subscription{Path: gp(p), Mode: gpb.SubscriptionMode_ON_CHANGE}
}

func sample(p string, every time.Duration) *gpb.Subscription {
	return &gpb.Subscription{Path: gp(p), Mode: gpb.SubscriptionMode_SAMPLE, SampleInterval: uint64(every)}
}

func targetDefined(p string) *gpb.Subscription { return &gpb.Subscription{Path: gp(p)} }

const (
	once   = gpb.SubscriptionList_ONCE
	poll   = gpb.SubscriptionList_POLL
	stream = gpb.SubscriptionList_STREAM
)
