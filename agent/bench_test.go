package agent_test

import (
	"fmt"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"github.com/outrigger-cnf/outrigger/agent"
	"github.com/outrigger-cnf/outrigger/agent/agenttest"
	"github.com/outrigger-cnf/outrigger/agent/codec/jsoncodec"
	"github.com/outrigger-cnf/outrigger/agent/path"
	"github.com/outrigger-cnf/outrigger/agent/schema"
	"github.com/outrigger-cnf/outrigger/agent/store"
	"github.com/outrigger-cnf/outrigger/agent/tree"
	"github.com/outrigger-cnf/outrigger/agent/validate"
	"github.com/outrigger-cnf/outrigger/gen"
	"github.com/outrigger-cnf/outrigger/internal/prereq"
)

// interfaces makes n of them with four leaves each, the key being one.
func (f fixture) interfaces(n int) *tree.Node {
	f.Helper()
	b := tree.NewBuilder()
	list, err := f.s.Find(path.Path{{Module: "t", Name: "interfaces"}, {Module: "t", Name: "interface"}})
	if err != nil {
		f.Fatal(err)
	}
	leaf := func(name, text string) *tree.Node {
		def := list.Child("t", name)
		v, err := def.Parse(text, f.s.ModuleNames())
		if err != nil {
			f.Fatal(err)
		}
		return b.Leaf(def, v)
	}
	entries := make([]*tree.Node, n)
	for i := range entries {
		entries[i], err = b.Entry(list, []*tree.Node{leaf("name", fmt.Sprintf("eth%d", i)),
			leaf("description", fmt.Sprintf("port %d", i)), leaf("mtu", "1500"), leaf("enabled", "true")})
		if err != nil {
			f.Fatal(err)
		}
	}
	l, err := b.List(list, entries)
	if err != nil {
		f.Fatal(err)
	}
	c, err := b.Container(list.DataParent, []*tree.Node{l})
	if err != nil {
		f.Fatal(err)
	}
	return c
}

// durable starts an agent with a store on tmpfs.
func (f fixture) durable(v agent.Validator) *agent.Agent {
	f.Helper()
	st, err := store.Open(prereq.Tmpfs(f), f.s, store.Options{})
	if err != nil {
		f.Fatal(err)
	}
	return agenttest.Start(f, agent.Config{Schema: f.s, Drivers: []agent.Driver{agenttest.NewDriver(f.s)}, Store: st, Validator: v})
}

func (f fixture) create(a *agent.Agent, n *tree.Node) {
	f.Helper()
	if _, err := a.Commit(f.Context(), agent.Request{Target: agent.Running,
		Edits: []agent.Edit{{Op: agent.Create, Path: f.path("/t:interfaces"), Node: n}}}); err != nil {
		f.Fatal(err)
	}
}

