package xpath

import (
	"math"

	"github.com/outrigger-cnf/outrigger/agent/schema"
)

// compare is =, !=, <, <=, > and >= (XPath 1.0 §3.4).
func compare(e *evaluation, op token, a, b Value) bool {
	switch {
	case a.Kind == NodeSet && b.Kind == NodeSet:
		return compareSets(e, op, a, b)
	case a.Kind == NodeSet:
		return compareSet(e, op, a, b)
	case b.Kind == NodeSet:
		return compareSet(e, op.mirrored(), b, a)
	case op != tokEqual && op != tokNotEqual:
		return compareNumbers(op, a.Number(), b.Number())
	case a.Kind == Boolean || b.Kind == Boolean:
		return (a.Bool() == b.Bool()) == (op == tokEqual)
	case a.Kind == Number || b.Kind == Number:
		return compareNumbers(op, a.Number(), b.Number())
	}
	return (a.str == b.str) == (op == tokEqual)
}

// compareSet compares a node-set with a value of another kind: it holds where it
// holds for any node.
func compareSet(e *evaluation, op token, set, v Value) bool {
	if v.Kind == Boolean {
		return compare(e, op, boolean(set.Bool()), v)
	}
	equality := op == tokEqual || op == tokNotEqual
	num := 0.0
	if !equality || v.Kind == Number {
		num = v.Number()
	}
	for _, n := range set.Nodes {
		if !e.spend(1) {
			return false
		}
		switch {
		case !equality || v.Kind == Number:
			if compareNumbers(op, toNumber(n.stringValue(e)), num) {
				return true
			}
		case n.equals(e, v.str) == (op == tokEqual):
			return true
		}
	}
	return false
}

// equals compares a node with a string. An identity is the same under any prefix
// that stands for its module.
func (n *Node) equals(e *evaluation, s string) bool {
	v, ok := n.Value()
	if !ok {
		return n.stringValue(e) == s
	}
	if v.Text == s && (v.Type == nil || v.Type.Kind != schema.Identityref) {
		return true
	}
	if v.Type == nil || v.Type.Kind != schema.Identityref {
		return false
	}
	if e.valueString(v) == s {
		return true
	}
	c, ok := e.x.names.qualified(s)
	return ok && c == v.Text
}

// qualified is canonical for an identity that has a prefix.
func (n *names) qualified(s string) (string, bool) {
	for i := range len(s) {
		if s[i] == ':' {
			return n.canonical(s)
		}
	}
	return "", false
}

func compareSets(e *evaluation, op token, a, b Value) bool {
	if !e.spend(len(a.Nodes) + len(b.Nodes)) {
		return false
	}
	switch op {
	case tokEqual, tokNotEqual:
		// Different for some pair: unless all are equal to all.
		if len(a.Nodes) > len(b.Nodes) {
			a, b = b, a
		}
		in := make(map[string]struct{}, len(a.Nodes))
		for _, n := range a.Nodes {
			in[n.stringValue(e)] = struct{}{}
		}
		for _, n := range b.Nodes {
			_, same := in[n.stringValue(e)]
			if op == tokEqual && same || op == tokNotEqual && len(in) > 0 && (!same || len(in) > 1) {
				return true
			}
		}
		return false
	}
	// It is enough to compare the extremes.
	lowA, highA := extremes(e, a.Nodes)
	lowB, highB := extremes(e, b.Nodes)
	if op == tokLess || op == tokLessEqual {
		return compareNumbers(op, lowA, highB)
	}
	return compareNumbers(op, highA, lowB)
}

// extremes returns the least and the greatest number, NaN where there is none.
func extremes(e *evaluation, ns []*Node) (low, high float64) {
	low, high = math.NaN(), math.NaN()
	for _, n := range ns {
		f := toNumber(n.stringValue(e))
		if math.IsNaN(f) {
			continue
		}
		if math.IsNaN(low) || f < low {
			low = f
		}
		if math.IsNaN(high) || f > high {
			high = f
		}
	}
	return low, high
}

func compareNumbers(op token, a, b float64) bool {
	switch op {
	case tokEqual:
		return a == b
	case tokNotEqual:
		return a != b
	case tokLess:
		return a < b
	case tokLessEqual:
		return a <= b
	case tokGreater:
		return a > b
	case tokGreaterEqual:
		return a >= b
	}
	return false
}
