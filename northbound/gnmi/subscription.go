package gnmi

import (
	"fmt"
	"math"
	"time"

	gpb "github.com/openconfig/gnmi/proto/gnmi"
	"google.golang.org/grpc/codes"

	"github.com/outrigger-cnf/outrigger/agent/fault"
	"github.com/outrigger-cnf/outrigger/agent/schema"
	"github.com/outrigger-cnf/outrigger/agent/tree"
)

// request is a SubscriptionList that has been found good.
type request struct {
	mode        gpb.SubscriptionList_Mode
	encoding    gpb.Encoding
	prefix      replyPrefix
	updatesOnly bool
	filter      filter
	subs        []*subscription
}

// subscription is one path of a request.
type subscription struct {
	sel  *selector
	mode gpb.SubscriptionMode
	// sample is the interval at which values are sent; zero if they are not. In
	// mode TARGET_DEFINED only counters are sampled.
	sample    time.Duration
	heartbeat time.Duration // interval at which all values are sent again; zero is never
	suppress  bool          // suppress_redundant of a SAMPLE subscription
	// last holds, by event key, what a SAMPLE subscription with suppress sent.
	last map[string]*tree.Node
	sent *sent // what was sent in the last sample otherwise; nil before that

	refreshing bool   // a sample is being taken
	skipped    uint32 // samples that fell due meanwhile
}

// onChange reports whether a change of a leaf that is no counter is sent.
func (u *subscription) onChange() bool { return u.mode != gpb.SubscriptionMode_SAMPLE }

// request checks a SubscriptionList and binds its paths.
func (s *Server) request(l *gpb.SubscriptionList, depth int) (*request, error) {
	switch l.GetMode() {
	case gpb.SubscriptionList_ONCE, gpb.SubscriptionList_POLL, gpb.SubscriptionList_STREAM:
	default:
		return nil, invalidf("mode %d is not known; use ONCE, POLL or STREAM", l.GetMode())
	}
	if err := checkEncoding(l.GetEncoding()); err != nil {
		return nil, err
	}
	if len(l.GetSubscription()) == 0 {
		return nil, invalidf("the list has no subscription; it must have at least one, and one without a path is the root")
	}
	if n := len(l.GetSubscription()); n > s.limits.MaxPaths {
		return nil, failf(codes.ResourceExhausted, fault.TooBig, nil, "the list has %d subscriptions; the limit is %d", n, s.limits.MaxPaths)
	}
	r := &request{mode: l.GetMode(), encoding: l.GetEncoding(), updatesOnly: l.GetUpdatesOnly()}
	use, err := models(s.index.schema, l.GetUseModels())
	if err != nil {
		return nil, err
	}
	r.filter = filter{index: s.index, models: use, depth: depth}
	b := &binder{index: s.index, limits: &s.limits, prefix: l.GetPrefix(), unknown: codes.Unimplemented}
	sels := make([]*selector, 0, len(l.GetSubscription()))
	for i, sub := range l.GetSubscription() {
		u, err := s.subscription(b, l.GetMode(), sub)
		if err != nil {
			return nil, within(fmt.Sprintf("subscription %d", i+1), err)
		}
		r.subs = append(r.subs, u)
		sels = append(sels, u.sel)
	}
	r.prefix = newReplyPrefix(l.GetPrefix(), sels)
	return r, nil
}

func (s *Server) subscription(b *binder, list gpb.SubscriptionList_Mode, p *gpb.Subscription) (*subscription, error) {
	sel, err := b.bind(p.GetPath())
	if err != nil {
		return nil, err
	}
	u := &subscription{sel: sel, mode: p.GetMode()}
	if list != gpb.SubscriptionList_STREAM {
		return u, nil // the rest has no meaning there
	}
	if p.GetHeartbeatInterval() != 0 {
		if u.heartbeat, err = s.interval("heartbeat_interval", p.GetHeartbeatInterval()); err != nil {
			return nil, err
		}
	}
	switch p.GetMode() {
	case gpb.SubscriptionMode_SAMPLE:
		u.suppress = p.GetSuppressRedundant()
		if !u.suppress {
			u.heartbeat = 0 // every sample is sent anyway
		}
		u.sample, err = s.interval("sample_interval", p.GetSampleInterval())
	case gpb.SubscriptionMode_TARGET_DEFINED:
		if p.GetSampleInterval() != 0 {
			return nil, invalidf("sample_interval has no place in a TARGET_DEFINED subscription; leave it out, or use SAMPLE")
		}
		if s.hasCounters(sel) {
			u.sample = s.limits.TargetSample
		}
	case gpb.SubscriptionMode_ON_CHANGE:
		err = s.checkOnChange(sel)
	default:
		err = invalidf("subscription mode %d is not known; use TARGET_DEFINED, ON_CHANGE or SAMPLE", p.GetMode())
	}
	return u, err
}

// interval checks an interval in nanoseconds.
func (s *Server) interval(field string, ns uint64) (time.Duration, error) {
	switch {
	case ns == 0:
		return s.limits.MinSample, nil
	case ns > math.MaxInt64:
		return 0, invalidf("%s %d is longer than 292 years", field, ns)
	case time.Duration(ns) < s.limits.MinSample:
		return 0, invalidf("%s %s is too short; the shortest is %s", field, time.Duration(ns), s.limits.MinSample)
	}
	return time.Duration(ns), nil
}

// checkOnChange refuses a path that leads to counters only.
func (s *Server) checkOnChange(sel *selector) error {
	var first *schema.Node
	for i := range sel.targets {
		n := sel.targets[i].node(s.index.schema)
		if s.index.traits[n].event {
			return nil
		}
		if first == nil {
			first = n
		}
	}
	if first == nil {
		return nil
	}
	return failf(codes.InvalidArgument, fault.InvalidValue, first.SchemaPath(),
		"counters are not sent ON_CHANGE; use SAMPLE, or TARGET_DEFINED which samples them")
}

// hasCounters reports whether a path leads to counters.
func (s *Server) hasCounters(sel *selector) bool {
	for i := range sel.targets {
		if s.index.traits[sel.targets[i].node(s.index.schema)].counter {
			return true
		}
	}
	return false
}

// hasState reports whether a path leads to state, which a driver may have to
// read.
func (s *Server) hasState(sel *selector) bool {
	for i := range sel.targets {
		if s.index.traits[sel.targets[i].node(s.index.schema)].state {
			return true
		}
	}
	return false
}
