package translate_test

import (
	"slices"
	"testing"

	"github.com/outrigger-cnf/outrigger/agent/path"
	"github.com/outrigger-cnf/outrigger/southbound/translate"
)

func TestPaths(t *testing.T) {
	list := translate.Below(path.Path{{Module: "m", Name: "top"}}, "a/n:b/c")
	entry := translate.Entry(list, "k", "1", "l", "it's")
	if got := translate.Below(entry, "d").String(); got != `/m:top/a/n:b/c[k='1'][l="it's"]/d` {
		t.Error(got)
	}
	if got := list.String(); got != "/m:top/a/n:b/c" {
		t.Errorf("Entry has changed the path that it was given: %s", got)
	}
}

func TestTowards(t *testing.T) {
	way := translate.Below(path.Path{{Module: "m", Name: "top"}}, "list/state/counters")
	list := translate.Below(way[:1], "list")
	entry := translate.Entry(list, "k", "x")
	for _, tt := range []struct {
		name  string
		p     path.Path
		value string
		ok    bool
	}{
		{"root", nil, "", true},
		{"on the way", list, "", true},
		{"an entry", entry, "x", true},
		{"there", translate.Below(entry, "state/counters"), "x", true},
		{"below", translate.Below(entry, "state/counters/in"), "x", true},
		{"all, below", translate.Below(list, "state/counters/in"), "", true},
		{"beside", translate.Below(entry, "state/mtu"), "", false},
		{"of another module", path.Path{{Module: "n", Name: "top"}}, "", false},
	} {
		if value, ok := translate.Towards(tt.p, way, "k"); value != tt.value || ok != tt.ok {
			t.Errorf("%s: %q, %v", tt.name, value, ok)
		}
	}
}

func TestKeys(t *testing.T) {
	if keys := translate.Keys(map[string]int{"b": 1, "a": 2, "c": 3}); !slices.Equal(keys, []string{"a", "b", "c"}) {
		t.Error(keys)
	}
}
