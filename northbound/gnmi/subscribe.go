package gnmi

import (
	"context"
	"errors"
	"io"
	"net"
	"sync"

	gpb "github.com/openconfig/gnmi/proto/gnmi"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/peer"

	"github.com/outrigger-cnf/outrigger/agent/fault"
	"github.com/outrigger-cnf/outrigger/northbound/auth"
)

// incoming is a message that follows the SubscriptionList.
type incoming struct{ *gpb.SubscribeRequest }

// Subscribe implements gNMI.
func (s *Server) Subscribe(call grpc.BidiStreamingServer[gpb.SubscribeRequest, gpb.SubscribeResponse]) error {
	leave, err := s.streams.enter(call.Context(), &s.limits)
	if err != nil {
		return err
	}
	defer leave()
	select {
	case <-s.draining:
		return errDraining()
	default:
	}
	first, err := call.Recv()
	switch {
	case errors.Is(err, io.EOF):
		return nil
	case err != nil:
		return err
	}
	list := first.GetSubscribe()
	if list == nil {
		return invalidf("the first message has no SubscriptionList; subscribe before you poll")
	}
	depth, err := readDepth(first.GetExtension())
	if err != nil {
		return err
	}
	r, err := s.request(list, depth)
	if err != nil {
		return err
	}
	st := newStream(s, r, call.SendMsg)
	if r.mode == gpb.SubscriptionList_ONCE {
		if r.updatesOnly {
			return st.out.sync()
		}
		return st.once(call.Context())
	}
	in := receive(call)
	if r.mode == gpb.SubscriptionList_POLL {
		return st.poll(call.Context(), in)
	}
	return st.stream(call.Context(), in)
}

// receive passes on what the client sends; the channel is closed when it sends
// no more. The goroutine ends with the call.
func receive(call grpc.BidiStreamingServer[gpb.SubscribeRequest, gpb.SubscribeResponse]) <-chan incoming {
	in := make(chan incoming)
	go func() {
		defer close(in)
		for {
			m, err := call.Recv()
			if err != nil {
				return // the call's context tells why, unless it is the EOF
			}
			select {
			case in <- incoming{m}:
			case <-call.Context().Done():
				return
			}
		}
	}()
	return in
}

func errSecondList() error {
	return invalidf("this call has its SubscriptionList already; only POLL takes more messages, and only polls. Use another Subscribe call")
}

// streamCount bounds the Subscribe calls.
type streamCount struct {
	mu       sync.Mutex // guards what follows
	total    int
	byClient map[string]int
}

// enter counts a call in, or refuses it.
func (c *streamCount) enter(ctx context.Context, l *Limits) (leave func(), err error) {
	who := client(ctx)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.total >= l.MaxStreams {
		return nil, failf(codes.ResourceExhausted, fault.ResourceDenied, nil,
			"there are %d Subscribe calls, which is the limit; end one, or raise the limit", c.total)
	}
	if c.byClient[who] >= l.MaxStreamsPerClient {
		return nil, failf(codes.ResourceExhausted, fault.ResourceDenied, nil,
			"you have %d Subscribe calls, which is the limit of one client; put several paths into one call", c.byClient[who])
	}
	if c.byClient == nil {
		c.byClient = make(map[string]int)
	}
	c.total++
	c.byClient[who]++
	return func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.total--
		if c.byClient[who]--; c.byClient[who] == 0 {
			delete(c.byClient, who)
		}
	}, nil
}

// client identifies who is calling: the user, and the address without its port.
func client(ctx context.Context) string {
	return user(ctx) + "@" + remote(ctx)
}

func user(ctx context.Context) string {
	id, _ := auth.FromContext(ctx)
	return id.User
}

func remote(ctx context.Context) string {
	p, ok := peer.FromContext(ctx)
	if !ok || p.Addr == nil {
		return ""
	}
	host, _, err := net.SplitHostPort(p.Addr.String())
	if err != nil {
		return p.Addr.String()
	}
	return host
}
