package soak

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"time"

	gpbext "github.com/openconfig/gnmi/proto/gnmi_ext"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/durationpb"
)

var (
	// A failure of CI must be one that its change has brought: there the seed is
	// always the same.
	seedFlag    = flag.Uint64("seed", 12, "seed of what is random; 0 picks one")
	commitsFlag = flag.Int("commits", 2000, "commits of TestRandomCommits")
)

func seed(t *testing.T) *rand.Rand {
	s := *seedFlag
	if s == 0 {
		s = rand.Uint64()
	}
	t.Logf("-seed %d", s)
	return rand.New(rand.NewPCG(s, 0))
}

// pair is a client of each protocol.
type pair struct {
	gnmi    *gnmiClient
	netconf *netconfClient
}

func (m *machine) connect(t *testing.T) *pair {
	t.Helper()
	g, err := m.ns.openGNMI()
	if err != nil {
		t.Fatal(err)
	}
	n, err := m.ns.openNETCONF()
	if err != nil {
		t.Fatal(err)
	}
	return &pair{g, n}
}

func (p *pair) close() {
	p.gnmi.close()
	p.netconf.close()
}

// way is how edits are sent.
type way struct {
	name string
	gnmi bool
	send func(p *pair, edits []edit, number int) error
	// end follows a commit that must be confirmed; undone says that it takes the
	// commit back.
	end    func(p *pair, number int) error
	undone bool
	share  int // of a hundred
}

var ways = []way{
	{name: "gNMI Set", gnmi: true, share: 44, send: func(p *pair, edits []edit, _ int) error { return p.gnmi.set(edits) }},
	{
		name: "gNMI commit-confirmed, confirmed", gnmi: true, share: 3, send: beginGNMI,
		end: func(p *pair, n int) error {
			return p.gnmi.set(nil, commitExtension(fmt.Sprint(n), &gpbext.CommitConfirm{}))
		},
	},
	{
		name: "gNMI commit-confirmed, canceled", gnmi: true, share: 3, undone: true, send: beginGNMI,
		end: func(p *pair, n int) error {
			return p.gnmi.set(nil, commitExtension(fmt.Sprint(n), &gpbext.CommitCancel{}))
		},
	},
	{name: "edit-config of running", share: 25, send: func(p *pair, edits []edit, _ int) error {
		return p.netconf.edit("running", toXML(edits))
	}},
	{name: "edit-config of candidate, commit", share: 15, send: func(p *pair, edits []edit, _ int) error {
		return p.commit(edits, "<commit/>")
	}},
	{
		name: "edit-config of candidate, discard-changes", share: 3, undone: true,
		send: func(p *pair, edits []edit, _ int) error { return p.netconf.edit("candidate", toXML(edits)) },
		end:  func(p *pair, _ int) error { return p.netconf.do("<discard-changes/>") },
	},
	{
		name: "confirmed commit, confirmed", share: 4,
		send: func(p *pair, edits []edit, _ int) error { return p.commit(edits, "<commit><confirmed/></commit>") },
		end:  func(p *pair, _ int) error { return p.netconf.do("<commit/>") },
	},
	{
		name: "confirmed commit, canceled", share: 3, undone: true,
		send: func(p *pair, edits []edit, _ int) error { return p.commit(edits, "<commit><confirmed/></commit>") },
		end:  func(p *pair, _ int) error { return p.netconf.do("<cancel-commit/>") },
	},
}

func beginGNMI(p *pair, edits []edit, n int) error {
	return p.gnmi.set(edits, commitExtension(fmt.Sprint(n), &gpbext.CommitRequest{RollbackDuration: durationpb.New(time.Minute)}))
}

// commit goes by way of candidate. What is refused is taken out of candidate
// again.
func (p *pair) commit(edits []edit, operation string) error {
	err := p.netconf.edit("candidate", toXML(edits))
	if err == nil {
		err = p.netconf.do(operation)
	}
	if err != nil && tagOf(err) != "" {
		if e := p.netconf.do("<discard-changes/>"); e != nil {
			return fmt.Errorf("discard-changes: %w", e)
		}
	}
	return err
}

func (g *generator) way() *way {
	n := g.IntN(100)
	for i := range ways {
		if n -= ways[i].share; n < 0 {
			return &ways[i]
		}
	}
	panic("shares do not add up to 100")
}

// refused reports whether an error is an answer, and not the lack of one.
func refused(err error) bool {
	switch status.Code(err) {
	case codes.OK, codes.Unavailable, codes.DeadlineExceeded, codes.Canceled, codes.Internal, codes.Unknown, codes.DataLoss:
		return tagOf(err) != "" && tagOf(err) != "rollback-failed"
	}
	return true
}

// soaking is the state of a test of random commits.
type soaking struct {
	t       *testing.T
	m       *machine
	p       *pair
	g       *generator
	kernel  *witness
	since   *kernel // before the agent did anything
	model   data
	good    int
	refused int
	late    int
	slowest time.Duration
	spent   map[string]time.Duration
}

func newSoaking(t *testing.T) *soaking {
	m := newMachine(t)
	s := &soaking{t: t, m: m, g: &generator{Rand: seed(t)}, kernel: newWitness(t, m.ns), model: data{}, spent: map[string]time.Duration{}}
	var err error
	if s.since, err = s.kernel.look(); err != nil {
		t.Fatal(err)
	}
	m.start(t)
	s.p = m.connect(t)
	t.Cleanup(func() { s.p.close() })
	return s
}

