package netconf

import (
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/outrigger-cnf/outrigger/agent"
	"github.com/outrigger-cnf/outrigger/agent/path"
	"github.com/outrigger-cnf/outrigger/agent/schema"
	"github.com/outrigger-cnf/outrigger/agent/tree"
)

// monitoringModule is RFC 6022's. Its state is published to the agent, so that
// every protocol sees it: schemas when the server starts, sessions as they come
// and go, and capabilities, locks and counters when somebody reads them over
// NETCONF.
const monitoringModule = "ietf-netconf-monitoring"

// statistics are the counters of RFC 6022 §2.1.5.
type statistics struct {
	inBadHellos, inSessions, droppedSessions, inRPCs, inBadRPCs, outErrors atomic.Uint32
}

// stateWriter collects leafs below /netconf-state. What the schema does not have
// is left out: a deviation may have taken it away.
type stateWriter struct {
	schema *schema.Schema
	txn    *tree.Txn
}

func (s *Server) stateWriter() *stateWriter {
	return &stateWriter{s.schema, tree.New(s.schema).Txn()}
}

// monitoringRoot is the schema node of /netconf-state, or nil.
func monitoringRoot(s *schema.Schema) *schema.Node {
	if m := s.Module(monitoringModule); m == nil || !m.Implemented {
		return nil
	}
	return s.Root.Child(monitoringModule, "netconf-state")
}

// monitors reports whether there is a /netconf-state to publish.
func (s *Server) monitors() bool { return s.monitoring != nil }

// monitoringPath makes a path below /netconf-state.
func monitoringPath(elems ...path.Elem) path.Path {
	p := path.Path{{Module: monitoringModule, Name: "netconf-state"}}
	for _, e := range elems {
		e.Module = monitoringModule
		p = p.Child(e)
	}
	return p
}

func step(name string, keys ...path.Key) path.Elem { return path.Elem{Name: name, Keys: keys} }

// set gives the leaf below p a value, or a leaf-list one more.
func (w *stateWriter) set(p path.Path, name, value string) {
	p = p.Child(path.Elem{Module: monitoringModule, Name: name})
	def, err := w.schema.Find(p)
	if err != nil {
		return
	}
	v, err := def.Parse(value, w.schema.ModuleNames())
	if err != nil {
		return
	}
	_ = w.txn.Set(p, v) // Find has found the path
}

// publish replaces the state at each path by what was collected there.
func (s *Server) publish(w *stateWriter, paths ...path.Path) {
	t := w.txn.Tree()
	u := agent.Update{Time: time.Now()}
	for _, p := range paths {
		if _, err := s.schema.Find(p); err == nil {
			u.Changes = append(u.Changes, agent.StateChange{Path: p, Node: t.Node(p)})
		}
	}
	if len(u.Changes) > 0 {
		s.agent.Publish(u)
	}
}

// publishConstant publishes the schemas, and everything else for the first time.
func (s *Server) publishConstant() {
	if !s.monitors() {
		return
	}
	w := s.stateWriter()
	schemas := monitoringPath(step("schemas"))
	for _, m := range s.modules.list {
		p := schemas.Child(path.Elem{Module: monitoringModule, Name: "schema", Keys: []path.Key{
			{Name: "identifier", Value: m.name}, {Name: "version", Value: m.revision},
			{Name: "format", Value: monitoringModule + ":yang"},
		}})
		w.set(p, "namespace", s.namespaceOf(m.name))
		w.set(p, "location", "NETCONF")
	}
	s.publish(w, schemas)
	s.publishCounters()
}

// namespaceOf returns the namespace of a module, or of the one that a submodule
// belongs to.
func (s *Server) namespaceOf(name string) string {
	if m := s.schema.Module(name); m != nil {
		return m.Namespace
	}
	for _, m := range s.schema.Modules {
		for _, sub := range m.Submodules {
			if sub.Name == name {
				return m.Namespace
			}
		}
	}
	return ""
}

// withdraw takes back all that the server published.
func (s *Server) withdraw() {
	if s.monitors() {
		s.agent.Publish(agent.Update{Changes: []agent.StateChange{{Path: monitoringPath()}}})
	}
}

func sessionPath(n *session) path.Path {
	id := strconv.FormatUint(uint64(n.agent.ID()), 10)
	return monitoringPath(step("sessions"), step("session", path.Key{Name: "session-id", Value: id}))
}

