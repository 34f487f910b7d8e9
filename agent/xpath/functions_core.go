package xpath

import (
	"math"
	"strings"
	"unicode/utf8"
)

// coreFunction returns a function of XPath 1.0 §4, or nil.
func coreFunction(name string) *function {
	f := &function{name: name}
	switch name {
	case "last":
		f.returns, f.context = Number, true
		f.call = func(c *context, _ *callExpr) Value { return number(float64(c.size)) }
	case "position":
		f.returns, f.context = Number, true
		f.call = func(c *context, _ *callExpr) Value { return number(float64(c.position)) }
	case "count":
		f.min, f.max, f.sets, f.returns, f.existence = 1, 1, true, Number, true
		f.call = func(c *context, x *callExpr) Value { return number(float64(len(x.args[0].eval(c).Nodes))) }
	case "id": // there are no attributes of type ID
		f.min, f.max, f.returns = 1, 1, NodeSet
		f.call = func(c *context, _ *callExpr) Value { return Value{e: c.evaluation} }
	case "local-name", "name", "namespace-uri":
		f.max, f.sets, f.returns, f.existence = 1, true, String, true
		f.call = callName
	case "string":
		f.max, f.returns = 1, String
		f.call = func(c *context, x *callExpr) Value { return str(x.str(c, 0)) }
	case "concat":
		f.min, f.max, f.returns = 2, -1, String
		f.call = callConcat
	case "starts-with":
		f.min, f.max, f.returns = 2, 2, Boolean
		f.call = func(c *context, x *callExpr) Value { return boolean(strings.HasPrefix(x.str(c, 0), x.str(c, 1))) }
	case "contains":
		f.min, f.max, f.returns = 2, 2, Boolean
		f.call = func(c *context, x *callExpr) Value { return boolean(strings.Contains(x.str(c, 0), x.str(c, 1))) }
	case "substring-before":
		f.min, f.max, f.returns = 2, 2, String
		f.call = func(c *context, x *callExpr) Value {
			before, _, found := strings.Cut(x.str(c, 0), x.str(c, 1))
			if !found {
				before = ""
			}
			return str(before)
		}
	case "substring-after":
		f.min, f.max, f.returns = 2, 2, String
		f.call = func(c *context, x *callExpr) Value {
			_, after, _ := strings.Cut(x.str(c, 0), x.str(c, 1))
			return str(after)
		}
	case "substring":
		f.min, f.max, f.returns = 2, 3, String
		f.call = callSubstring
	case "string-length":
		f.max, f.returns = 1, Number
		f.call = func(c *context, x *callExpr) Value { return number(float64(utf8.RuneCountInString(x.str(c, 0)))) }
	case "normalize-space":
		f.max, f.returns = 1, String
		f.call = func(c *context, x *callExpr) Value {
			return str(strings.Join(strings.FieldsFunc(x.str(c, 0), isSpace), " "))
		}
	case "translate":
		f.min, f.max, f.returns = 3, 3, String
		f.call = callTranslate
	case "boolean":
		f.min, f.max, f.returns, f.existence = 1, 1, Boolean, true
		f.call = func(c *context, x *callExpr) Value { return boolean(x.args[0].eval(c).Bool()) }
	case "not":
		f.min, f.max, f.returns, f.existence = 1, 1, Boolean, true
		f.call = func(c *context, x *callExpr) Value { return boolean(!x.args[0].eval(c).Bool()) }
	case "true":
		f.returns = Boolean
		f.call = func(*context, *callExpr) Value { return boolean(true) }
	case "false":
		f.returns = Boolean
		f.call = func(*context, *callExpr) Value { return boolean(false) }
	case "lang": // there is no xml:lang
		f.min, f.max, f.returns = 1, 1, Boolean
		f.call = func(*context, *callExpr) Value { return boolean(false) }
	case "number":
		f.max, f.returns = 1, Number
		f.call = func(c *context, x *callExpr) Value {
			if len(x.args) == 0 {
				return number(toNumber(c.node.stringValue(c.evaluation)))
			}
			return number(x.args[0].eval(c).Number())
		}
	case "sum":
		f.min, f.max, f.sets, f.returns = 1, 1, true, Number
		f.call = func(c *context, x *callExpr) Value {
			total := 0.0
			for _, n := range x.args[0].eval(c).Nodes {
				total += toNumber(n.stringValue(c.evaluation))
			}
			return number(total)
		}
	case "floor", "ceiling", "round":
		f.min, f.max, f.returns = 1, 1, Number
		round := map[string]func(float64) float64{"floor": math.Floor, "ceiling": math.Ceil, "round": roundUp}[name]
		f.call = func(c *context, x *callExpr) Value { return number(round(x.args[0].eval(c).Number())) }
	default:
		return nil
	}
	return f
}

func isSpace(r rune) bool { return r == ' ' || r == '\t' || r == '\n' || r == '\r' }

// roundUp rounds to the closest integer, of two the greater (§4.4).
func roundUp(f float64) float64 {
	if r := math.Floor(f); f-r < 0.5 {
		return r
	}
	return math.Ceil(f)
}

func callName(c *context, x *callExpr) Value {
	n := x.node(c)
	if n == nil || n.text || n.def.Name == "" || n.def.Module == nil {
		return str("")
	}
	switch x.f.name {
	case "local-name":
		return str(n.def.Name)
	case "namespace-uri":
		return str(n.def.Module.Namespace)
	}
	return str(c.x.names.prefix(n.def.Module.Name) + ":" + n.def.Name)
}

func callConcat(c *context, x *callExpr) Value {
	var b strings.Builder
	for i := range x.args {
		b.WriteString(x.str(c, i))
	}
	c.spend(b.Len() / 64)
	return str(b.String())
}

// callSubstring counts characters from 1 and rounds (§4.2).
func callSubstring(c *context, x *callExpr) Value {
	s := x.str(c, 0)
	from := roundUp(x.args[1].eval(c).Number())
	to := math.Inf(1)
	if len(x.args) == 3 {
		to = from + roundUp(x.args[2].eval(c).Number())
	}
	start, end := -1, len(s)
	position := 0.0
	for i := range s {
		position++
		in := position >= from && position < to // false where either is NaN
		if in && start < 0 {
			start = i
		}
		if !in && start >= 0 {
			end = i
			break
		}
	}
	if start < 0 {
		return str("")
	}
	return str(s[start:end])
}

func callTranslate(c *context, x *callExpr) Value {
	s, from, to := x.str(c, 0), []rune(x.str(c, 1)), []rune(x.str(c, 2))
	table := make(map[rune]rune, len(from))
	for i, r := range from {
		if _, dup := table[r]; dup {
			continue
		}
		table[r] = -1
		if i < len(to) {
			table[r] = to[i]
		}
	}
	return str(strings.Map(func(r rune) rune {
		if t, ok := table[r]; ok {
			return t
		}
		return r
	}, s))
}
