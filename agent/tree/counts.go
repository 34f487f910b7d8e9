package tree

import (
	"math/bits"
	"strconv"

	"github.com/outrigger-cnf/outrigger/agent/fault"
	"github.com/outrigger-cnf/outrigger/agent/schema"
)

// Counts makes containers of unsigned numbers: of what counts, there is much, and it is
// different each time. It may be used from several goroutines.
type Counts struct {
	def   *schema.Node
	leafs []*schema.Node // by their Index
	types []*schema.Type // of leafs, resolved
	zeros []*Node        // of leafs: what has never counted is the same in all containers
	owner *token         // of all that it makes: no Txn's
}

// mostCounts is how many leafs there can be.
const mostCounts = 64

// NewCounts makes Counts of containers of def, a container outside of choices, that hold
// some of leafs: children of it, in the order of the schema, of unsigned integer types.
func NewCounts(def *schema.Node, leafs []*schema.Node) (*Counts, error) {
	if def.Kind != schema.Container || len(leafs) > mostCounts {
		return nil, fault.New(fault.OperationFailed, nil, "%q is not a container of up to %d numbers", def.Name, mostCounts)
	}
	c := &Counts{def: def, leafs: leafs, types: make([]*schema.Type, len(leafs)), owner: new(token)}
	for i, l := range leafs {
		if l.Kind != schema.Leaf || l.DataParent != def || inChoice(l) || i > 0 && l.Index <= leafs[i-1].Index {
			return nil, fault.New(fault.OperationFailed, nil, "%q is not a leaf of %q that comes after the one before it", l.Name, def.Name)
		}
		if c.types[i] = l.Type.Resolved(); !c.types[i].Unsigned() {
			return nil, fault.New(fault.OperationFailed, nil, "%q is of no unsigned integer type", l.Name)
		}
		c.zeros = append(c.zeros, newLeaf(l, schema.Value{Type: c.types[i], Text: "0"}))
	}
	return c, nil
}

// Node makes one: bit i of have says that the i-th leaf is there, and values what it is.
// A value that its type does not have is left out. It returns nil where nothing is left.
func (c *Counts) Node(values []uint64, have uint64) *Node {
	have &= 1<<len(c.leafs) - 1
	counted := have // without those that are 0
	for i, t := range c.types {
		if have&(1<<i) != 0 && !t.HasUint(values[i]) {
			have &^= 1 << i
		}
		if values[i] == 0 {
			counted &^= 1 << i
		}
	}
	counted &= have
	n := newInner(c.def, c.owner, bits.OnesCount64(have))
	if have == 0 {
		if n.says() {
			return n
		}
		return nil
	}
	// All other leafs are one allocation, and all of their texts another.
	var room [16 * len("18446744073709551615")]byte
	digits := room[:0]
	var ends [mostCounts]uint16
	for i := range c.leafs {
		if counted&(1<<i) != 0 {
			digits = strconv.AppendUint(digits, values[i], 10)
		}
		ends[i] = uint16(len(digits))
	}
	text, begin := string(digits), uint16(0)
	made := make([]struct {
		Node
		value schema.Value
	}, bits.OnesCount64(counted))
	kids := n.body.kids
	for i, def := range c.leafs {
		switch bit := uint64(1) << i; {
		case counted&bit != 0:
			m := &made[0]
			m.value = schema.Value{Type: c.types[i], Text: text[begin:ends[i]]}
			m.def, m.leaf = def, &m.value
			kids, made, begin = append(kids, &m.Node), made[1:], ends[i]
		case have&bit != 0:
			kids = append(kids, c.zeros[i])
		}
	}
	n.body.kids = kids
	return n
}
