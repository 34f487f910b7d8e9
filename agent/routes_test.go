package agent_test

import (
	"fmt"
	"testing"

	"github.com/outrigger-cnf/outrigger/agent"
	"github.com/outrigger-cnf/outrigger/agent/codec/jsoncodec"
	"github.com/outrigger-cnf/outrigger/agent/tree"
	"github.com/outrigger-cnf/outrigger/agent/validate"
	"github.com/outrigger-cnf/outrigger/gen"
)

// routes is the RFC 7951 JSON of a network instance with n static routes over the
// interface out.
func routes(n int) []byte {
	doc := []byte(`{"config": {"name": "DEFAULT", "type": "openconfig-network-instance-types:DEFAULT_INSTANCE"}, "protocols": {"protocol": [{` +
		`"identifier": "openconfig-policy-types:STATIC", "name": "static", ` +
		`"config": {"identifier": "openconfig-policy-types:STATIC", "name": "static"}, "static-routes": {"static": [`)
	for i := range n {
		if i > 0 {
			doc = append(doc, ',')
		}
		prefix := fmt.Sprintf("10.%d.%d.0/24", i>>8, i&255)
		doc = fmt.Appendf(doc, `{"prefix": "%[1]s", "config": {"prefix": "%[1]s"}, "next-hops": {"next-hop": [`+
			`{"index": "0", "config": {"index": "0", "next-hop": "192.0.2.2"}, "interface-ref": {"config": {"interface": "out"}}}]}}`, prefix)
	}
	return append(doc, `]}}]}}`...)
}

// BenchmarkRoutes is what the agent does with 10,000 static routes in one edit,
// step by step; commit is all of it but decode, without a driver, and the way back.
func BenchmarkRoutes(b *testing.B) {
	s := gen.Schema()
	v, err := validate.New(s)
	if err != nil {
		b.Fatal(err)
	}
	at, def, err := s.Resolve("/openconfig-network-instance:network-instances/network-instance[name='DEFAULT']")
	if err != nil {
		b.Fatal(err)
	}
	doc := routes(10_000)
	decode := func() *tree.Node {
		n, err := jsoncodec.Decode(doc, def, []string{"DEFAULT"}, jsoncodec.DecodeOptions{Lenient: true, Config: true})
		if err != nil {
			b.Fatal(err)
		}
		return n
	}
	link, err := jsoncodec.Decode([]byte(`{"openconfig-interfaces:interfaces": {"interface": [{"name": "out",
		"config": {"name": "out", "type": "iana-if-type:ethernetCsmacd", "enabled": true}}]}}`), s.Root, nil, jsoncodec.DecodeOptions{})
	if err != nil {
		b.Fatal(err)
	}
	old, n := tree.FromRoot(s, link), decode()
	merge := func() tree.Tree {
		x := old.Txn()
		if err := x.Merge(at, n); err != nil {
			b.Fatal(err)
		}
		return x.Tree()
	}
	new := merge()
	b.Run("decode", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			decode()
		}
	})
	b.Run("merge", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			merge()
		}
	})
	b.Run("settle", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := v.Settle(old, new); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("check", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if err := v.Check(b.Context(), old, new); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("commit", func(b *testing.B) {
		a := fixture{b, s}.durable(v)
		commit := func(e agent.Edit) {
			if _, err := a.Commit(b.Context(), agent.Request{Target: agent.Running, Edits: []agent.Edit{e}}); err != nil {
				b.Fatal(err)
			}
		}
		commit(agent.Edit{Op: agent.Merge, Node: link})
		b.ReportAllocs()
		for b.Loop() {
			commit(agent.Edit{Op: agent.Merge, Path: at, Node: n})
			commit(agent.Edit{Op: agent.Remove, Path: at})
		}
	})
}
