// Package gnmi serves the datastore over gNMI (specification 0.11.0, protocol
// version 0.10.0).
//
//	gnmi.Path ── selector ── targets ── walk ──▶ Get, initial data, samples
//	                            └───── matcher ─▶ on-change
//	agent.Snapshot ─▶ dispatcher ─▶ feed per stream ─▶ stream ─▶ client
//
// A path is bound to the schema once (path.go, origin.go): what its wildcards
// stand for becomes a set of targets, each a chain of schema nodes with the key
// values it demands. Get (get.go), Set (set.go, union.go) and Subscribe
// (subscribe.go) work on targets only.
//
// One dispatcher (dispatch.go) follows the agent's snapshots for all streams.
// It takes the difference of two operational trees once (event.go), and a
// changed leaf is encoded once per encoding. Each stream (stream.go) has a feed
// of such batches; what it could not send in time it coalesces (coalesce.go),
// with a count of duplicates, and if it lags far behind it takes the difference
// between what it has seen and what is now (catchup in stream.go). Nobody ever
// waits for a stream.
//
// # Origins
//
// An empty origin and "openconfig" mean the openconfig-* modules. The name of a
// module as origin, or before the first element (/ietf-interfaces:interfaces),
// means that module. The origin "rfc7951" means all of them: the root of that
// origin is the whole datastore. Replies have the origin that the client used.
//
// # Prefixes
//
// All Notifications of a call have one prefix: that of the request, target and origin
// included, up to its first wildcard; without one in the request they have none. An
// Update has the rest of the path. The specification (§2.4.1) would allow a prefix for
// each entry, which makes samples of many entries less than half as large; but clients
// tell series apart by prefix, and drop that of deletions, and it is no less work here.
// Who samples one entry can have it by asking for it. What a stream tells of one moment
// is in one Notification with one timestamp, or, beyond Limits.MaxResponse, in several
// with the same one.
//
// Streams encode what they send themselves (wire.go, response.go), and again only what
// is not the same as in the last sample (sample.go): serve with Codec.
//
// # Caveats
//
// Counters (types counter32 and counter64, and all state below a container named
// counters or statistics) are no events: they are in the initial data of every
// subscription and are sampled after that, never sent on change.
// A list without keys has no paths for its entries; it is one JSON value in
// every encoding. Containers with presence but without content exist in JSON
// Get only. QOS markings are accepted and have no effect, as the sockets belong
// to whoever serves. The election IDs of master arbitration are kept in memory.
package gnmi

import (
	"context"
	"log/slog"
	"sync"
	"time"

	gpb "github.com/openconfig/gnmi/proto/gnmi"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/outrigger-cnf/outrigger/agent"
	"github.com/outrigger-cnf/outrigger/agent/path"
	"github.com/outrigger-cnf/outrigger/agent/schema"
)

// Agent is what the server asks of the datastore. *agent.Agent has it.
type Agent interface {
	Snapshot() *agent.Snapshot
	Commit(ctx context.Context, r agent.Request) (*agent.Snapshot, error)
	Refresh(ctx context.Context, p path.Path, maxAge time.Duration) (*agent.Snapshot, error)
	Open(o agent.SessionOptions) (*agent.Session, error)
	Confirm(ctx context.Context, s *agent.Session, persistID string) error
	Cancel(ctx context.Context, s *agent.Session, persistID string) error
	Pending() *agent.Pending
}

// Config is what a Server is made of.
type Config struct {
	Agent  Agent
	Schema *schema.Schema
	Log    *slog.Logger // nil logs nothing
	Limits Limits
}

// Server is the gNMI service. Register it with gpb.RegisterGNMIServer.
type Server struct {
	gpb.UnimplementedGNMIServer

	agent    Agent
	index    *index
	limits   Limits
	log      *slog.Logger
	dispatch *dispatcher
	masters  arbiter
	streams  streamCount

	draining  chan struct{} // closed by Drain
	drainOnce sync.Once
}

// New makes a Server.
func New(cfg Config) *Server {
	s := &Server{
		agent:    cfg.Agent,
		index:    newIndex(cfg.Schema),
		limits:   cfg.Limits.withDefaults(),
		log:      cfg.Log,
		draining: make(chan struct{}),
	}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	s.dispatch = newDispatcher(s.agent, s.index, s.limits.MaxQueue)
	s.masters.max = s.limits.MaxRoles
	return s
}

// Drain ends every Subscribe call with UNAVAILABLE, now and from now on, so that
// a graceful stop of the gRPC server does not wait for them.
func (s *Server) Drain() { s.drainOnce.Do(func() { close(s.draining) }) }

func errDraining() error {
	return status.Error(codes.Unavailable, "the server is shutting down; connect again")
}
