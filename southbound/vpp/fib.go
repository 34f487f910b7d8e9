package vpp

import (
	"context"
	"fmt"
	"strings"
	"sync"

	"go.fd.io/govpp/binapi/fib"
	"go.fd.io/govpp/binapi/ip"

	"github.com/outrigger-cnf/outrigger/southbound"
	"github.com/outrigger-cnf/outrigger/southbound/object"
	"github.com/outrigger-cnf/outrigger/southbound/vpp/conn"
)

// Each route of VPP has a source: who wants it. Of those that want one prefix the
// one with the least priority has it, and the others come into their own when that
// one goes. Ours comes before the API and the command line, so that all that is ours
// is in force and seen, and behind what follows from the configuration of links.
const (
	sourceName     = "outrigger"
	sourcePriority = 0x70
)

// The sources of VPP that routes are told apart by.
const (
	sourceAPI       = "API"
	sourceCLI       = "CLI"
	sourceDHCP      = "DHCP"
	sourceInterface = "interface"
	sourceSpecial   = "special"
	sourceDefault   = "default-route"
)

// inner are the sources of entries that VPP makes for itself: for a neighbor, for a
// gateway that another route leads by, and so on. They are no routes to anybody, and
// give way to one.
var inner = map[string]bool{
	"invalid": true, "adjacency": true, "recursive-resolution": true, "urpf-exempt": true,
	"mpls": true, "attached_export": true, "IPv6-nd": true, "interpose": true, sourceDefault: true,
}

// fibs is what is known of VPP's numbers of sources and tables. They hold within
// one connection.
type fibs struct {
	mu     sync.Mutex
	epoch  uint64
	source map[uint8]string
	own    uint8 // our source; 0: not there yet
	table  map[uint32]string
	id     map[string]uint32
	size   map[sizeKey]int // how many entries a table had when it was listed last
}

type sizeKey struct {
	table  uint32
	family object.Family
}

// enter forgets what another connection has told. The lock is held.
func (f *fibs) enter(epoch uint64) {
	if f.source == nil || f.epoch != epoch {
		f.epoch, f.own = epoch, 0
		f.source, f.table, f.id = make(map[uint8]string), make(map[uint32]string), make(map[string]uint32)
		f.size = make(map[sizeKey]int)
	}
}

// sizeOf is how many entries a table had when it was listed last; false: it was not.
func (f *fibs) sizeOf(epoch uint64, t sizeKey) (size int, known bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.enter(epoch)
	size, known = f.size[t]
	return size, known
}

// sources returns the names of all sources, and our own; 0 where nothing was ever
// routed by us.
func (b *Backend) sources(ctx context.Context) (map[uint8]string, uint8, error) {
	epoch := b.conn.Epoch()
	b.fib.mu.Lock()
	b.fib.enter(epoch)
	known, own := b.fib.source, b.fib.own
	b.fib.mu.Unlock()
	if own != 0 {
		return known, own, nil
	}
	list, err := conn.Dump[fib.FibSourceDetails](ctx, b.conn, &fib.FibSourceDump{})
	if err != nil {
		return nil, 0, err
	}
	known = make(map[uint8]string, len(list))
	for _, d := range list {
		name := text(d.Src.Name)
		known[d.Src.ID] = name
		if name == sourceName {
			own = d.Src.ID
		}
	}
	b.fib.mu.Lock()
	defer b.fib.mu.Unlock()
	b.fib.enter(epoch)
	b.fib.source, b.fib.own = known, own
	return known, own, nil
}

// sourceOf returns the name of a source, which may have come since.
func (b *Backend) sourceOf(ctx context.Context, known map[uint8]string, id uint8) (string, error) {
	if name, ok := known[id]; ok {
		return name, nil
	}
	b.fib.mu.Lock()
	b.fib.own = 0
	b.fib.mu.Unlock()
	now, _, err := b.sources(ctx)
	if err != nil {
		return "", err
	}
	known[id] = now[id]
	return now[id], nil
}

// ownSource returns our source, and makes it if it is not there. VPP would give a
// new number at each asking, and there are few.
func (b *Backend) ownSource(ctx context.Context) (uint8, error) {
	b.making.Lock()
	defer b.making.Unlock()
	_, own, err := b.sources(ctx)
	if own != 0 || err != nil {
		return own, err
	}
	var reply fib.FibSourceAddReply
	err = b.conn.Call(ctx, &fib.FibSourceAdd{Src: fib.FibSource{Name: sourceName, Priority: sourcePriority}}, &reply)
	if err != nil {
		return 0, err
	}
	if reply.ID == 0 {
		return 0, fmt.Errorf("VPP has no number left for a source of routes: %w", southbound.ErrUnsupported)
	}
	_, own, err = b.sources(ctx)
	return own, err
}

// tables lists the tables of both families.
func (b *Backend) tables(ctx context.Context) ([]ip.IPTable, error) {
	epoch := b.conn.Epoch()
	list, err := conn.Dump[ip.IPTableDetails](ctx, b.conn, &ip.IPTableDump{})
	if err != nil {
		return nil, missing(err)
	}
	tables := make([]ip.IPTable, len(list))
	for i, d := range list {
		tables[i] = d.Table
		tables[i].Name = text(d.Table.Name)
	}
	names := tableNames(tables)
	b.fib.mu.Lock()
	defer b.fib.mu.Unlock()
	b.fib.enter(epoch)
	b.fib.table, b.fib.id = names, make(map[string]uint32, len(names))
	for id, name := range names {
		b.fib.id[name] = id
	}
	return tables, nil
}

// tableNames gives each table the name that it goes by here: what it is called in
// VPP, without our mark. The default one has none. One of somebody else's whose name
// is one of ours already goes by its number.
func tableNames(tables []ip.IPTable) map[uint32]string {
	names := make(map[uint32]string)
	taken := make(map[string]bool)
	for _, t := range tables {
		if name, ours := ownTable(t); ours {
			names[t.TableID], taken[name] = name, true
		}
	}
	for _, t := range tables { // IPv4's come first
		if _, named := names[t.TableID]; named {
			continue
		}
		switch {
		case t.TableID == 0:
			names[0] = ""
		case t.Name == "" || taken[t.Name]:
			names[t.TableID] = fmt.Sprintf("table %d", t.TableID)
		default:
			names[t.TableID], taken[t.Name] = t.Name, true
		}
	}
	return names
}

// ownTable returns the name of the VRF that a table of ours is of.
func ownTable(t ip.IPTable) (name string, ours bool) {
	name, ours = strings.CutPrefix(t.Name, mark+markEnd)
	return name, ours && t.TableID != 0
}

// tableID returns the number of a VRF's tables; an error that wraps ErrNotReady
// where there is no such VRF.
func (b *Backend) tableID(ctx context.Context, name string) (uint32, error) {
	if name == "" {
		return 0, nil
	}
	if _, err := b.tables(ctx); err != nil {
		return 0, err
	}
	b.fib.mu.Lock()
	defer b.fib.mu.Unlock()
	id, ok := b.fib.id[name]
	if !ok {
		return 0, southbound.Because(southbound.ErrNotReady, "VRF %s is not there", name)
	}
	return id, nil
}
