package xmlcodec_test

import (
	"encoding/xml"
	"io"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/outrigger-cnf/outrigger/agent/codec/xmlcodec"
	"github.com/outrigger-cnf/outrigger/agent/schema"
	"github.com/outrigger-cnf/outrigger/agent/tree"
	"github.com/outrigger-cnf/outrigger/agent/tree/treetest"
	"github.com/outrigger-cnf/outrigger/gen"
	"github.com/outrigger-cnf/outrigger/yang/compile/compiletest"
)

// decode reads a document whose root element holds data of the schema's root.
func decode(s *schema.Schema, doc []byte, o xmlcodec.DecodeOptions) (*tree.Node, []xmlcodec.Piece, error) {
	o.Schema = s
	r := xmlcodec.NewReader(doc, 0)
	if _, err := r.Root(); err != nil {
		return nil, nil, err
	}
	n, pieces, err := xmlcodec.DecodeChildren(r, s.Root, o)
	if err != nil {
		return nil, nil, err
	}
	return n, pieces, r.End()
}

func encode(n *tree.Node, o xmlcodec.Options) []byte {
	doc := xmlcodec.AppendChildren([]byte("<data>"), n, nil, o)
	return append(doc, "</data>"...)
}

func checkRoundTrip(t *testing.T, s *schema.Schema, seed uint64) {
	t.Helper()
	want := treetest.Random(rand.New(rand.NewPCG(seed, 0)), s).Root()
	doc := encode(want, xmlcodec.Options{})
	got, _, err := decode(s, doc, xmlcodec.DecodeOptions{})
	if err != nil {
		t.Fatalf("seed %d: %v\n%s", seed, err, doc)
	}
	for c := range tree.DiffNodes(nil, want, got) {
		t.Fatalf("seed %d: %s differs: %v\n%s", seed, c.Path, c, doc)
	}
	d := xml.NewDecoder(strings.NewReader(string(doc)))
	for {
		if _, err := d.Token(); err == io.EOF {
			break
		} else if err != nil {
			t.Fatalf("seed %d: encoding/xml refuses it: %v\n%s", seed, err, doc)
		}
	}
}

func TestRoundTrip(t *testing.T) {
	s := compiletest.Schema(t, treetest.Modules()...)
	for seed := range uint64(2000) {
		checkRoundTrip(t, s, seed)
	}
}

// TestRoundTripServed does the same with the schema that is served.
func TestRoundTripServed(t *testing.T) {
	s := gen.Schema()
	for seed := range uint64(50) {
		checkRoundTrip(t, s, seed)
	}
}

func FuzzRoundTrip(f *testing.F) {
	s := compiletest.Schema(f, treetest.Modules()...)
	f.Add(uint64(1))
	f.Fuzz(func(t *testing.T, seed uint64) { checkRoundTrip(t, s, seed) })
}
