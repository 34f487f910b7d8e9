package netconf

import (
	"bytes"
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/outrigger-cnf/outrigger/agent"
	"github.com/outrigger-cnf/outrigger/agent/agenttest"
	"github.com/outrigger-cnf/outrigger/agent/store"
	"github.com/outrigger-cnf/outrigger/agent/validate"
	"github.com/outrigger-cnf/outrigger/gen"
	"github.com/outrigger-cnf/outrigger/internal/prereq"
)

// many is how many interfaces the benchmarks have, with four leafs each.
const many = 100_000

// newBench makes a fixture with the schema of the product, a fake driver and a
// durable store on tmpfs.
func newBench(b *testing.B) *fixture {
	b.Helper()
	s := gen.Schema()
	f := &fixture{t: b, schema: s, driver: agenttest.NewDriver(s)}
	v, err := validate.New(s)
	if err != nil {
		b.Fatal(err)
	}
	memory, err := store.Open(prereq.Tmpfs(b), s, store.Options{})
	if err != nil {
		b.Fatal(err)
	}
	f.agent = agenttest.Start(b, agent.Config{Schema: s, Drivers: []agent.Driver{f.driver}, Store: memory, Validator: v})
	f.serve()
	return f
}

// manyInterfaces is an edit-config that makes n of ietf-interfaces.
func manyInterfaces(n int) string {
	var b strings.Builder
	b.WriteString(`<interfaces xmlns="urn:ietf:params:xml:ns:yang:ietf-interfaces" xmlns:ianaift="urn:ietf:params:xml:ns:yang:iana-if-type">`)
	for i := range n {
		fmt.Fprintf(&b, "<interface><name>eth%d</name><description>interface number %d</description><type>ianaift:ethernetCsmacd</type><enabled>true</enabled></interface>", i, i)
	}
	return edit("running", b.String()+"</interfaces>")
}

// exchange sends a message and reads the reply into nothing, as a client that
// does not care would; it returns the reply's size and beginning.
func (w *wire) exchange(message []byte, scratch []byte) (int, []byte) {
	w.t.Helper()
	if _, err := w.conn.Write(message); err != nil {
		w.t.Fatal(err)
	}
	reply, err := w.in.next(scratch[:0])
	if err != nil {
		w.t.Fatal(err)
	}
	return len(reply), reply
}

func framed(operation string) []byte {
	m := `<rpc xmlns="` + baseNamespace + `" message-id="1">` + operation + `</rpc>`
	return bytes.Clone(seal(append(make([]byte, headRoom), m...), true))
}

func report(b *testing.B, reply []byte) {
	b.Helper()
	if bytes.Contains(reply, []byte("<rpc-error>")) {
		b.Fatalf("%.2000s", reply)
	}
}

// BenchmarkGetConfig100k reads 100,000 interfaces over SSH.
func BenchmarkGetConfig100k(b *testing.B) {
	f := newBench(b)
	w, _ := f.session(f.dial(f.listen()))
	scratch := make([]byte, 0, 64<<20)
	_, reply := w.exchange(framed(manyInterfaces(many)), scratch)
	report(b, reply)
	get := framed(getConfig("running", ""))
	for b.Loop() {
		n, reply := w.exchange(get, scratch)
		if n < 10<<20 {
			report(b, reply)
			b.Fatalf("the reply has %d octets only", n)
		}
		b.SetBytes(int64(n))
	}
}

// BenchmarkGetConfigOne reads one of 100,000 interfaces by its key.
func BenchmarkGetConfigOne(b *testing.B) {
	f := newBench(b)
	w, _ := f.session(f.dial(f.listen()))
	scratch := make([]byte, 0, 64<<20)
	_, reply := w.exchange(framed(manyInterfaces(many)), scratch)
	report(b, reply)
	get := framed(getConfig("running", `<interfaces xmlns="urn:ietf:params:xml:ns:yang:ietf-interfaces"><interface><name>eth77777</name></interface></interfaces>`))
	for b.Loop() {
		_, reply = w.exchange(get, scratch)
	}
	if !bytes.Contains(reply, []byte("number 77777")) {
		b.Fatalf("%s", reply)
	}
}

// BenchmarkCreate100k makes 100,000 interfaces in one edit-config over SSH, from
// the first octet to the reply.
func BenchmarkCreate100k(b *testing.B) {
	config := framed(manyInterfaces(many))
	b.SetBytes(int64(len(config)))
	clear := framed("<copy-config><target><running/></target><source><config/></source></copy-config>")
	f := newBench(b)
	w, _ := f.session(f.dial(f.listen()))
	scratch := make([]byte, 0, 1<<20)
	for b.Loop() {
		_, reply := w.exchange(config, scratch)
		report(b, reply)
		b.StopTimer()
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		b.ReportMetric(float64(m.HeapAlloc-uint64(len(config)))/1e6, "MB-live")
		_, reply = w.exchange(clear, scratch)
		report(b, reply)
		b.StartTimer()
	}
}

// BenchmarkOneLeaf changes one leaf among n interfaces over SSH.
func BenchmarkOneLeaf(b *testing.B) {
	for _, n := range []int{1_000, 10_000, many} {
		b.Run(fmt.Sprintf("%dk", n/1000), func(b *testing.B) {
			f := newBench(b)
			w, _ := f.session(f.dial(f.listen()))
			scratch := make([]byte, 0, 1<<20)
			_, reply := w.exchange(framed(manyInterfaces(n)), scratch)
			report(b, reply)
			for i := 0; b.Loop(); i++ {
				_, reply = w.exchange(framed(edit("running", fmt.Sprintf(
					`<interfaces xmlns="urn:ietf:params:xml:ns:yang:ietf-interfaces"><interface><name>eth500</name><description>change %d</description></interface></interfaces>`, i))), scratch)
			}
			report(b, reply)
		})
	}
}

// BenchmarkRPC is the smallest request there is, over SSH.
func BenchmarkRPC(b *testing.B) {
	f := newBench(b)
	w, _ := f.session(f.dial(f.listen()))
	scratch := make([]byte, 0, 1<<20)
	m := framed("<discard-changes/>")
	for b.Loop() {
		w.exchange(m, scratch)
	}
}
