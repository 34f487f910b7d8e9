package gnmi_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	gpb "github.com/openconfig/gnmi/proto/gnmi"
	"google.golang.org/protobuf/proto"

	"github.com/outrigger-cnf/outrigger/agent/tree"
	"github.com/outrigger-cnf/outrigger/northbound/gnmi"
)

// sampler samples one tree after the other.
type sampler struct {
	t testing.TB
	gnmi.Sampler
	got   []*gpb.Notification
	parts int
}

func newSampler(t testing.TB, s *gnmi.Server, l *gpb.SubscriptionList) *sampler {
	t.Helper()
	p := &sampler{t: t}
	var err error
	p.Sampler, err = s.Sampler(l, func(m any) error {
		p.parts += gnmi.Parts(m)
		wire, err := gnmi.Codec().Marshal(m)
		if err != nil {
			return err
		}
		defer wire.Free()
		r := &gpb.SubscribeResponse{}
		err = proto.Unmarshal(wire.Materialize(), r)
		p.got = append(p.got, r.GetUpdate())
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// of is what is sent of a tree.
func (p *sampler) of(x tree.Tree) []*gpb.Notification { return p.send(x, false) }

func (p *sampler) send(x tree.Tree, heartbeat bool) []*gpb.Notification {
	p.t.Helper()
	p.got, p.parts = nil, 0
	if err := p.Sample(x, heartbeat); err != nil {
		p.t.Fatal(err)
	}
	return p.got
}

// A sample tells what Get would, in the same order and under the same paths, however
// much of it was told before; entries and what is in them come, go and come back.
func TestSampled(t *testing.T) {
	b := newBench(t, gnmi.Limits{})
	prefixed := func(prefix string, l *gpb.SubscriptionList) *gpb.SubscriptionList {
		l.Prefix = gp(prefix)
		return l
	}
	of := func(paths ...string) *gpb.SubscriptionList {
		var subs []*gpb.Subscription
		for _, p := range paths {
			subs = append(subs, sample(p, time.Second))
		}
		return list(stream, subs...)
	}
	target := prefixed("/interfaces", of("/interface[name=*]/state/counters"))
	target.Prefix.Target = "dut"
	lists := map[string]*gpb.SubscriptionList{
		"counters":             of("/interfaces/interface[name=*]/state/counters"),
		"all":                  of("/interfaces"),
		"the root":             of("/"),
		"the root of modules":  of("rfc7951:/"),
		"two targets":          of("/interfaces/interface[name=*]/*/enabled"),
		"any below":            of("/interfaces/.../in-octets"),
		"several":              of("/interfaces/interface[name=e1]", "/interfaces/interface/state/counters", "/zoo"),
		"one":                  of(`/interfaces/interface[name=a\]b\[c\=d\/e f]/state`),
		"an entry in an entry": of("/interfaces/interface/addresses/address[ip=1]"),
		"two keys":             of("/interfaces/interface/addresses"),
		"given otherwise":      of("/network-instances/network-instance[name=a]/protocols/protocol[identifier=openconfig-types:STATIC][name=s]"),
		"identities":           of("/network-instances"),
		"no origin":            of("/ietf-interfaces:interfaces"),
		"an origin":            of("ietf-interfaces:/interfaces"),
		"another origin":       of("rfc7951:/openconfig-interfaces:interfaces/interface/state"),
		"a prefix":             prefixed("/interfaces/interface[name=e1]", of("/state", "/config")),
		"a prefix and no more": prefixed("/interfaces/interface[name=e1]/state/counters/in-octets", of("")),
		"a prefix as wildcard": prefixed("/interfaces/interface[name=*]", of("/state", "/config/mtu")),
		"a prefix with origin": prefixed("ietf-interfaces:/interfaces", of("/interface")),
		"a prefix and target":  target,
	}
	for name, l := range lists {
		for _, enc := range []gpb.Encoding{inProto, inIETF, inJSON} {
			t.Run(name+" "+enc.String(), func(t *testing.T) {
				l := proto.CloneOf(l)
				l.Encoding = enc
				p := newSampler(t, b.server, l)
				r := rand.New(rand.NewPCG(7, uint64(len(name))))
				now := tree.New(b.schema)
				told := 0
				for round := range 150 {
					if round%7 != 0 { // else all is the same
						now = edited(b, r, now)
					}
					got := p.of(now)
					for _, n := range got {
						if n.Timestamp == 0 || !proto.Equal(n.Prefix, got[0].Prefix) {
							t.Fatalf("round %d: %v", round, n)
						}
						n.Timestamp = 0
						told += len(n.Update)
					}
					want(t, inOrder(got...), inOrder(newSampler(t, b.server, l).of(now)...))
					if enc == inProto {
						var answers []*gpb.Notification
						for _, u := range l.Subscription {
							n, err := b.server.Answer(l.Prefix, u.Path, now)
							if err != nil {
								t.Fatal(err)
							}
							answers = append(answers, n)
						}
						want(t, inOrder(got...), inOrder(answers...))
					}
					if t.Failed() {
						t.Fatalf("round %d", round)
					}
				}
				if told < 30 {
					t.Errorf("%d updates only", told)
				}
			})
		}
	}
}

// Of what is TARGET_DEFINED a sample has the counters, and a heartbeat the rest.
func TestSampledTargetDefined(t *testing.T) {
	b := newBench(t, gnmi.Limits{})
	for _, path := range []string{"/", "/interfaces", "/interfaces/interface[name=*]/state", "ietf-interfaces:/interfaces"} {
		u := targetDefined(path)
		u.HeartbeatInterval = uint64(time.Minute)
		p := newSampler(t, b.server, list(stream, u))
		r := rand.New(rand.NewPCG(8, 8))
		now := tree.New(b.schema)
		for range 100 {
			now = edited(b, r, now)
			n, err := b.server.Answer(nil, u.Path, now)
			if err != nil {
				t.Fatal(err)
			}
			counters, rest := &gpb.Notification{}, &gpb.Notification{}
			for _, u := range n.Update {
				if text := pathText(nil, u.Path); strings.Contains(text, "/counters/") || strings.Contains(text, "/statistics/") {
					counters.Update = append(counters.Update, u)
				} else {
					rest.Update = append(rest.Update, u)
				}
			}
			want(t, inOrder(p.send(now, false)...), inOrder(counters))
			want(t, inOrder(p.send(now, true)...), inOrder(rest))
		}
	}
}

// With suppress_redundant a sample has what is not as it was sent last.
func TestSampledSuppressed(t *testing.T) {
	b := newBench(t, gnmi.Limits{})
	u := sample("/interfaces", time.Second)
	u.SuppressRedundant, u.HeartbeatInterval = true, uint64(time.Minute)
	p := newSampler(t, b.server, list(stream, u))
	r := rand.New(rand.NewPCG(9, 9))
	now := tree.New(b.schema)
	last := map[string]string{}
	for round := range 200 {
		now = edited(b, r, now)
		all, err := b.server.Answer(nil, u.Path, now)
		if err != nil {
			t.Fatal(err)
		}
		heartbeat := round%10 == 9
		news := &gpb.Notification{}
		for _, u := range all.Update {
			at, v := pathText(nil, u.Path), prototextLine(u.Val)
			if heartbeat || last[at] != v {
				news.Update = append(news.Update, u)
			}
			last[at] = v
		}
		want(t, inOrder(p.send(now, heartbeat)...), inOrder(news))
	}
}

// What stands still is not made anew, though others come, go and change beside it.
func TestSampledKept(t *testing.T) {
	b := newBench(t, gnmi.Limits{})
	p := newSampler(t, b.server, list(stream, sample("/interfaces/interface[name=*]/state", time.Second)))
	x := tree.New(b.schema).Txn()
	entry := func(i int) string {
		return fmt.Sprintf("/openconfig-interfaces:interfaces/interface[name='e%03d']", i)
	}
	set := func(i, value int) {
		at, v := b.assignment(fmt.Sprint(entry(i), "/state/counters/in-octets = ", value))
		if err := x.Set(at, v); err != nil {
			t.Fatal(err)
		}
	}
	next := func() tree.Tree {
		now := x.Tree()
		x = now.Txn()
		return now
	}
	for i := 100; i < 200; i++ {
		set(i, i)
	}
	now := next()
	p.of(now)
	p.of(now)
	if p.of(now); p.parts < 100 {
		t.Errorf("%d parts of 100 entries that stand still", p.parts)
	}
	for i := range 5 {
		set(i, i)
		set(150+i, i)
		if _, err := x.Delete(b.path(entry(190 + i))); err != nil {
			t.Fatal(err)
		}
	}
	if p.of(next()); p.parts < 90 || p.parts > 95 {
		t.Errorf("%d parts of 90 entries that stand still, and what is made anew", p.parts)
	}
}

// inOrder shows updates for want, which does not mind the order of lines.
func inOrder(ns ...*gpb.Notification) string {
	var b strings.Builder
	i := 0
	for _, n := range ns {
		for _, u := range n.Update {
			i++
			fmt.Fprintf(&b, "%5d %s%s | %s %s\n", i, prototextLine(n.Prefix), u.Path.GetOrigin(), pathText(nil, u.Path), prototextLine(u.Val))
		}
	}
	return b.String()
}

// edited changes something of a tree.
func edited(b *bench, r *rand.Rand, t tree.Tree) tree.Tree {
	names := []string{"e1", "e2", "a]b[c=d/e f"}
	entry := func() string {
		return "/openconfig-interfaces:interfaces/interface[name='" + names[r.IntN(len(names))] + "']"
	}
	static := "/openconfig-network-instance:network-instances/network-instance[name='a']/protocols/protocol[identifier='openconfig-types:STATIC'][name='s']"
	ietf := "/ietf-interfaces:interfaces/interface[name='e1']"
	x := t.Txn()
	for range 1 + r.IntN(6) {
		var line string
		switch r.IntN(8) {
		case 0, 1:
			line = randomLine(r)
		case 2:
			line = static + "/config/name = s"
		case 3:
			line = fmt.Sprintf("%s/statistics/in-octets = %d", ietf, r.Uint64())
		case 4:
			gone := []string{entry() + "/state/counters/in-octets", entry() + "/state/counters", entry() + "/state", entry(), ietf, static}
			line = "-" + gone[r.IntN(len(gone))]
		case 5:
			line = fmt.Sprintf("%s/state/ifindex = %d", entry(), r.IntN(3))
		default:
			line = fmt.Sprintf("%s/state/counters/%s = %d", entry(), []string{"in-octets", "out-octets", "last-clear"}[r.IntN(3)], r.Uint64()>>r.IntN(64))
		}
		if gone, ok := strings.CutPrefix(line, "-"); ok {
			if _, err := x.Delete(b.path(gone)); err != nil {
				b.t.Fatal(err)
			}
			continue
		}
		p, v := b.assignment(line)
		if err := x.Set(p, v); err != nil {
			b.t.Fatal(err)
		}
	}
	return x.Tree()
}
