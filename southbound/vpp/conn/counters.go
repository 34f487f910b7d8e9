package conn

import (
	"errors"
	"fmt"
	"net"
	"sync"

	"github.com/outrigger-cnf/outrigger/southbound"
	"github.com/outrigger-cnf/outrigger/southbound/vpp/segment"
)

// Counters are VPP's counters of all interfaces, all threads summed up.
type Counters struct {
	Epoch uint64 // of the connection
	// Directory changes whenever VPP adds or deletes an interface, and at other
	// times.
	Directory uint64
	// Links are by sw_if_index. A number that no interface has may have counters
	// of one that had it.
	Links []LinkCounters
}

// LinkCounters are those counters of one interface that are of use here. Those by
// the kind of the destination are kept only where VPP is told so.
type LinkCounters struct {
	Rx, RxUnicast, RxMulticast, RxBroadcast, Tx Pair

	Drops, Punts                      uint64
	RxNoBuf, RxMiss, RxError, TxError uint64
}

// Pair counts packets and their octets.
type Pair = segment.Pair

// linkLimit is more interfaces than a VPP has. Memory that is read while it
// changes may speak of more.
const linkLimit = 1 << 18

// simple and combined are the names in the stats segment.
var simple = []struct {
	name string
	at   func(l *LinkCounters) *uint64
}{
	{"/if/drops", func(l *LinkCounters) *uint64 { return &l.Drops }},
	{"/if/punt", func(l *LinkCounters) *uint64 { return &l.Punts }},
	{"/if/rx-no-buf", func(l *LinkCounters) *uint64 { return &l.RxNoBuf }},
	{"/if/rx-miss", func(l *LinkCounters) *uint64 { return &l.RxMiss }},
	{"/if/rx-error", func(l *LinkCounters) *uint64 { return &l.RxError }},
	{"/if/tx-error", func(l *LinkCounters) *uint64 { return &l.TxError }},
}

var combined = []struct {
	name string
	at   func(l *LinkCounters) *Pair
}{
	{"/if/rx", func(l *LinkCounters) *Pair { return &l.Rx }},
	{"/if/rx-unicast", func(l *LinkCounters) *Pair { return &l.RxUnicast }},
	{"/if/rx-multicast", func(l *LinkCounters) *Pair { return &l.RxMulticast }},
	{"/if/rx-broadcast", func(l *LinkCounters) *Pair { return &l.RxBroadcast }},
	{"/if/tx", func(l *LinkCounters) *Pair { return &l.Tx }},
}

// Counters reads the counters into counters, whose memory it uses again. They are
// those of the VPP that is connected, as they are now. Without a connection the
// error wraps southbound.ErrAway; there are others where the memory cannot be had or
// is not that of this VPP.
func (c *Conn) Counters(counters *Counters) error {
	if c.cfg.Stats == "" {
		return fmt.Errorf("counters: %w: no stats socket is configured", southbound.ErrUnsupported)
	}
	s := c.live.Load()
	if s == nil {
		return fmt.Errorf("counters: %w", c.problem())
	}
	seg, err := s.counters.open(c.cfg.Stats, s.sock)
	if err == nil {
		err = read(seg, counters)
	}
	if c.live.Load() != s {
		return fmt.Errorf("counters: %w", c.problem())
	}
	if err != nil {
		return fmt.Errorf("counters: %w", err)
	}
	counters.Epoch = s.epoch
	return nil
}

func read(seg *segment.Segment, counters *Counters) error {
	return seg.Read(func(v segment.View) error {
		links := counters.Links
		clear(links)
		var beyond LinkCounters
		at := func(i int) *LinkCounters {
			if i >= linkLimit {
				return &beyond
			}
			for i >= len(links) {
				links = append(links, LinkCounters{})
			}
			return &links[i]
		}
		for _, n := range simple {
			if err := v.Simple(n.name, func(i int, value uint64) { *n.at(at(i)) += value }); err != nil {
				return err
			}
		}
		for _, n := range combined {
			err := v.Combined(n.name, func(i int, value Pair) {
				p := n.at(at(i))
				p.Packets += value.Packets
				p.Octets += value.Octets
			})
			if err != nil {
				return err
			}
		}
		counters.Directory, counters.Links = v.Epoch, links
		return nil
	})
}

// memory is the stats segment of a session, opened when it is first asked for. It
// is that of the process at the other end of the session: it is opened while the
// session lives, from a socket of the same process, and closed with it.
type memory struct {
	mu     sync.Mutex
	seg    *segment.Segment
	closed bool
}

func (m *memory) open(path string, session net.Conn) (*segment.Segment, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.closed {
		return nil, segment.ErrClosed
	}
	if m.seg != nil {
		return m.seg, nil
	}
	seg, pid, err := segment.Open(path)
	if err != nil {
		return nil, err
	}
	sock, ok := session.(*net.UnixConn)
	if !ok {
		return nil, errors.Join(errors.New("the binary API is not on a Unix socket"), seg.Close())
	}
	peer, err := segment.Listener(sock)
	if err == nil && peer != pid {
		err = fmt.Errorf("%s is of process %d, the binary API of process %d", path, pid, peer)
	}
	if err != nil {
		return nil, errors.Join(err, seg.Close())
	}
	m.seg = seg
	return seg, nil
}

func (m *memory) close() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.closed = true
	if m.seg != nil {
		_ = m.seg.Close()
	}
}
