package compile

import (
	"strings"

	"github.com/openconfig/goyang/pkg/yang"
)

// dataDefs are the data definition statements (RFC 7950 §14, data-def-stmt).
const dataDefs = "anydata* anyxml* choice* container* leaf* leaf-list* list* uses*"

// documented are the substatements that nearly every definition may have.
const documented = "status? description? reference?"

// grammar says for each statement which substatements it may have and how often
// (RFC 7950 §14): ? at most once, * any number, + at least once, ! exactly once.
// A statement that is not there is unknown. Typed restrictions, which depend on
// the type, are checked where the type is resolved.
var grammar = parseGrammar(map[string]string{
	"module":    "yang-version? namespace! prefix! import* include* organization? contact? description? reference? revision* augment* deviation* extension* feature* grouping* identity* notification* rpc* typedef* " + dataDefs,
	"submodule": "yang-version? belongs-to! import* include* organization? contact? description? reference? revision* augment* deviation* extension* feature* grouping* identity* notification* rpc* typedef* " + dataDefs,

	"import":     "prefix! revision-date? description? reference?",
	"include":    "revision-date? description? reference?",
	"belongs-to": "prefix!",
	"revision":   "description? reference?",
	"extension":  "argument? " + documented,
	"argument":   "yin-element?",
	"feature":    "if-feature* " + documented,
	"identity":   "base* if-feature* " + documented,
	"typedef":    "type! default? units? " + documented,

	"type":    "base* bit* enum* fraction-digits? length? path? pattern* range? require-instance? type*",
	"bit":     "position? if-feature* " + documented,
	"enum":    "value? if-feature* " + documented,
	"range":   "error-app-tag? error-message? description? reference?",
	"length":  "error-app-tag? error-message? description? reference?",
	"pattern": "modifier? error-app-tag? error-message? description? reference?",
	"must":    "error-app-tag? error-message? description? reference?",
	"when":    "description? reference?",

	"container": "when? if-feature* must* presence? config? action* grouping* notification* typedef* " + documented + " " + dataDefs,
	"list":      "when? if-feature* must* key? unique* config? min-elements? max-elements? ordered-by? action* grouping* notification* typedef* " + documented + " " + dataDefs,
	"leaf":      "when? if-feature* must* type! units? default? config? mandatory? " + documented,
	"leaf-list": "when? if-feature* must* type! units? default* config? min-elements? max-elements? ordered-by? " + documented,
	"anydata":   "when? if-feature* must* config? mandatory? " + documented,
	"anyxml":    "when? if-feature* must* config? mandatory? " + documented,
	"choice":    "when? if-feature* default? config? mandatory? case* anydata* anyxml* choice* container* leaf* leaf-list* list* " + documented,
	"case":      "when? if-feature* " + documented + " " + dataDefs,
	"grouping":  "action* grouping* notification* typedef* " + documented + " " + dataDefs,
	"uses":      "when? if-feature* refine* augment* " + documented,
	"refine":    "if-feature* must* presence? default* config? mandatory? min-elements? max-elements? description? reference?",
	"augment":   "when? if-feature* case* action* notification* " + documented + " " + dataDefs,

	"rpc":          "if-feature* grouping* typedef* input? output? " + documented,
	"action":       "if-feature* grouping* typedef* input? output? " + documented,
	"input":        "must* grouping* typedef* " + dataDefs,
	"output":       "must* grouping* typedef* " + dataDefs,
	"notification": "if-feature* must* grouping* typedef* " + documented + " " + dataDefs,

	"deviation": "deviate+ description? reference?",
	"deviate":   "config? default* mandatory? min-elements? max-elements? must* type? unique* units?",

	"yang-version": "", "namespace": "", "prefix": "", "organization": "", "contact": "",
	"description": "", "reference": "", "revision-date": "", "yin-element": "", "status": "",
	"if-feature": "", "base": "", "default": "", "units": "", "fraction-digits": "", "path": "",
	"require-instance": "", "position": "", "value": "", "modifier": "", "error-app-tag": "",
	"error-message": "", "presence": "", "config": "", "key": "", "unique": "", "min-elements": "",
	"max-elements": "", "ordered-by": "", "mandatory": "",
})

