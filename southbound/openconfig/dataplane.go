package openconfig

import (
	"strconv"

	"github.com/outrigger-cnf/outrigger/agent"
	"github.com/outrigger-cnf/outrigger/southbound/object"
	"github.com/outrigger-cnf/outrigger/southbound/translate"
)

// Backend is state that is the same for as long as the agent runs: which dataplane
// the configuration is realized in, and that there is the network instance DEFAULT,
// configured or not.
func (m *Model) Backend(name string) []agent.StateChange {
	r := m.render.Begin()
	r.Leaf(translate.Below(m.realized, "state/backend"), name)
	m.defaultState(r)
	return r.End()
}

// Dataplane renders what there is to say of the dataplane and of the connection to
// it.
func (m *Model) Dataplane(d object.Dataplane) []agent.StateChange {
	r := m.render.Begin()
	at := translate.Below(m.realized, "state")
	since := ""
	if t := nanoseconds(d.Since); t != nil {
		since = decimal(*t)
	}
	r.Leaf(translate.Below(at, "version"), d.Version)
	r.Leaf(translate.Below(at, "connected"), strconv.FormatBool(d.Connected))
	r.Leaf(translate.Below(at, "connected-since"), since)
	r.Leaf(translate.Below(at, "restarts"), decimal(d.Restarts))
	r.Leaf(translate.Below(at, "resyncs"), decimal(d.Resyncs))
	r.Leaves(translate.Below(at, "missing-feature"), d.Missing)
	return r.End()
}
