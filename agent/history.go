package agent

import (
	"fmt"
	"iter"
	"strings"

	"github.com/outrigger-cnf/outrigger/agent/path"
	"github.com/outrigger-cnf/outrigger/agent/schema"
	"github.com/outrigger-cnf/outrigger/agent/tree"
)

// The diff of a history entry is for people: this much of it is kept.
const (
	maxDiffLines = 100
	maxDiffText  = 200 // bytes of one line
)

// describe renders the difference of two trees, a line each: "+" for what is
// new, "-" for what is gone, "~" for what has changed, with the path and the
// value. It returns how many places differ.
func describe(old, new tree.Tree) (changes int, lines []string) {
	d := diffText{}
	for c := range tree.Diff(old, new, nil) {
		changes++
		switch {
		case d.full():
			d.left++
		case c.Old == nil:
			d.subtree("+", c.Path, c.New)
		case c.New == nil:
			d.subtree("-", c.Path, c.Old)
		case c.Meta:
			d.line("~ %s has the metadata %s (was %s)", c.Path, metaText(c.New), metaText(c.Old))
		case c.New.Schema().Kind == schema.List:
			d.line("~ %s is in another order", c.Path)
		default:
			d.line("~ %s = %s (was %s)", c.Path, valueText(c.New), valueText(c.Old))
		}
	}
	if d.left > 0 {
		d.lines = append(d.lines, fmt.Sprintf("… and %d more", d.left))
	}
	return changes, d.lines
}

type diffText struct {
	lines []string
	left  int // lines that there was no room for
}

func (d *diffText) full() bool { return len(d.lines) >= maxDiffLines }

func (d *diffText) line(format string, args ...any) {
	if d.full() {
		d.left++
		return
	}
	s := fmt.Sprintf(format, args...)
	if len(s) > maxDiffText {
		s = strings.ToValidUTF8(s[:maxDiffText], "") + "…"
	}
	d.lines = append(d.lines, s)
}

// subtree gives each leaf below n a line.
func (d *diffText) subtree(sign string, p path.Path, n *tree.Node) {
	switch n.Schema().Kind {
	case schema.Container:
		d.inside(sign, p, n.Children())
		if n.Len() == 0 {
			d.line("%s %s", sign, p)
		}
	case schema.List:
		if !n.IsEntry() {
			d.inside(sign, p.Parent(), n.Entries())
			return
		}
		d.line("%s %s", sign, p)
		d.inside(sign, p, n.Children())
	default:
		d.line("%s %s = %s", sign, p, valueText(n))
	}
}

// inside is subtree for what is in a node at p. What exceeds the room is counted by
// entries and containers, not by leaves, so that it costs little.
func (d *diffText) inside(sign string, p path.Path, nodes iter.Seq[*tree.Node]) {
	for n := range nodes {
		switch {
		case n.Schema().IsKey(): // the entry's path has it
		case d.full():
			d.left++
		default:
			d.subtree(sign, p.Child(n.Elem()), n)
		}
	}
}

func metaText(n *tree.Node) string {
	if m := n.Meta(); m != nil {
		return string(m)
	}
	return "none"
}

func valueText(n *tree.Node) string {
	switch n.Schema().Kind {
	case schema.Leaf:
		return n.Value().Text
	case schema.LeafList:
		texts := make([]string, 0, n.Len())
		for _, v := range n.Values() {
			texts = append(texts, v.Text)
		}
		return fmt.Sprintf("%q", texts)
	default:
		return string(n.Opaque())
	}
}
