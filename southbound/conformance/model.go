package conformance

import (
	"fmt"
	"sync"
	"testing"

	"github.com/outrigger-cnf/outrigger/agent"
	"github.com/outrigger-cnf/outrigger/agent/path"
	"github.com/outrigger-cnf/outrigger/agent/schema"
	"github.com/outrigger-cnf/outrigger/agent/tree"
	"github.com/outrigger-cnf/outrigger/southbound"
	"github.com/outrigger-cnf/outrigger/southbound/object"
	"github.com/outrigger-cnf/outrigger/yang/compile/compiletest"
)

// model is a Model whose configuration is a list of references to claims.
type model struct {
	schema *schema.Schema
	list   *schema.Node
	mu     sync.Mutex
	held   []object.Claim // by reference
	refs   map[string]int // what a claim says → its reference
}

func newModel(t testing.TB) *model {
	s := compiletest.Schema(t, `module conf {
  yang-version 1.1; namespace "urn:conf"; prefix c;
  list object { key "name"; leaf name { type string; } leaf claim { type uint32; } }
  list state { config false; key "name"; leaf name { type string; } leaf text { type string; } }
}`)
	return &model{schema: s, list: s.Root.Child("conf", "object"), refs: make(map[string]int)}
}

// tree is the configuration that consists of claims.
func (m *model) tree(claims []object.Claim) tree.Tree {
	m.mu.Lock()
	defer m.mu.Unlock()
	x := tree.New(m.schema).Txn()
	leaf := m.list.Child("", "claim")
	for _, c := range claims {
		said := c.ID().String() + " " + describe(c)
		i, known := m.refs[said]
		if !known {
			i = len(m.held)
			m.held = append(m.held, c)
			m.refs[said] = i
		}
		v, err := leaf.Parse(fmt.Sprint(i), m.schema.ModuleNames())
		if err != nil {
			panic(err)
		}
		if err := x.Set(m.at(c).Child(leaf.Elem()), v); err != nil {
			panic(err)
		}
	}
	return x.Tree()
}

// at is where the configuration speaks of a claim's object.
func (m *model) at(c object.Claim) path.Path {
	return path.Path{m.list.Elem(c.ID().String())}
}

func (m *model) claims(t tree.Tree) []object.Claim {
	var all []object.Claim
	for _, n := range t.Under(nil) {
		if n.Schema().Name == "claim" {
			all = append(all, m.held[n.Value().Int()])
		}
	}
	return all
}

func (m *model) Leaves() []path.Path { return []path.Path{m.list.SchemaPath()} }

func (m *model) Units() []southbound.Unit {
	return []southbound.Unit{{Path: m.list.SchemaPath(), Objects: m.objects}}
}

// objects gives the claim that an entry refers to, each attribute at a path of
// its own below the entry.
func (m *model) objects(_ tree.Tree, at path.Path, n *tree.Node) ([]object.Claim, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	ref := n.Child(m.list.Child("", "claim"))
	if ref == nil {
		return nil, nil
	}
	held := m.held[ref.Value().Int()]
	c := object.Claim{Object: held.Object, At: at}
	for _, f := range held.From {
		c.Add(f.Attr, at.Child(path.Elem{Module: "conf", Name: string(f.Attr)}))
	}
	return []object.Claim{c}, nil
}

// State renders every object as one line of text.
func (m *model) State(_ southbound.World, changes ...southbound.Transition) []agent.StateChange {
	out := make([]agent.StateChange, len(changes))
	for i, c := range changes {
		out[i] = m.line(c.Old, c.New)
	}
	return out
}

func (m *model) line(old, now object.State) agent.StateChange {
	s := now
	if s == nil {
		s = old
	}
	list := m.schema.Root.Child("conf", "state")
	name := s.ID().String()
	if _, ok := s.(*object.Status); ok {
		name = "status of " + name
	}
	at := path.Path{list.Elem(name)}
	if now == nil {
		return agent.StateChange{Path: at}
	}
	text := list.Child("", "text")
	v, err := text.Parse(fmt.Sprintf("%+v", now), m.schema.ModuleNames())
	if err != nil {
		panic(err)
	}
	return agent.StateChange{Path: at, Node: tree.New(m.schema).Set(at.Child(text.Elem()), v).Node(at)}
}
