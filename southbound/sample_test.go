package southbound_test

import (
	"context"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/outrigger-cnf/outrigger/agent"
	"github.com/outrigger-cnf/outrigger/agent/tree"
	"github.com/outrigger-cnf/outrigger/gen"
	"github.com/outrigger-cnf/outrigger/southbound"
	"github.com/outrigger-cnf/outrigger/southbound/ietf"
	"github.com/outrigger-cnf/outrigger/southbound/modeltest"
	"github.com/outrigger-cnf/outrigger/southbound/object"
	"github.com/outrigger-cnf/outrigger/southbound/openconfig"
	"github.com/outrigger-cnf/outrigger/southbound/plan"
)

// counting is a dataplane whose counters are what a test says.
type counting struct {
	southbound.Backend
	read []object.LinkCounters
	link string // that was asked for last
	// begun, if any, is told of each step, which then waits for proceed.
	begun, proceed chan struct{}
}

func (c *counting) Do(ctx context.Context, s plan.Step) error {
	if c.begun != nil {
		c.begun <- struct{}{}
		<-c.proceed
	}
	return c.Backend.Do(ctx, s)
}

func (c *counting) Counters(_ context.Context, link string, list []object.LinkCounters) ([]object.LinkCounters, error) {
	c.link = link
	return append(list, c.read...), nil
}

// sampled is a driver on a dataplane in memory, and what it publishes.
type sampled struct {
	*modeltest.Screen
	t         *testing.T
	memory    *memory
	backend   *counting
	driver    *southbound.Driver
	published chan struct{} // Observe has published
}

func newSampled(t *testing.T) *sampled {
	schema := gen.Schema()
	oc, err := openconfig.New(schema)
	if err != nil {
		t.Fatal(err)
	}
	twin, err := ietf.New(schema)
	if err != nil {
		t.Fatal(err)
	}
	s := &sampled{Screen: modeltest.NewScreen(t, schema), t: t, memory: newMemory(), published: make(chan struct{}, 100)}
	s.backend = &counting{Backend: s.memory.Backend(t)}
	s.driver, err = southbound.New(southbound.Config{Backend: s.backend, Models: []southbound.Model{oc, twin}})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() {
		done <- s.driver.Observe(ctx, func(u agent.Update) {
			s.Publish(u.Changes)
			select {
			case s.published <- struct{}{}:
			default: // there are plenty that nobody has waited for
			}
		})
	}()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil && ctx.Err() == nil {
			t.Error(err)
		}
		if err := s.driver.Close(); err != nil {
			t.Error(err)
		}
	})
	<-s.published
	return s
}

func (s *sampled) sample(at string, publish func(agent.Update)) {
	s.t.Helper()
	p, _, err := s.Tree().Schema().Resolve(at)
	if err != nil {
		s.t.Fatal(err)
	}
	if err := s.driver.Sample(s.t.Context(), p, publish); err != nil {
		s.t.Fatal(err)
	}
}

func (s *sampled) publish(u agent.Update) { s.Publish(u.Changes) }

// counted is a reading of a link's counters.
func counted(name string, index uint32, octets uint64) object.LinkCounters {
	return object.LinkCounters{Name: name, Index: index, Counters: object.Counters{Time: time.Unix(1, 0), InOctets: octets}}
}

const (
	octets        = "/openconfig-interfaces:interfaces/interface[name='p']/state/counters/in-octets"
	discontinuity = "/ietf-interfaces:interfaces/interface[name='p']/statistics/discontinuity-time"
)

// A reading changes counters and nothing else, of the links that are there.
func TestSample(t *testing.T) {
	s := newSampled(t)
	since := s.JSON(discontinuity)
	s.backend.read = []object.LinkCounters{counted("p", 1, 42), counted("q", 99, 7), counted("ghost", 5, 1)}
	s.sample("/", s.publish)
	if got := s.JSON(octets); got != `"42"` || s.backend.link != "" {
		t.Errorf("in-octets is %s, link %q was asked for", got, s.backend.link)
	}
	if got := s.JSON(discontinuity); got == "null" || got != since {
		t.Errorf("discontinuity-time was %s and is %s", since, got)
	}
	if got := s.JSON("/openconfig-interfaces:interfaces/interface[name='q']/state/counters/in-octets"); got != `"0"` {
		t.Errorf("another link of the name q has counted %s", got)
	}
	if got := s.JSON("/openconfig-interfaces:interfaces"); strings.Contains(got, "ghost") {
		t.Error("a link that is not there is shown")
	}
	s.sample(octets, s.publish)
	if s.backend.link != "p" {
		t.Errorf("link %q was asked for, want p alone", s.backend.link)
	}
}

