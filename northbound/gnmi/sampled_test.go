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
	t      testing.TB
	sample func(tree.Tree) error
	got    []*gpb.Notification
}

func newSampler(t testing.TB, s *gnmi.Server, l *gpb.SubscriptionList) *sampler {
	t.Helper()
	p := &sampler{t: t}
	var err error
	p.sample, err = s.Sampler(l, func(m any) error {
		wire, err := gnmi.Codec().Marshal(m)
		if err != nil {
			return err
		}
		defer wire.Free()
		r := &gpb.SubscribeResponse{}
		p.got = append(p.got, r.GetUpdate())
		if err := proto.Unmarshal(wire.Materialize(), r); err != nil {
			return err
		}
		p.got[len(p.got)-1] = r.GetUpdate()
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// of is what is sent of a tree.
func (p *sampler) of(x tree.Tree) []*gpb.Notification {
	p.t.Helper()
	p.got = nil
	if err := p.sample(x); err != nil {
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
