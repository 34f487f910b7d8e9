package gnmi

import (
	"errors"
	"fmt"
	"slices"

	gpb "github.com/openconfig/gnmi/proto/gnmi"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"

	"github.com/outrigger-cnf/outrigger/agent"
	"github.com/outrigger-cnf/outrigger/agent/path"
	"github.com/outrigger-cnf/outrigger/agent/schema"
	"github.com/outrigger-cnf/outrigger/agent/tree"
)

// Bound is what a path has been bound to.
type Bound struct {
	Paths    []path.Path // of each target, up to the first wildcard
	Concrete []bool
	Replies  []*gpb.Path // how replies would write them
}

// Bind binds a path as Set does.
func (s *Server) Bind(prefix, p *gpb.Path) (Bound, error) {
	b := &binder{index: s.index, limits: &s.limits, prefix: prefix, unknown: codes.NotFound}
	sel, err := b.bind(p)
	if err != nil {
		return Bound{}, err
	}
	var out Bound
	for i := range sel.targets {
		t := &sel.targets[i]
		at, one := t.concrete()
		out.Paths, out.Concrete = append(out.Paths, at), append(out.Concrete, one)
		g, c := getter{}, cursor{way: s.index.way(at)}
		out.Replies = append(out.Replies, g.path(sel, t, &c))
	}
	return out, nil
}

// Decode decodes a value as Set does.
func (s *Server) Decode(at path.Path, def *schema.Node, v *gpb.TypedValue) (*tree.Node, error) {
	x := &setter{Server: s}
	return x.decode(v, at, def)
}

// Encode encodes a node as replies do: those of Get, and those of streams.
func (s *Server) Encode(n *tree.Node, enc gpb.Encoding) (*gpb.TypedValue, error) {
	v, err := encodeValue(n, enc)
	wire, wireErr := appendValue(nil, n, enc)
	if err != nil || wireErr != nil {
		return v, errors.Join(err, wireErr)
	}
	streamed := &gpb.TypedValue{}
	if err := proto.Unmarshal(wire, streamed); err != nil {
		return v, err
	}
	if !proto.Equal(v, streamed) {
		return v, fmt.Errorf("a stream encodes %v as %v", v, streamed)
	}
	return v, nil
}

// Sampler sends samples of trees.
type Sampler struct{ *stream }

// Sampler returns one for a list.
func (s *Server) Sampler(l *gpb.SubscriptionList, send func(any) error) (Sampler, error) {
	r, err := s.request(l, 0)
	if err != nil {
		return Sampler{}, err
	}
	return Sampler{newStream(s, r, send)}, nil
}

// Sample sends a sample, or else a heartbeat, of all subscriptions of the list.
func (s Sampler) Sample(t tree.Tree, heartbeat bool) error {
	for _, u := range s.subs {
		if err := s.sampled(refreshed{sub: u, heartbeat: heartbeat}, t); err != nil {
			return err
		}
	}
	return s.out.flush()
}

// Parts counts of how many parts a message is that a stream sends.
func Parts(m any) int { return len(m.(*response).wire) }

// Answer answers a path of a request with what is in a tree, in the encoding PROTO.
func (s *Server) Answer(prefix, p *gpb.Path, t tree.Tree) (*gpb.Notification, error) {
	b := &binder{index: s.index, limits: &s.limits, prefix: prefix, unknown: codes.Unimplemented}
	sel, err := b.bind(p)
	if err != nil {
		return nil, err
	}
	g := &getter{
		Server: s, encoding: gpb.Encoding_PROTO, filter: filter{index: s.index},
		prefix: newReplyPrefix(prefix, []*selector{sel}), snap: &agent.Snapshot{Operational: t},
	}
	n, err := g.notification(sel)
	if len(n.GetUpdate()) == 0 {
		return &gpb.Notification{Prefix: g.prefix.path}, nil
	}
	return n, err
}

// TagCodes lists the tags that have a gRPC code.
func TagCodes() []string {
	var out []string
	for k := range tagCodes {
		out = append(out, k[0])
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// Listed counts what is listed of a change for the streams that there are.
func (s *Server) Listed(old, new tree.Tree) int {
	s.dispatch.mu.Lock()
	m := s.dispatch.matcher()
	s.dispatch.mu.Unlock()
	n := 0
	for range m.events(old, new) {
		n++
	}
	return n
}

// LooksItself reports whether a feed that opens while a change is listed for those
// that there are compares for itself.
func (s *Server) LooksItself(old, new *agent.Snapshot) bool {
	f := &feed{limit: 1000, from: old, to: old}
	s.dispatch.mu.Lock()
	m := s.dispatch.matcher()
	s.dispatch.feeds[f], s.dispatch.match = struct{}{}, nil
	s.dispatch.give(newBatch(m, old, new, 1000), m)
	s.dispatch.mu.Unlock()
	s.dispatch.remove(f)
	return f.take().missed != nil
}

// Superseded has a goroutine go on that served feeds of which the last has left, when
// there is a snapshot after base, and reports whether it leaves to the one that serves
// those that there are what is that one's.
func (s *Server) Superseded(base *agent.Snapshot) bool {
	s.dispatch.run(base, make(chan struct{}))
	s.dispatch.mu.Lock()
	defer s.dispatch.mu.Unlock()
	return s.dispatch.match == nil
}

// Streams counts the feeds that the dispatcher serves.
func (s *Server) Streams() int {
	s.dispatch.mu.Lock()
	defer s.dispatch.mu.Unlock()
	return len(s.dispatch.feeds)
}
