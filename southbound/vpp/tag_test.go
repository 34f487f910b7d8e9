package vpp

import (
	"testing"
)

func TestMark(t *testing.T) {
	for tag, want := range map[string]struct {
		made        made
		description string
		ours        bool
	}{
		"":                         {},
		"somebody's":               {description: "somebody's"},
		"outrigger":                {description: "outrigger"},
		"outrigger:":               {ours: true},
		"outrigger:a: b":           {description: "a: b", ours: true},
		"outrigger/512/4096:x":     {made: made{512, 4096}, description: "x", ours: true},
		"outrigger/0/4096:":        {made: made{0, 4096}, ours: true},
		"outrigger/512:x":          {description: "outrigger/512:x"},
		"outrigger/0512/4096:x":    {description: "outrigger/0512/4096:x"},
		"outrigger/512/65536:x":    {description: "outrigger/512/65536:x"},
		"outrigger/512/4096/1:x":   {description: "outrigger/512/4096/1:x"},
		"outrigger/0/0:x":          {description: "outrigger/0/0:x"},
		"outriggers:x":             {description: "outriggers:x"},
		"outrigger/-1/4096:x":      {description: "outrigger/-1/4096:x"},
		"outrigger/512/4096":       {description: "outrigger/512/4096"},
		"x outrigger:":             {description: "x outrigger:"},
		"outrigger/abc/def:simple": {description: "outrigger/abc/def:simple"},
	} {
		m, description, ours := cutMark(tag)
		if m != want.made || description != want.description || ours != want.ours {
			t.Errorf("%q: %v %q %t", tag, m, description, ours)
		}
	}
}

// A tag is told apart as it was put together.
func FuzzMark(f *testing.F) {
	f.Add("outrigger:text", uint32(0), uint16(0))
	f.Add("outrigger/512/4096:text", uint32(512), uint16(4096))
	f.Fuzz(func(t *testing.T, text string, ring uint32, buffer uint16) {
		in := made{ring, uint32(buffer)}
		m, description, ours := cutMark(in.String() + text)
		if m != in || description != text || !ours {
			t.Errorf("%v %q became %v %q %t", in, text, m, description, ours)
		}
		if m, description, ours := cutMark(text); ours && m.String()+description != text || !ours && (description != text || m != made{}) {
			t.Errorf("%q became %v %q", text, m, description)
		}
	})
}

// Numbers are all of a range, none twice, and names that VPP makes of them are
// known again.
func TestNumbers(t *testing.T) {
	for _, r := range []numbers{lowNumbers, tapNumbers, wideNumbers} {
		for _, name := range []string{"", "a", "lo7", "a link of a longer name"} {
			seen := make(map[uint32]bool)
			for n := range r.choose(name) {
				if n < r.from || n-r.from >= r.n || seen[n] {
					t.Fatalf("%q: %d", name, n)
				}
				seen[n] = true
			}
			if want := min(r.n, 1<<14); uint32(len(seen)) != want {
				t.Errorf("%q: %d numbers, want %d", name, len(seen), want)
			}
		}
	}
	for name, want := range map[string]bool{
		"loop8192": true, "loop16383": true, "loop8191": false, "loop16384": false, "loop": false, "loop08192": false,
		"loop-1": false, "bvi9000": false, "loop9000.1": false,
	} {
		if got := lowNumbers.leftover(name, "loop"); got != want {
			t.Errorf("%s: %t", name, got)
		}
	}
}
