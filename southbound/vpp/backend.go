package vpp

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/outrigger-cnf/outrigger/southbound"
	"github.com/outrigger-cnf/outrigger/southbound/object"
	"github.com/outrigger-cnf/outrigger/southbound/vpp/conn"
)

// Config says which VPP to talk to.
type Config struct {
	Socket   string        // of the binary API; empty: /run/vpp/api.sock
	Stats    string        // of the stats segment; empty: /run/vpp/stats.sock
	Deadline time.Duration // of an answer; 0: 3 s
	Interval time.Duration // of asking whether VPP is alive; 0: 1 s
	// Poll is how often the tables that VPP tells no events of are compared; 0: 5 s.
	Poll time.Duration
	Log  *slog.Logger // nil: nothing is logged
}

// Backend talks to one VPP.
type Backend struct {
	cfg  Config
	conn *conn.Conn
	log  *slog.Logger

	names names
	macs  string // of what MAC addresses are made
	fib   fibs
	dead  dead
	// making is held while a number is chosen that VPP would not guard: of a source, of
	// a table.
	making sync.Mutex
	half   sync.RWMutex // held for writing while a link is half made, with a name that will not stay
	mtu    sync.Mutex   // held from reading the MTUs of an interface until they are written

	told    told
	lag     atomic.Int64 // of the tables that are read from time to time
	counted counted

	stats struct{ writes, reads, dumps, events, lost atomic.Uint64 }
}

var _ southbound.Remote = (*Backend)(nil)

// New begins to connect. It changes nothing, and does not wait.
func New(cfg Config) (*Backend, error) {
	if cfg.Socket == "" {
		cfg.Socket = "/run/vpp/api.sock"
	}
	if cfg.Stats == "" {
		cfg.Stats = "/run/vpp/stats.sock"
	}
	if cfg.Poll == 0 {
		cfg.Poll = 5 * time.Second
	}
	b := &Backend{cfg: cfg, log: cfg.Log, macs: macSeed(cfg.Socket)}
	if b.log == nil {
		b.log = slog.New(slog.DiscardHandler)
	}
	b.conn = conn.New(conn.Config{
		Socket: cfg.Socket, Stats: cfg.Stats, Deadline: cfg.Deadline, Interval: cfg.Interval,
		Features:      slices.Concat(coreFeatures(), linkFeatures(), ipFeatures()),
		Subscriptions: subscriptions(),
		Log:           b.log,
	})
	return b, nil
}

// Close ends the connection. VPP keeps what was configured.
func (b *Backend) Close() error { return b.conn.Close() }

// Await waits until VPP is there.
func (b *Backend) Await(ctx context.Context) error { return b.conn.Await(ctx) }

// Dataplane tells of VPP and of the connection to it.
func (b *Backend) Dataplane() object.Dataplane {
	i := b.conn.Info()
	if problem := b.counted.problem.Load(); i.Connected && problem != nil {
		i.Missing = append(slices.Clip(i.Missing), *problem)
	}
	return object.Dataplane{Version: i.Version, Connected: i.Connected, Since: i.Since, Restarts: i.Restarts, Missing: i.Missing}
}

// Stats tells what was done.
func (b *Backend) Stats() southbound.Stats {
	return southbound.Stats{
		Writes: b.stats.writes.Load(),
		Reads:  b.stats.reads.Load(),
		Dumps:  b.stats.dumps.Load(),
		Events: b.stats.events.Load(),
		Lost:   b.stats.lost.Load(),
	}
}

// Incarnation names the VPP process.
func (b *Backend) Incarnation(ctx context.Context) (string, error) {
	if err := b.conn.Await(ctx); err != nil {
		return "", err
	}
	return b.conn.Info().Incarnation, nil
}
