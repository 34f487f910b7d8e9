package agent_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/outrigger-cnf/outrigger/agent"
	"github.com/outrigger-cnf/outrigger/agent/agenttest"
	"github.com/outrigger-cnf/outrigger/agent/codec"
	"github.com/outrigger-cnf/outrigger/agent/codec/jsoncodec"
	"github.com/outrigger-cnf/outrigger/agent/path"
	"github.com/outrigger-cnf/outrigger/agent/tree"
	"github.com/outrigger-cnf/outrigger/yang/compile/compiletest"
)

const withDefaults = `
module t {
  yang-version 1.1; namespace urn:t; prefix t;
  container system {
    leaf mtu { type uint16; default 1500; }
    container state { config false; leaf up { type boolean; } leaf why { type string; default nothing; } }
  }
  list link {
    key name;
    leaf name { type string; }
    container config { leaf on { type boolean; default true; } leaf text { type string; } }
    container state { config false; leaf on { type boolean; default true; } leaf oper { type string; } }
    container ip {
      container config { leaf on { type boolean; default true; } }
      container state { config false; leaf on { type boolean; } }
      list address {
        key at;
        leaf at { type string; }
        leaf length { type uint8; default 32; }
        container state { config false; leaf origin { type string; } }
      }
      container auto { presence "on"; leaf limit { type uint8; default 9; } container state { config false; leaf seen { type uint8; } } }
    }
  }
}`

// all is a tree as report-all shows it.
func all(t tree.Tree) string {
	return string(jsoncodec.Append(nil, t.Root(), jsoncodec.Options{Qualify: jsoncodec.None, Defaults: codec.ReportAll}))
}

// A default of configuration is in use in the operational datastore where the entry
// that it belongs to is configured, whatever else is known of it, and nowhere else;
// one of state never is.
func TestDefaultsInUse(t *testing.T) {
	f := fixture{t, compiletest.Schema(t, withDefaults)}
	a := agenttest.New(t, f.s)
	publish := func(at string, lines ...string) {
		c := agent.StateChange{Path: f.path(at)}
		if len(lines) > 0 {
			c.Node = f.node(at, lines...)
		}
		a.Publish(agent.Update{Changes: []agent.StateChange{c}})
	}
	const top = `"system":{"mtu":1500}`
	for _, step := range []struct {
		does string
		do   func()
		want string
	}{
		{"nothing", func() {}, `{` + top + `}`},
		{"a link is seen", func() { publish("/t:link[name='lo']/state", "/t:link[name='lo']/state/oper=up") }, `{` + top + `,"link":[{"name":"lo","state":{"oper":"up"}}]}`},
		{"more of it is seen", func() {
			publish("/t:link[name='lo']/ip/state", "/t:link[name='lo']/ip/state/on=true")
			publish("/t:link[name='lo']/ip/address[at='x']/state", "/t:link[name='lo']/ip/address[at='x']/state/origin=o")
			publish("/t:link[name='lo']/ip/auto/state", "/t:link[name='lo']/ip/auto/state/seen=1")
		}, `{` + top + `,"link":[{"name":"lo","state":{"oper":"up"},"ip":{"state":{"on":true},"address":[{"at":"x","state":{"origin":"o"}}],"auto":{"state":{"seen":1}}}}]}`},
		{"it is configured", func() { f.set(a, nil, agent.Running, "create /t:link[name='lo']") },
			`{` + top + `,"link":[{"name":"lo","config":{"on":true},"state":{"oper":"up"},"ip":{"config":{"on":true},"state":{"on":true},"address":[{"at":"x","state":{"origin":"o"}}],"auto":{"state":{"seen":1}}}}]}`},
		{"the rest of it is configured", func() {
			f.set(a, nil, agent.Running, "create /t:link[name='lo']/ip/address[at='x']", "create /t:link[name='lo']/ip/auto", "merge /t:link[name='lo']/ip/config/on=false")
		},
			`{` + top + `,"link":[{"name":"lo","config":{"on":true},"state":{"oper":"up"},"ip":{"config":{"on":false},"state":{"on":true},"address":[{"at":"x","length":32,"state":{"origin":"o"}}],"auto":{"limit":9,"state":{"seen":1}}}}]}`},
		{"some of it is not any more", func() { f.set(a, nil, agent.Running, "delete /t:link[name='lo']/ip") },
			`{` + top + `,"link":[{"name":"lo","config":{"on":true},"state":{"oper":"up"},"ip":{"config":{"on":true},"state":{"on":true},"address":[{"at":"x","state":{"origin":"o"}}],"auto":{"state":{"seen":1}}}}]}`},
		{"none of it is", func() { f.set(a, nil, agent.Running, "delete /t:link[name='lo']") },
			`{` + top + `,"link":[{"name":"lo","state":{"oper":"up"},"ip":{"state":{"on":true},"address":[{"at":"x","state":{"origin":"o"}}],"auto":{"state":{"seen":1}}}}]}`},
		{"another one is configured", func() {
			f.set(a, nil, agent.Running, "merge /t:link[name='e']/config/text=x")
			publish("/t:link[name='e']/ip/state", "/t:link[name='e']/ip/state/on=true")
			publish("/t:link[name='lo']/ip")
		},
			`{` + top + `,"link":[{"name":"e","config":{"on":true,"text":"x"},"ip":{"config":{"on":true},"state":{"on":true}}},{"name":"lo","state":{"oper":"up"}}]}`},
		{"there is state at the top", func() { publish("/t:system/state", "/t:system/state/up=true") },
			`{"system":{"mtu":1500,"state":{"up":true}},"link":[{"name":"e","config":{"on":true,"text":"x"},"ip":{"config":{"on":true},"state":{"on":true}}},{"name":"lo","state":{"oper":"up"}}]}`},
	} {
		step.do()
		if got := all(a.Snapshot().Operational); got != step.want {
			t.Fatalf("after %s, operational is\n%s, want\n%s", step.does, got, step.want)
		}
	}
}

