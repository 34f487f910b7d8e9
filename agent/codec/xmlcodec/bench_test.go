package xmlcodec_test

import (
	"fmt"
	"testing"

	"github.com/outrigger-cnf/outrigger/agent/codec/xmlcodec"
	"github.com/outrigger-cnf/outrigger/agent/tree/treetest"
	"github.com/outrigger-cnf/outrigger/yang/compile/compiletest"
)

// document has n interfaces with four leafs beside the name.
func document(n int) []byte {
	doc := []byte(`<data><interfaces xmlns="urn:base">`)
	for i := range n {
		doc = fmt.Appendf(doc, `<interface><name>eth%d</name><config><name>eth%d</name><type xmlns:m="urn:more">m:cat</type>`+
			`<mtu>1500</mtu><enabled>true</enabled><description>to neighbor %d</description></config></interface>`, i, i, i)
	}
	return append(doc, "</interfaces></data>"...)
}

func BenchmarkDecode(b *testing.B) {
	s := compiletest.Schema(b, treetest.Modules()...)
	for _, n := range []int{1000, 100_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			doc := document(n)
			b.SetBytes(int64(len(doc)))
			b.ReportAllocs()
			for b.Loop() {
				if _, _, err := decode(s, doc, xmlcodec.DecodeOptions{}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkEncode(b *testing.B) {
	s := compiletest.Schema(b, treetest.Modules()...)
	for _, n := range []int{1000, 100_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			doc := document(n)
			data, _, err := decode(s, doc, xmlcodec.DecodeOptions{})
			if err != nil {
				b.Fatal(err)
			}
			b.SetBytes(int64(len(doc)))
			b.ReportAllocs()
			buf := make([]byte, 0, 2*len(doc))
			for b.Loop() {
				buf = xmlcodec.AppendChildren(buf[:0], data, nil, xmlcodec.Options{})
			}
		})
	}
}