func (w *stateWriter) session(n *session) path.Path {
	p := sessionPath(n)
	w.set(p, "transport", monitoringModule+":netconf-ssh")
	w.set(p, "username", n.peer.user)
	w.set(p, "source-host", hostOf(n.peer.remote))
	w.set(p, "login-time", n.login.Format(time.RFC3339))
	w.count(p, "in-rpcs", n.stats.inRPCs.Load())
	w.count(p, "in-bad-rpcs", n.stats.inBadRPCs.Load())
	w.count(p, "out-rpc-errors", n.stats.outErrors.Load())
	w.count(p, "out-notifications", 0)
	return p
}

func (w *stateWriter) count(p path.Path, name string, v uint32) {
	w.set(p, name, strconv.FormatUint(uint64(v), 10))
}

// hostOf takes the port and a zone off a remote address.
func hostOf(remote string) string {
	if i := strings.LastIndexByte(remote, ':'); i >= 0 {
		remote = remote[:i]
	}
	remote = strings.Trim(remote, "[]")
	host, _, _ := strings.Cut(remote, "%")
	return host
}

// publishSession publishes a session that has begun.
func (s *Server) publishSession(n *session) {
	if s.monitors() {
		w := s.stateWriter()
		s.publish(w, w.session(n))
	}
}

// withdrawSession takes a session that has ended out of the list.
func (s *Server) withdrawSession(n *session) {
	if s.monitors() {
		s.agent.Publish(agent.Update{Changes: []agent.StateChange{{Path: sessionPath(n)}}})
	}
}

// publishCounters publishes what changes too often to be published each time,
// statistics and locks, and capabilities if the YANG library has changed. A reader
// of netconf-state calls it first.
func (s *Server) publishCounters() {
	if !s.monitors() {
		return
	}
	w := s.stateWriter()
	stats := monitoringPath(step("statistics"))
	w.set(stats, "netconf-start-time", s.started.Format(time.RFC3339))
	w.count(stats, "in-bad-hellos", s.stats.inBadHellos.Load())
	w.count(stats, "in-sessions", s.stats.inSessions.Load())
	w.count(stats, "dropped-sessions", s.stats.droppedSessions.Load())
	w.count(stats, "in-rpcs", s.stats.inRPCs.Load())
	w.count(stats, "in-bad-rpcs", s.stats.inBadRPCs.Load())
	w.count(stats, "out-rpc-errors", s.stats.outErrors.Load())
	w.count(stats, "out-notifications", 0)

	stores := monitoringPath(step("datastores"))
	for _, d := range []agent.Datastore{agent.Running, agent.Candidate, agent.Startup} {
		p := stores.Child(path.Elem{Module: monitoringModule, Name: "datastore", Keys: []path.Key{{Name: "name", Value: d.String()}}})
		_ = w.txn.Ensure(p) // without the list in the schema there is nothing to publish
		if lock, held := s.agent.LockHolder(d); held {
			global := p.Child(path.Elem{Module: monitoringModule, Name: "locks"}).Child(path.Elem{Module: monitoringModule, Name: "global-lock"})
			w.count(global, "locked-by-session", lock.Session.ID())
			w.set(global, "locked-time", lock.Since.Format(time.RFC3339))
		}
	}
	sessions := monitoringPath(step("sessions"))
	s.mu.Lock()
	open := make([]*session, 0, len(s.sessions))
	for n := range s.sessions {
		open = append(open, n)
	}
	s.mu.Unlock()
	for _, n := range open {
		if n.listed.Load() {
			w.session(n)
		}
	}
	paths := []path.Path{stats, stores, sessions}
	if caps := s.newCapabilities(); caps != nil {
		p := monitoringPath(step("capabilities"))
		for _, c := range caps {
			w.set(p, "capability", c)
		}
		paths = append(paths, p)
	}
	s.publish(w, paths...)
}

// newCapabilities returns the capabilities if they are not those that were
// published last.
func (s *Server) newCapabilities() []string {
	caps := s.capabilities()
	s.mu.Lock()
	defer s.mu.Unlock()
	if slices.Equal(caps, s.published) {
		return nil
	}
	s.published = caps
	return caps
}
