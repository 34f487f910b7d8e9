package translate_test

import (
	"testing"
	"time"

	"github.com/outrigger-cnf/outrigger/gen"
	"github.com/outrigger-cnf/outrigger/southbound/object"
	"github.com/outrigger-cnf/outrigger/southbound/translate"
)

// Each leaf shows its counter, if that was read and is kept; where a leaf has 32 bits the
// counter wraps.
func TestCounts(t *testing.T) {
	s := gen.Schema()
	at, _, err := s.Resolve("/ietf-interfaces:interfaces/interface/statistics")
	if err != nil {
		t.Fatal(err)
	}
	counts, err := translate.NewCounts(s, at, map[string]object.CounterSet{
		"out-errors": object.CountOutErrors, "in-octets": object.CountInOctets, "in-errors": object.CountInErrors, "in-discards": object.CountInDiscards,
	})
	if err != nil {
		t.Fatal(err)
	}
	read := object.LinkCounters{Counters: object.Counters{
		Time: time.Unix(1, 0), Absent: object.CountInDiscards, InOctets: 1<<32 + 1, InErrors: 1<<32 + 2, OutErrors: 3, InDiscards: 4,
	}}
	got := map[string]string{}
	for leaf := range counts.Node(&read).Children() {
		got[leaf.Schema().Name] = leaf.Value().Text
	}
	if len(got) != 3 || got["in-octets"] != "4294967297" || got["in-errors"] != "2" || got["out-errors"] != "3" {
		t.Errorf("shown are %v", got)
	}
	if read.Time = (time.Time{}); counts.Node(&read) != nil {
		t.Error("something is shown of what was not read")
	}
}

// What a table says must be in the schema.
func TestNewCountsRefuses(t *testing.T) {
	s := gen.Schema()
	at, _, err := s.Resolve("/ietf-interfaces:interfaces/interface/statistics")
	if err != nil {
		t.Fatal(err)
	}
	for _, leaf := range []string{"in-pkts", "discontinuity-time"} {
		if _, err := translate.NewCounts(s, at, map[string]object.CounterSet{leaf: object.CountInPackets}); err == nil {
			t.Errorf("%s is taken", leaf)
		}
	}
	if _, err := translate.NewCounts(s, translate.Below(at, "more"), nil); err == nil {
		t.Error("a container that is not there is taken")
	}
}

// Parts are one change of what there is.
func TestParts(t *testing.T) {
	s := gen.Schema()
	list, _, err := s.Resolve("/ietf-interfaces:interfaces/interface")
	if err != nil {
		t.Fatal(err)
	}
	within := translate.Below(list, "statistics")
	counts, err := translate.NewCounts(s, within, map[string]object.CounterSet{"in-octets": object.CountInOctets})
	if err != nil {
		t.Fatal(err)
	}
	p := translate.NewParts(list, within[len(list):], 1)
	read := object.LinkCounters{Counters: object.Counters{Time: time.Unix(1, 0)}}
	if p.Add("unread", counts.Node(&object.LinkCounters{})); len(p.Changes()) != 0 {
		t.Error("there is a change of nothing")
	}
	for _, key := range []string{"a", "b", "c"} { // more than there was room for
		p.Add(key, counts.Node(&read))
	}
	changes := p.Changes()
	if len(changes) != 1 || !changes[0].Path.Equal(list) || changes[0].Within.Last().Name != "statistics" || len(changes[0].Entries) != 3 {
		t.Fatalf("there are %+v", changes)
	}
	for i, key := range []string{"a", "b", "c"} {
		if e := changes[0].Entries[i]; len(e.Keys) != 1 || e.Keys[0] != key || e.Node.Len() != 1 {
			t.Errorf("instead of %s there is %+v", key, e)
		}
	}
}
