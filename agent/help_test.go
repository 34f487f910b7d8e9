package agent_test

import (
	"context"
	"fmt"
	"sort"
	"strings"
	"testing"

	"github.com/outrigger-cnf/outrigger/agent"
	"github.com/outrigger-cnf/outrigger/agent/path"
	"github.com/outrigger-cnf/outrigger/agent/schema"
	"github.com/outrigger-cnf/outrigger/agent/tree"
	"github.com/outrigger-cnf/outrigger/yang/compile/compiletest"
)

const module = `
module t {
  yang-version 1.1; namespace urn:t; prefix t;
  container system {
    leaf hostname { type string; }
    leaf mtu { type uint16; default 1500; }
    leaf-list search { type string; ordered-by user; }
    leaf-list tag { type string; }
    container debug { presence "on"; leaf level { type uint8; } }
    choice mode { leaf auto { type empty; } leaf manual { type string; } }
    container state { config false; leaf uptime { type uint32; } }
  }
  container interfaces {
    list interface {
      key name;
      leaf name { type string; }
      leaf description { type string; }
      leaf mtu { type uint16; }
      leaf enabled { type boolean; default true; }
      leaf weight { type uint8; }
      container state { config false; leaf oper { type string; } leaf octets { type uint64; } }
    }
  }
  list rule { key id; ordered-by user; leaf id { type uint16; } leaf action { type string; } }
}`

// fixture is a schema with short ways to speak of its nodes.
type fixture struct {
	testing.TB
	s *schema.Schema
}

func newFixture(t testing.TB) fixture { return fixture{t, compiletest.Schema(t, module)} }

func (f fixture) path(text string) path.Path {
	f.Helper()
	p, _, err := f.s.Resolve(text)
	if err != nil {
		f.Fatalf("%s: %v", text, err)
	}
	return p
}

func (f fixture) value(p path.Path, text string) schema.Value {
	f.Helper()
	def, err := f.s.Find(p)
	if err != nil {
		f.Fatal(err)
	}
	v, err := def.Parse(text, f.s.ModuleNames())
	if err != nil {
		f.Fatalf("%s = %q: %v", p, text, err)
	}
	return v
}

// node makes the data at the path of "/path=value" or "/path" from such lines.
func (f fixture) node(at string, lines ...string) *tree.Node {
	f.Helper()
	return f.tree(lines...).Node(f.path(at))
}

// tree makes a tree of lines "/path=value", "/path" for what just exists.
func (f fixture) tree(lines ...string) tree.Tree {
	f.Helper()
	x := tree.New(f.s).Txn()
	for _, l := range lines {
		text, value, leaf := cut(l)
		p := f.path(text)
		var err error
		if leaf {
			err = x.Set(p, f.value(p, value))
		} else {
			err = x.Ensure(p)
		}
		if err != nil {
			f.Fatalf("%s: %v", l, err)
		}
	}
	return x.Tree()
}

// cut splits at the first = outside of a predicate.
func cut(l string) (string, string, bool) {
	depth := 0
	for i, c := range l {
		switch {
		case c == '[':
			depth++
		case c == ']':
			depth--
		case c == '=' && depth == 0:
			return l[:i], l[i+1:], true
		}
	}
	return l, "", false
}

// edit reads "op /path", "op /path=value", and either with " first",
// " before=point" or " after=point" behind.
func (f fixture) edit(text string) agent.Edit {
	f.Helper()
	fields := strings.Fields(text)
	ops := map[string]agent.Op{"merge": agent.Merge, "replace": agent.Replace, "create": agent.Create,
		"delete": agent.Delete, "remove": agent.Remove, "none": agent.None}
	op, ok := ops[fields[0]]
	if !ok {
		f.Fatalf("no operation %q", fields[0])
	}
	at, _, leaf := cut(fields[1])
	e := agent.Edit{Op: op, Path: f.path(at)}
	if leaf {
		e.Node = f.node(at, fields[1])
	}
	if len(fields) > 2 {
		where, point, _ := strings.Cut(fields[2], "=")
		e.Insert = &tree.Position{Where: map[string]tree.Where{
			"first": tree.First, "last": tree.Last, "before": tree.Before, "after": tree.After}[where]}
		if point != "" {
			e.Insert.Point = []string{point}
		}
	}
	return e
}

func (f fixture) edits(texts ...string) []agent.Edit {
	f.Helper()
	var out []agent.Edit
	for _, t := range texts {
		out = append(out, f.edit(t))
	}
	return out
}

// set commits edits and fails the test if they are refused.
func (f fixture) set(a *agent.Agent, s *agent.Session, target agent.Datastore, edits ...string) *agent.Snapshot {
	f.Helper()
	snap, err := f.try(a, s, target, edits...)
	if err != nil {
		f.Fatalf("%v: %v", edits, err)
	}
	return snap
}

func (f fixture) try(a *agent.Agent, s *agent.Session, target agent.Datastore, edits ...string) (*agent.Snapshot, error) {
	f.Helper()
	return a.Commit(context.Background(), agent.Request{Session: s, Target: target, Edits: f.edits(edits...)})
}

func (f fixture) open(a *agent.Agent, user string) *agent.Session {
	f.Helper()
	s, err := a.Open(agent.SessionOptions{User: user, Protocol: "test"})
	if err != nil {
		f.Fatal(err)
	}
	return s
}

// dump lists the leafs of a tree, and entries and presence containers without any.
func dump(t tree.Tree) string {
	var lines []string
	for p, n := range t.Under(nil) {
		switch n.Schema().Kind {
		case schema.LeafList:
			var texts []string
			for _, v := range n.Values() {
				texts = append(texts, v.Text)
			}
			lines = append(lines, fmt.Sprintf("%s=%s", p, strings.Join(texts, ",")))
		default:
			lines = append(lines, fmt.Sprintf("%s=%s", p, n.Value().Text))
		}
	}
	return strings.Join(lines, "\n")
}

// want holds a tree against lines as dump has them.
func (f fixture) want(what string, t tree.Tree, lines ...string) {
	f.Helper()
	if got := dump(t); got != strings.Join(lines, "\n") {
		f.Errorf("%s is\n%s\nwant\n%s", what, got, strings.Join(lines, "\n"))
	}
}

func sorted(lines []string) []string {
	sort.Strings(lines)
	return lines
}