// openconfigInterfaces makes n interfaces of the served schema, with four leaves
// each beside the key.
func openconfigInterfaces(t testing.TB, s *schema.Schema, n int) *tree.Node {
	t.Helper()
	_, all, err := s.Resolve("/openconfig-interfaces:interfaces")
	if err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	separator := '['
	for i := range n {
		fmt.Fprintf(&text, `%c{"name":"eth%d","config":{"name":"eth%d","type":"iana-if-type:ethernetCsmacd","mtu":1500,"description":"port %d"}}`,
			separator, i, i, i)
		separator = ','

	}
	node, err := jsoncodec.Decode([]byte(`{"interface":`+text.String()+`]}`), all, nil, jsoncodec.DecodeOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return node
}

// BenchmarkCommitOneLeaf changes one leaf among n interfaces of the served
// schema, of another one each time: validated, applied by a fake driver, durable
// on tmpfs, published.
func BenchmarkCommitOneLeaf(b *testing.B) {
	for _, n := range []int{1_000, 10_000, 100_000} {
		b.Run(fmt.Sprintf("%dk", n/1000), func(b *testing.B) {
			s := gen.Schema()
			f := fixture{b, s}
			a := f.durable(validator(b, s))
			if _, err := a.Commit(b.Context(), agent.Request{Target: agent.Running, Edits: []agent.Edit{
				{Op: agent.Create, Path: f.path("/openconfig-interfaces:interfaces"), Node: openconfigInterfaces(b, s, n)}}}); err != nil {
				b.Fatal(err)
			}
			var lines []string
			for _, mtu := range []string{"9000", "1400"} {
				for i := range 500 {
					lines = append(lines, fmt.Sprintf("merge /openconfig-interfaces:interfaces/interface[name='eth%d']/config/mtu=%s", i*7919%n, mtu))
				}
			}
			edits := f.edits(lines...)
			runtime.GC()
			b.ReportAllocs()
			b.ResetTimer()
			for i := 0; b.Loop(); i++ {
				if _, err := a.Commit(b.Context(), agent.Request{Target: agent.Running, Edits: edits[i%1000 : i%1000+1]}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkCommitCreate100k creates 100,000 interfaces in one commit, and says
// what heap they take.
func BenchmarkCommitCreate100k(b *testing.B) {
	f := newFixture(b)
	var before, after runtime.MemStats
	for b.Loop() {
		b.StopTimer()
		a := f.durable(validator(b, f.s))
		runtime.GC()
		runtime.ReadMemStats(&before)
		b.StartTimer()
		n := f.interfaces(100_000)
		f.create(a, n)
		b.StopTimer()
		n = nil
		runtime.GC()
		runtime.ReadMemStats(&after)
		b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/1e6, "MB-heap")
		if err := a.Close(); err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
	}
}

func BenchmarkPublish(b *testing.B) {
	f := newFixture(b)
	a := f.durable(nil)
	f.create(a, f.interfaces(100_000))
	u := [2]agent.Update{
		{Changes: []agent.StateChange{f.state("/t:interfaces/interface[name='eth7']/state", "/t:interfaces/interface[name='eth7']/state/oper=up")}},
		{Changes: []agent.StateChange{f.state("/t:interfaces/interface[name='eth7']/state", "/t:interfaces/interface[name='eth7']/state/oper=down")}},
	}
	for i := 0; b.Loop(); i++ {
		a.Publish(u[i%2])
	}
}

// BenchmarkPublishParts publishes what 1,000 interfaces have counted.
func BenchmarkPublishParts(b *testing.B) {
	const n = 1000
	s := gen.Schema()
	f := fixture{b, s}
	a := f.durable(nil)
	if _, err := a.Commit(b.Context(), agent.Request{Target: agent.Running, Edits: []agent.Edit{
		{Op: agent.Create, Path: f.path("/openconfig-interfaces:interfaces"), Node: openconfigInterfaces(b, s, n)}}}); err != nil {
		b.Fatal(err)
	}
	entry := func(i int) string { return fmt.Sprintf("/openconfig-interfaces:interfaces/interface[name='eth%d']", i) }
	within := f.path(entry(0) + "/state/counters")[2:]
	def, err := s.Find(f.path(entry(0) + "/state/counters"))
	if err != nil {
		b.Fatal(err)
	}
	var leafs []*schema.Node
	for _, l := range def.Data {
		if l.Kind == schema.Leaf && l.Type.Resolved().Unsigned() {
			leafs = append(leafs, l)
		}
	}
	counts, err := tree.NewCounts(def, leafs)
	if err != nil {
		b.Fatal(err)
	}
	var changes []agent.StateChange
	for i := range n {
		at := entry(i) + "/state"
		changes = append(changes, f.state(at, at+"/oper-status=UP", at+"/ifindex="+strconv.Itoa(i), at+"/mtu=1500"))
	}
	a.Publish(agent.Update{Changes: changes})
	values := make([]uint64, len(leafs))
	var updates [2]agent.Update
	for i := range updates {
		c := agent.StateChange{Path: f.path(entry(0))[:1].Child(def.DataParent.DataParent.Elem()), Within: within}
		for j := range n {
			values[0] = uint64(2*j + i)
			c.Entries = append(c.Entries, tree.EntryEdit{Keys: []string{fmt.Sprintf("eth%d", j)}, Node: counts.Node(values, 1<<10-1)})
		}
		updates[i].Changes = []agent.StateChange{c}
	}
	b.ReportAllocs()
	b.ResetTimer()
	for i := 0; b.Loop(); i++ {
		a.Publish(updates[i%2])
	}
}

func validator(t testing.TB, s *schema.Schema) agent.Validator {
	t.Helper()
	v, err := validate.New(s)
	if err != nil {
		t.Fatal(err)
	}
	return v
}
