package xpath

import (
	"math"
	"strconv"
	"strings"
)

// Kind is one of the four types of XPath 1.0 §1.
type Kind uint8

// The kinds of value.
const (
	NodeSet Kind = iota
	Boolean
	Number
	String
)

// Value is the result of an expression.
type Value struct {
	Kind Kind
	// Nodes is the node-set. It has no duplicates; it is in document order once
	// it has come out of Eval by way of Ordered.
	Nodes []*Node

	b       bool
	num     float64
	str     string
	mixed   bool // Nodes are not in document order
	literal bool // str stands in the expression as it is
	e       *evaluation
}

func boolean(b bool) Value   { return Value{Kind: Boolean, b: b} }
func number(f float64) Value { return Value{Kind: Number, num: f} }
func str(s string) Value     { return Value{Kind: String, str: s} }

// Ordered returns the nodes of a node-set in document order.
func (v Value) Ordered() []*Node {
	if v.mixed && v.e != nil {
		v.e.sort(v.Nodes)
	}
	return v.Nodes
}

// first returns the first node in document order, or nil.
func (v Value) first() *Node {
	ns := v.Ordered()
	if len(ns) == 0 {
		return nil
	}
	return ns[0]
}

// Bool is the function boolean (XPath 1.0 §4.3).
func (v Value) Bool() bool {
	switch v.Kind {
	case NodeSet:
		return len(v.Nodes) > 0
	case Number:
		return v.num != 0 && !math.IsNaN(v.num)
	case String:
		return v.str != ""
	}
	return v.b
}

// Number is the function number (§4.4).
func (v Value) Number() float64 {
	switch v.Kind {
	case Number:
		return v.num
	case Boolean:
		if v.b {
			return 1
		}
		return 0
	}
	return toNumber(v.String())
}

// String is the function string (§4.2).
func (v Value) String() string {
	switch v.Kind {
	case NodeSet:
		if n := v.first(); n != nil && v.e != nil {
			return n.stringValue(v.e)
		}
		return ""
	case Number:
		return formatNumber(v.num)
	case Boolean:
		return strconv.FormatBool(v.b)
	}
	return v.str
}

// toNumber reads a Number of §3.7 with an optional minus sign and white space
// around it; all else is NaN.
func toNumber(s string) float64 {
	s = strings.Trim(s, " \t\r\n")
	digits := strings.TrimPrefix(s, "-")
	if digits == "" || digits == "." {
		return math.NaN()
	}
	points := 0
	for i := range len(digits) {
		switch c := digits[i]; {
		case c == '.':
			points++
		case c < '0' || c > '9':
			return math.NaN()
		}
	}
	if points > 1 {
		return math.NaN()
	}
	f, _ := strconv.ParseFloat(s, 64) // infinite where it is out of range
	return f
}

// formatNumber is the function string of a number (§4.2): never an exponent.
func formatNumber(f float64) string {
	switch {
	case math.IsNaN(f):
		return "NaN"
	case math.IsInf(f, 1):
		return "Infinity"
	case math.IsInf(f, -1):
		return "-Infinity"
	case f == 0:
		return "0"
	}
	return strconv.FormatFloat(f, 'f', -1, 64)
}