// Who asks for an interface gets the counters of its subinterfaces, too, and of
// nothing else.
func TestSampleOfSubinterfaces(t *testing.T) {
	s := newSampled(t)
	const p = "/openconfig-interfaces:interfaces/interface[name='p']"
	const vlan = p + "/subinterfaces/subinterface[index='7']/state"
	s.memory.Add(t, &object.Link{Name: "p.7", Kind: object.VLAN, Parent: "p", VLANID: 7})
	for s.JSON(vlan) == "null" {
		<-s.published
	}
	index, err := strconv.ParseUint(s.JSON(vlan+"/ifindex"), 10, 32)
	if err != nil {
		t.Fatal(err)
	}
	s.backend.read = []object.LinkCounters{counted("p", 1, 42), counted("q", 2, 5), counted("p.7", uint32(index), 17)}
	s.sample(p, s.publish)
	if got := s.JSON(octets); got != `"42"` || s.backend.link != "" {
		t.Errorf("in-octets is %s, link %q was asked for", got, s.backend.link)
	}
	if got := s.JSON(vlan + "/counters/in-octets"); got != `"17"` {
		t.Errorf("in-octets of the subinterface is %s", got)
	}
	if got := s.JSON("/openconfig-interfaces:interfaces/interface[name='q']/state/counters/in-octets"); got != `"0"` {
		t.Errorf("in-octets of another interface is %s", got)
	}
	for at, link := range map[string]string{
		octets: "p", vlan: "p.7", "/openconfig-interfaces:interfaces/interface[name='q']": "q",
	} {
		if s.sample(at, s.publish); s.backend.link != link {
			t.Errorf("at %s link %q was asked for, want %s alone", at, s.backend.link, link)
		}
	}
}

// A link that goes while its counters are published stays gone, and one that is
// configured stays absent.
func TestSampleOfALinkThatGoes(t *testing.T) {
	const p = "/openconfig-interfaces:interfaces/interface[name='p']"
	for configured, want := range map[bool]string{false: "null", true: `"NOT_PRESENT"`} {
		s := newSampled(t)
		if configured {
			if err := s.apply("9000"); err != nil {
				t.Fatal(err)
			}
			for s.JSON(p+"/state/mtu") != "9000" {
				<-s.published
			}
		}
		s.backend.read = []object.LinkCounters{counted("p", 1, 42)}
		there := true
		s.sample("/openconfig-interfaces:interfaces", func(u agent.Update) {
			if there { // else it is what Sample thinks better of
				there = false
				s.memory.Remove(t, &object.Link{Name: "p"})
				for s.JSON(octets) != "null" || s.JSON(p+"/state/oper-status") != want {
					<-s.published
				}
			}
			s.Publish(u.Changes)
		})
		if got := s.JSON(p + "/state/oper-status"); got != want {
			t.Errorf("its status is %s, want %s", got, want)
		}
		if got := s.JSON(octets); got != "null" {
			t.Errorf("in-octets are left: %s", got)
		}
		if got := s.JSON(p); !configured && got != "null" {
			t.Errorf("left behind:\n%s", got)
		}
	}
}

// Tables are shown when asked for, and only then.
func TestSampleTables(t *testing.T) {
	s := newSampled(t)
	const ribs = "/ietf-routing:routing/ribs"
	route := modeltest.Route("198.51.100.0/24", 10, modeltest.Hop("192.0.2.2", "p"))
	s.memory.Add(t, &route.Route)
	for s.JSON("/openconfig-network-instance:network-instances") == "null" {
		<-s.published
	}
	s.sample("/openconfig-interfaces:interfaces", s.publish)
	if got := s.JSON(ribs); got != "null" {
		t.Errorf("shown unasked:\n%s", got)
	}
	s.sample(ribs+"/rib[name='ipv4']/routes", s.publish)
	if got := s.JSON(ribs + "/rib[name='ipv4']"); !strings.Contains(got, "198.51.100.0/24") {
		t.Errorf("the route is not in\n%s", got)
	}
}

// apply commits a configuration of which the MTU of p is all.
func (s *sampled) apply(mtu string) error {
	next := tree.New(s.Tree().Schema())
	p, leaf, err := next.Schema().Resolve("/openconfig-interfaces:interfaces/interface[name='p']/config/mtu")
	if err != nil {
		return err
	}
	v, err := leaf.Parse(mtu, next.Schema().ModuleNames())
	if err != nil {
		return err
	}
	return s.driver.Apply(s.t.Context(), next, next.Set(p, v))
}

// Counters and tables do not wait for a commit that the dataplane is slow at.
func TestSampleDuringCommit(t *testing.T) {
	s := newSampled(t)
	const ribs = "/ietf-routing:routing/ribs"
	route := modeltest.Route("198.51.100.0/24", 10, modeltest.Hop("192.0.2.2", "p"))
	s.memory.Add(t, &route.Route)
	for s.JSON("/openconfig-network-instance:network-instances") == "null" {
		<-s.published
	}
	s.backend.read = []object.LinkCounters{counted("p", 1, 42)}
	s.backend.begun, s.backend.proceed = make(chan struct{}), make(chan struct{})
	applied := make(chan error, 1)
	go func() { applied <- s.apply("9000") }()
	select {
	case <-s.backend.begun:
	case err := <-applied:
		t.Fatalf("the commit has touched nothing: %v", err)
	}
	s.sample("/", s.publish) // returns, although the step has not
	if got := s.JSON(octets); got != `"42"` {
		t.Errorf("in-octets is %s", got)
	}
	if got := s.JSON(ribs + "/rib[name='ipv4']"); !strings.Contains(got, "198.51.100.0/24") {
		t.Errorf("the route is not in\n%s", got)
	}
	close(s.backend.proceed)
	for {
		select {
		case <-s.backend.begun:
			continue
		case err := <-applied:
			if err != nil {
				t.Error(err)
			}
		}
		break
	}
}