// However the operational datastore has come about, it says the same; and what Diff
// tells of two of them is all that a reader with defaults sees differ.
func TestDefaultsInUseWhateverTheOrder(t *testing.T) {
	f := fixture{t, compiletest.Schema(t, withDefaults)}
	rng := rand.New(rand.NewPCG(1, 2))
	a := agenttest.New(t, f.s)
	states := []string{"/state/oper=up", "/ip/state/on=true", "/ip/address[at='x']/state/origin=o", "/ip/auto/state/seen=1"}
	edits := []string{"%s/config/text=x", "%s/config/on=false", "%s/ip/auto", "%s/ip/address[at='x']", "%s/ip/config/on=false"}
	before := a.Snapshot().Operational
	for i := range 600 {
		link := fmt.Sprintf("/t:link[name='%d']", rng.IntN(3))
		if rng.IntN(2) == 0 {
			at, value, _ := cut(states[rng.IntN(len(states))])
			c := agent.StateChange{Path: f.path(link + at)}
			if rng.IntN(2) == 0 {
				c.Node = f.node(link+at, link+at+"="+value)
			}
			a.Publish(agent.Update{Changes: []agent.StateChange{c}})
		} else {
			edit := fmt.Sprintf("merge "+edits[rng.IntN(len(edits))], link)
			if at, _, _ := cut(edit[len("merge "):]); rng.IntN(2) == 0 {
				edit = "remove " + []string{link, at}[rng.IntN(2)]
			}
			f.set(a, nil, agent.Running, edit)
		}
		snap := a.Snapshot()
		other := agenttest.New(t, f.s)
		for p, leaf := range snapState(snap.Operational) {
			other.Publish(agent.Update{Changes: []agent.StateChange{{Path: p, Node: leaf}}})
		}
		if snap.Running.Root().Len() > 0 {
			if _, err := other.Commit(t.Context(), agent.Request{Target: agent.Running, Edits: []agent.Edit{{Op: agent.Replace, Node: snap.Running.Root()}}}); err != nil {
				t.Fatal(err)
			}
		}
		want, got := all(other.Snapshot().Operational), all(snap.Operational)
		if got != want {
			t.Fatalf("after %d changes operational is\n%s, made at once it is\n%s", i+1, got, want)
		}
		differs := false
		for range tree.Diff(before, snap.Operational, nil) {
			differs = true
		}
		if was := all(before); was != got && !differs {
			t.Fatalf("Diff sees no difference between\n%s and\n%s", was, got)
		}
		before = snap.Operational
	}
}

// snapState yields the leafs of state.
func snapState(t tree.Tree) func(func(p path.Path, leaf *tree.Node) bool) {
	return func(yield func(path.Path, *tree.Node) bool) {
		for p, n := range t.Under(nil) {
			if !n.Schema().Config && !yield(p, n) {
				return
			}
		}
	}
}