// rule is what a statement may hold: how often each keyword.
type rule map[string]byte

func parseGrammar(text map[string]string) map[string]rule {
	g := make(map[string]rule, len(text))
	for keyword, subs := range text {
		r := rule{}
		for _, sub := range strings.Fields(subs) {
			r[sub[:len(sub)-1]] = sub[len(sub)-1]
		}
		g[keyword] = r
	}
	return g
}

// checkGrammar reports all that breaks the grammar in s and below.
func (c *compiler) checkGrammar(s *yang.Statement) bool {
	r := grammar[s.Keyword]
	ok := true
	if needs := s.Keyword != "input" && s.Keyword != "output"; needs != s.HasArgument {
		if needs {
			c.errorf(s, "%s needs an argument", s.Keyword)
		} else {
			c.errorf(s, "%s has no argument", s.Keyword)
		}
		ok = false
	}
	count := map[string]int{}
	for _, sub := range s.SubStatements() {
		if isExtension(sub) {
			continue
		}
		often, allowed := r[sub.Keyword]
		if !allowed {
			if grammar[sub.Keyword] == nil {
				c.errorf(sub, "unknown statement %q; a statement of an extension has the prefix of its module", sub.Keyword)
			} else {
				c.errorf(sub, "%s cannot stand in %s", sub.Keyword, s.Keyword)
			}
			ok = false
			continue
		}
		count[sub.Keyword]++
		if count[sub.Keyword] == 2 && (often == '?' || often == '!') {
			c.errorf(sub, "second %s in %s %s; there can be one", sub.Keyword, s.Keyword, s.Argument)
			ok = false
		}
		ok = c.checkGrammar(sub) && ok
	}
	for _, keyword := range sortedKeys(r) {
		if often := r[keyword]; count[keyword] == 0 && (often == '!' || often == '+') {
			c.errorf(s, "%s %s has no %s", s.Keyword, s.Argument, keyword)
			ok = false
		}
	}
	return ok && c.checkArgument(s)
}

// words are the arguments of those statements that have a fixed set of them.
var words = map[string][]string{
	"config": {"true", "false"}, "mandatory": {"true", "false"}, "require-instance": {"true", "false"},
	"yin-element": {"true", "false"}, "status": {"current", "deprecated", "obsolete"},
	"ordered-by": {"user", "system"}, "modifier": {"invert-match"},
	"deviate": {"not-supported", "add", "replace", "delete"},
}

// named are the statements whose argument is an identifier (RFC 7950 §6.2).
var named = rule{
	"module": 1, "submodule": 1, "import": 1, "include": 1, "belongs-to": 1, "prefix": 1, "extension": 1,
	"feature": 1, "identity": 1, "typedef": 1, "grouping": 1, "container": 1, "list": 1, "leaf": 1,
	"leaf-list": 1, "anydata": 1, "anyxml": 1, "choice": 1, "case": 1, "rpc": 1, "action": 1,
	"notification": 1, "bit": 1,
}

func (c *compiler) checkArgument(s *yang.Statement) bool {
	if allowed, fixed := words[s.Keyword]; fixed {
		for _, w := range allowed {
			if s.Argument == w {
				return true
			}
		}
		c.errorf(s, "%s %q; there are %s", s.Keyword, s.Argument, strings.Join(allowed, ", "))
		return false
	}
	if named[s.Keyword] != 0 && !isIdentifier(s.Argument) {
		c.errorf(s, "%s %q is no identifier: letters, digits, _, - and ., the first a letter or _", s.Keyword, s.Argument)
		return false
	}
	if s.Keyword == "revision" && !revisionForm.MatchString(s.Argument) {
		c.errorf(s, "revision %q; a date is written YYYY-MM-DD", s.Argument)
		return false
	}
	return true
}

func isIdentifier(s string) bool {
	for i := range len(s) {
		c := s[i]
		letter := c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
		if !letter && (i == 0 || c != '-' && c != '.' && (c < '0' || c > '9')) {
			return false
		}
	}
	return s != ""
}