// What commits change is sampled whole all the while.
func TestSampleBesideCommits(t *testing.T) {
	s := newSampled(t)
	applied := make(chan error, 1)
	go func() {
		for i := range 200 {
			if err := s.apply([]string{"1400", "9000"}[i%2]); err != nil {
				applied <- err
				return
			}
		}
		applied <- nil
	}()
	for n := uint64(0); ; n++ {
		s.backend.read = []object.LinkCounters{counted("p", 1, n), counted("q", 2, n)}
		s.sample("/", func(u agent.Update) {
			if links := linksIn(u); links != 2 {
				t.Errorf("counters of %d links", links)
			}
			s.Publish(u.Changes)
		})
		select {
		case err := <-applied:
			if err != nil {
				t.Error(err)
			}
			return
		default:
		}
	}
}

// Counters that stand still are published once, and again when the link has been
// published as it is seen.
func TestSampleStandsStill(t *testing.T) {
	s := newSampled(t)
	want := func(p, q uint64, links int) {
		t.Helper()
		s.backend.read = []object.LinkCounters{counted("p", 1, p), counted("q", 2, q)}
		got := 0
		s.sample("/", func(u agent.Update) {
			got = linksIn(u)
			s.Publish(u.Changes)
		})
		if got != links {
			t.Errorf("counters of %d links instead of %d", got, links)
		}
	}
	want(1, 2, 2)
	want(1, 2, 0)
	want(1, 3, 1)
	want(1, 2, 1)
	if got := s.JSON(octets); got != `"1"` {
		t.Errorf("in-octets is %s", got)
	}
}

// Links may be read in another order each time, and come and go.
func TestSampleInAnyOrder(t *testing.T) {
	s := newSampled(t)
	index := map[string]uint32{"p": 1, "q": 2}
	number := uint64(0)
	read := func(names ...string) {
		t.Helper()
		s.backend.read = nil
		want := map[string]string{}
		for _, name := range names {
			number++
			s.backend.read = append(s.backend.read, counted(name, index[name], number))
			if want[name] = "null"; index[name] != 0 {
				want[name] = strconv.Quote(strconv.FormatUint(number, 10))
			}
		}
		s.sample("/openconfig-interfaces:interfaces", s.publish)
		for name, want := range want {
			if got := s.JSON("/openconfig-interfaces:interfaces/interface[name='" + name + "']/state/counters/in-octets"); got != want {
				t.Errorf("of %q: in-octets of %s is %s, want %s", names, name, got, want)
			}
		}
	}
	read("p", "q")
	read("p", "q")
	read("q", "p")
	read("ghost", "q", "p")
	read("p")
	read("q", "ghost", "p")
	const status = "/openconfig-interfaces:interfaces/interface[name='p']/state/ifindex"
	s.memory.Remove(t, &object.Link{Name: "p"})
	for s.JSON(status) != "null" {
		<-s.published
	}
	index["p"] = 0
	read("q", "ghost", "p")
	s.memory.Add(t, &object.Link{Name: "p"})
	for s.JSON(status) == "null" {
		<-s.published
	}
	now, err := strconv.ParseUint(s.JSON(status), 10, 32)
	if err != nil {
		t.Fatal(err)
	}
	index["p"] = uint32(now)
	read("q", "ghost", "p")
	read("q", "ghost", "p")
}

// What one model has published is still news to the other, and no more than once.
func TestSampleOfModels(t *testing.T) {
	s := newSampled(t)
	s.backend.read = []object.LinkCounters{counted("p", 1, 42)}
	const twin = "/ietf-interfaces:interfaces/interface[name='p']/statistics"
	for _, step := range []struct {
		at       string
		octets   uint64
		oc, ietf string
	}{
		{octets, 42, `"42"`, `"0"`},
		{twin, 42, `"42"`, `"42"`},
		{twin, 43, `"42"`, `"43"`},
		{"/", 43, `"43"`, `"43"`},
		{octets, 43, "", ""},
		{twin, 43, "", ""},
	} {
		s.backend.read[0].InOctets = step.octets
		published := false
		s.sample(step.at, func(u agent.Update) {
			published = true
			s.Publish(u.Changes)
		})
		if published != (step.oc != "") {
			t.Errorf("%s at %d: published: %t", step.at, step.octets, published)
		} else if got, twins := s.JSON(octets), s.JSON(twin+"/in-octets"); published && (got != step.oc || twins != step.ietf) {
			t.Errorf("%s at %d: %s and %s, want %s and %s", step.at, step.octets, got, twins, step.oc, step.ietf)
		}
	}
}

// linksIn counts the links whose counters an update has for openconfig.
func linksIn(u agent.Update) (n int) {
	for _, c := range u.Changes {
		if len(c.Within) > 0 && c.Within.Last().Name == "counters" {
			n += len(c.Entries)
		}
	}
	return n
}
