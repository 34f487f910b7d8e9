package schema

import (
	"regexp"
	"strings"
	"testing"
)

func TestCompilePattern(t *testing.T) {
	for _, c := range []struct {
		pattern   string
		yes, no   []string
		wantError string
	}{
		{pattern: "a|bc", yes: []string{"a", "bc"}, no: []string{"ab", "abc", "", "xa"}},
		{pattern: "", yes: []string{""}, no: []string{"a"}},
		{pattern: "(a|)b", yes: []string{"ab", "b"}},
		{pattern: "a.c", yes: []string{"abc", "a c", "aéc"}, no: []string{"a\nc", "a\rc"}},
		{pattern: `\d{4}-\d{2}`, yes: []string{"2024-01", "٢٠٢٤-٠١"}, no: []string{"24-01"}},
		{pattern: `\i\c*`, yes: []string{"a-b.c", "_x", "é1"}, no: []string{"1a", "-a", ""}},
		{pattern: `\w+`, yes: []string{"a1é", "a+"}, no: []string{"a b", "a-b", "a_b"}},
		{pattern: `\W\S\s`, yes: []string{"-a "}, no: []string{"aa ", "-  "}},
		{pattern: `[\w-[aeiou]]+`, yes: []string{"xyz"}, no: []string{"xaz"}},
		{pattern: `[a-z-[m-p-[n]]]`, yes: []string{"a", "n", "z"}, no: []string{"m", "o", "p"}},
		{pattern: `[^a-c]`, yes: []string{"d", "\n"}, no: []string{"a"}},
		{pattern: `[^\d]x`, yes: []string{"ax"}, no: []string{"1x"}},
		{pattern: `[a-]b[-a]`, yes: []string{"-b-", "aba"}, no: []string{"bbb"}},
		{pattern: `[\-\+\]\[^]`, yes: []string{"-", "+", "]", "[", "^"}, no: []string{`\`}},
		{pattern: `[0-9a-fA-F:\.]*`, yes: []string{"fe80::1"}, no: []string{"g"}},
		{pattern: `\p{L}\p{Nd}\P{L}`, yes: []string{"a1-"}, no: []string{"11-", "a1a"}},
		{pattern: `\p{IsBasicLatin}+`, yes: []string{"abc"}, no: []string{"é"}},
		{pattern: `\p{IsGreek}`, yes: []string{"α"}, no: []string{"a"}},
		{pattern: `[\p{IsBasicLatin}-[\p{C}]]*`, yes: []string{"ok"}, no: []string{"a\tb"}},
		{pattern: `\p{Cn}`, yes: []string{"\u0378"}, no: []string{"a"}},
		{pattern: `$0$.*|$1$[a-z]+`, yes: []string{"$0$x", "$1$abc"}, no: []string{"0x", "$1$"}},
		{pattern: `a^b`, yes: []string{"a^b"}, no: []string{"ab"}},
		{pattern: `^[0-9]+$`, yes: []string{"15"}, no: []string{"^15$", "a"}},
		{pattern: `^a|b$`, yes: []string{"a", "b"}, no: []string{"ab"}},
		{pattern: `^a\$`, yes: []string{"^a$"}, no: []string{"a"}},
		{pattern: `a{2,3}`, yes: []string{"aa", "aaa"}, no: []string{"a", "aaaa"}},
		{pattern: `a{0}b`, yes: []string{"b"}, no: []string{"ab"}},
		{pattern: `a{2,}`, yes: []string{"aa", "aaaaaaa"}, no: []string{"a"}},
		{pattern: `a{1500,2500}`, yes: []string{strings.Repeat("a", 1500), strings.Repeat("a", 2500)},
			no: []string{strings.Repeat("a", 1499), strings.Repeat("a", 2501)}},
		{pattern: `(ab{1,60}){1,60}`, yes: []string{strings.Repeat("abb", 60)}, no: []string{strings.Repeat("ab", 61), "a"}},
		{pattern: `[.\s]{0,4000}`, yes: []string{strings.Repeat(" ", 4000)}, no: []string{strings.Repeat(".", 4001)}},
		{pattern: `\.\?\*\(\)\{\}\|\\\^\$\/\_\@\"`, yes: []string{`.?*(){}|\^$/_@"`}},

		{pattern: `a**`, wantError: "follows a quantifier"},
		{pattern: `*a`, wantError: "must be escaped"},
		{pattern: `(a`, wantError: "not closed"},
		{pattern: `a)`, wantError: "unexpected )"},
		{pattern: `[a`, wantError: "not closed"},
		{pattern: `[z-a]`, wantError: "a range goes"},
		{pattern: `a{3,2}`, wantError: "a quantifier is"},
		{pattern: `a{x}`, wantError: "a quantifier is"},
		{pattern: `\q`, wantError: "not an escape"},
		{pattern: `\`, wantError: "nothing follows"},
		{pattern: `\p{Nope}`, wantError: "unknown category"},
		{pattern: `\p{IsNope}`, wantError: "unknown block"},
		{pattern: `((a{900}){900}){900}`, wantError: "too large"},
		{pattern: strings.Repeat("(", 500) + strings.Repeat(")", 500), wantError: "nested deeper"},
	} {
		re, err := CompilePattern(c.pattern)
		if c.wantError != "" {
			if err == nil || !strings.Contains(err.Error(), c.wantError) {
				t.Errorf("%.40q: error %v, want %q", c.pattern, err, c.wantError)
			}
			continue
		}
		if err != nil {
			t.Errorf("%q: %v", c.pattern, err)
			continue
		}
		for _, s := range c.yes {
			if !re.MatchString(s) {
				t.Errorf("%q does not match %.40q", c.pattern, s)
			}
		}
		for _, s := range c.no {
			if re.MatchString(s) {
				t.Errorf("%q matches %.40q", c.pattern, s)
			}
		}
	}
}

// Any pattern that the translation accepts is one that Go accepts, within
// bounds; nothing panics.
// manyTimes finds counts of repetitions that make a pattern large.
var manyTimes = regexp.MustCompile(`[0-9]{5}`)

func FuzzPattern(f *testing.F) {
	f.Fuzz(func(t *testing.T, pattern, text string) {
		if len(pattern) > 200 || manyTimes.MatchString(pattern) {
			return // compiled in its time, but not thousands of times
		}
		src, err := translatePattern(pattern)
		if err != nil {
			return
		}
		if len(src) > 20_000 {
			return // likewise
		}
		re, err := CompilePattern(pattern)
		if err != nil {
			t.Fatalf("%q became %q: %v", pattern, src, err)
		}
		re.MatchString(text)
	})
}