// TestRandomCommits makes random commits, good and bad ones, and looks after each
// whether the model, running over both protocols, and the kernel agree.
func TestRandomCommits(t *testing.T) {
	s := newSoaking(t)
	begin := time.Now()
	for n := range *commitsFlag {
		s.step(n)
	}
	t.Logf("%d commits in %v: %d accepted, %d refused, %d with objects that came about late (at most %v); spent %v",
		*commitsFlag, time.Since(begin).Round(time.Millisecond), s.good, s.refused, s.late, s.slowest, s.spent)
	if s.good == 0 || s.refused == 0 {
		t.Error("all alike")
	}
}

// step makes one transaction and checks what became of it.
func (s *soaking) step(n int) {
	s.t.Helper()
	tx, w := s.g.transaction(s.model), s.g.way()
	if len(tx.edits) == 0 {
		return
	}
	before := s.look()
	next, failed := s.model.apply(tx.edits, w.gnmi)
	var must *want
	if failed == nil {
		must, failed = realize(next)
	}
	if failed == nil && tx.bad != "" {
		failed = fmt.Errorf("%s", tx.bad)
	}
	begin := time.Now()
	err := w.send(s.p, tx.edits, n)
	s.spent["commit"] += time.Since(begin)
	told := func() string {
		var b strings.Builder
		fmt.Fprintf(&b, "commit %d by %s:\n", n, w.name)
		for _, e := range tx.edits {
			fmt.Fprintf(&b, "\t%s\n", e.String())
		}
		return b.String()
	}
	onlyCandidate := strings.HasSuffix(w.name, "discard-changes")
	switch {
	case err != nil && !refused(err):
		s.t.Fatalf("%sno answer: %v", told(), err)
	case err == nil && failed != nil && !onlyCandidate:
		s.t.Fatalf("%saccepted, but the model says: %v", told(), failed)
	case err != nil && failed == nil:
		s.t.Fatalf("%srefused: %v\nthe model sees nothing wrong; the kernel had %v", told(), err, before)
	}
	if err != nil {
		s.refused++
		s.same(told, err)
		s.unchanged(told, before)
		if onlyCandidate { // what is refused leaves candidate as it was, too
			s.check(s.p.netconf.do("<discard-changes/>"), told)
		}
		return
	}
	s.good++
	old := s.model
	if !onlyCandidate {
		s.model = next
		s.same(told, nil)
		s.realized(told, must)
	}
	if w.end == nil {
		return
	}
	s.check(w.end(s.p, n), told)
	if !w.undone {
		s.same(told, nil)
		return
	}
	s.model = old
	s.same(told, nil)
	if must, err = realize(old); err != nil {
		s.t.Fatal(err)
	}
	s.realized(func() string { return told() + "and taken back: " }, must)
}

func (s *soaking) check(err error, told func() string) {
	s.t.Helper()
	if err != nil {
		s.t.Fatalf("%s%v", told(), err)
	}
}

func (s *soaking) look() *kernel {
	s.t.Helper()
	begin := time.Now()
	k, err := s.kernel.look()
	if err != nil {
		s.t.Fatal(err)
	}
	s.spent["kernel"] += time.Since(begin)
	return k
}

// same compares running with the model, as both protocols have it.
func (s *soaking) same(told func() string, answer error) {
	s.t.Helper()
	begin := time.Now()
	got, err := s.p.gnmi.config()
	s.check(err, told)
	if diff := difference(s.model.withDefaults(), got); diff != "" {
		s.t.Fatalf("%sanswer: %v\nrunning over gNMI differs from the model:\n%s", told(), answer, diff)
	}
	s.spent["gNMI Get"] += time.Since(begin)
	begin = time.Now()
	got, err = s.p.netconf.config("running")
	s.check(err, told)
	if diff := difference(s.model, got); diff != "" {
		s.t.Fatalf("%sanswer: %v\nrunning over NETCONF differs from the model:\n%s", told(), answer, diff)
	}
	s.spent["get-config"] += time.Since(begin)
}

// settleTime is how long what waits for the kernel may take to come about.
const settleTime = 5 * time.Second

// realized waits for the kernel to be as it must.
func (s *soaking) realized(told func() string, must *want) {
	s.t.Helper()
	begin := time.Now()
	for again := false; ; again = true {
		diff := must.differ(s.look(), s.since)
		if len(diff) == 0 {
			break
		}
		if time.Since(begin) > settleTime {
			s.t.Fatalf("%sthe kernel is not as configured after %v:\n%s\nthe agent says: %s", told(), settleTime, strings.Join(diff, "\n"), s.p.gnmi.realization())
		}
		s.slowest = max(s.slowest, time.Since(begin))
		if !again {
			s.late++
			s.t.Logf("%slate: %s", told(), strings.Join(diff, "\n"))
		}
	}
}

// unchanged waits for the kernel to be as it was.
func (s *soaking) unchanged(told func() string, before *kernel) {
	s.t.Helper()
	begin := time.Now()
	for now := s.look(); !reflect.DeepEqual(now.withoutBridgeMACs(), before.withoutBridgeMACs()); now = s.look() {
		if time.Since(begin) > settleTime {
			s.t.Fatalf("%srefused, but the kernel has changed:\nbefore %v\nafter  %v", told(), before, now)
		}
	}
}
