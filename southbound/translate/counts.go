package translate

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/outrigger-cnf/outrigger/agent"
	"github.com/outrigger-cnf/outrigger/agent/path"
	"github.com/outrigger-cnf/outrigger/agent/schema"
	"github.com/outrigger-cnf/outrigger/agent/tree"
	"github.com/outrigger-cnf/outrigger/southbound/object"
)

// Counts makes containers that show the counters of links. It may be used from several
// goroutines.
type Counts struct {
	made  *tree.Counts
	leafs []count
}

// count is one of the leafs.
type count struct {
	of  object.CounterSet
	max uint64 // of its type
}

// NewCounts makes Counts of the container at a schema path; shows says which leaf of it
// shows which counter.
func NewCounts(s *schema.Schema, at path.Path, shows map[string]object.CounterSet) (*Counts, error) {
	def, err := s.Find(at)
	if err != nil {
		return nil, err
	}
	var leafs []*schema.Node
	for name := range shows {
		leaf := def.Child("", name)
		if leaf == nil {
			return nil, fmt.Errorf("%s has no leaf %s", at, name)
		}
		leafs = append(leafs, leaf)
	}
	slices.SortFunc(leafs, func(a, b *schema.Node) int { return cmp.Compare(a.Index, b.Index) })
	c := &Counts{}
	if c.made, err = tree.NewCounts(def, leafs); err != nil {
		return nil, fmt.Errorf("%s: %w", at, err)
	}
	for _, leaf := range leafs {
		max := ^uint64(0)
		if leaf.Type.Resolved().Kind == schema.Uint32 {
			max = 1<<32 - 1
		}
		c.leafs = append(c.leafs, count{shows[leaf.Name], max})
	}
	return c, nil
}

// Node is the container of the counters of a link, as far as the dataplane keeps them;
// nil where they were not read: a zero would be a count. A counter of 32 bits wraps (RFC
// 6991, counter32).
func (c *Counts) Node(l *object.LinkCounters) *tree.Node {
	if l.Time.IsZero() {
		return nil
	}
	var room [16]uint64
	values, have := room[:0], uint64(0)
	for i, leaf := range c.leafs {
		n, kept := l.Count(leaf.of)
		if kept {
			have |= 1 << i
		}
		values = append(values, n&leaf.max)
	}
	return c.made.Node(values, have)
}

// Parts collects what a part is of each of many entries of a list with one key.
type Parts struct {
	change agent.StateChange
	keys   []string // room for those of the entries
}

// NewParts begins with none of about n entries of the list; within leads from one to the
// part.
func NewParts(list, within path.Path, n int) *Parts {
	return &Parts{
		agent.StateChange{Path: list, Within: within, Entries: make([]tree.EntryEdit, 0, n)},
		make([]string, 0, n),
	}
}

// Add says what the part of an entry is; nil: nothing. Of an entry that has no state, be it
// that the schema does not take the key, nothing will be shown.
func (p *Parts) Add(key string, n *tree.Node) {
	if n == nil {
		return
	}
	p.keys = append(p.keys, key)
	last := len(p.keys) - 1
	p.change.Entries = append(p.change.Entries, tree.EntryEdit{Keys: p.keys[last : last+1 : last+1], Node: n})
}

// Changes is one change of all that was added; none of nothing.
func (p *Parts) Changes() []agent.StateChange {
	if len(p.change.Entries) == 0 {
		return nil
	}
	return []agent.StateChange{p.change}
}
