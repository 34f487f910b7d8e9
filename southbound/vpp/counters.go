package vpp

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/outrigger-cnf/outrigger/southbound"
	"github.com/outrigger-cnf/outrigger/southbound/object"
	"github.com/outrigger-cnf/outrigger/southbound/vpp/conn"
)

// counted is what was read of the stats segment, which knows interfaces by number
// only: the name that it has for them is the one that they were made with.
type counted struct {
	mu       sync.Mutex // one reads at a time
	counters conn.Counters
	// named is the connection and the directory for which the names were seen to
	// be right: no interface has come or gone since.
	named struct{ epoch, directory uint64 }
	// problem is why they could not be read the last time.
	problem atomic.Pointer[string]
}

// readCounters reads them all, and keeps why that cannot be. It needs the lock.
func (b *Backend) readCounters() error {
	err := b.conn.Counters(&b.counted.counters)
	switch was := b.counted.problem.Load(); {
	case errors.Is(err, southbound.ErrAway): // which says enough
	case err == nil:
		b.counted.problem.Store(nil)
	case was == nil || *was != err.Error():
		problem := err.Error()
		b.counted.problem.Store(&problem)
		b.log.Warn("the counters of VPP cannot be read", "problem", problem)
	}
	return err
}

// tryCounters finds out whether they can be read, for state to tell.
func (b *Backend) tryCounters() {
	b.counted.mu.Lock()
	defer b.counted.mu.Unlock()
	_ = b.readCounters()
}

// Counters reads the counters of one link, or with an empty name of all, and appends
// them to list. VRFs have none.
func (b *Backend) Counters(ctx context.Context, link string, list []object.LinkCounters) ([]object.LinkCounters, error) {
	b.counted.mu.Lock()
	defer b.counted.mu.Unlock()
	c := &b.counted
	// An interface that comes meanwhile may have got the number of one that went.
	for try := 0; ; try++ {
		if err := b.readCounters(); err != nil {
			return nil, err
		}
		if c.named.epoch == c.counters.Epoch && c.named.directory == c.counters.Directory {
			break
		}
		if try == 5 {
			return nil, fmt.Errorf("the interfaces of VPP changed while their counters were read, %d times", try)
		}
		if _, err := b.allInterfaces(ctx); err != nil {
			return nil, err
		}
		c.named.epoch, c.named.directory = c.counters.Epoch, c.counters.Directory
	}
	now := time.Now()
	one := func(index uint32, name string) object.LinkCounters {
		var l conn.LinkCounters
		if int(index) < len(c.counters.Links) {
			l = c.counters.Links[index]
		}
		return object.LinkCounters{Name: name, Index: index, Counters: linkCounters(&l, now)}
	}
	if link == "" {
		return b.names.all(c.counters.Epoch, list, one), nil
	}
	if index, ok := b.names.byName(c.counters.Epoch, link); ok && index != 0 {
		list = append(list, one(index, link))
	}
	return list, nil
}

// all appends what f makes of every interface that is known, but for local0, in the order
// of their names.
func (n *names) all(epoch uint64, list []object.LinkCounters, f func(index uint32, name string) object.LinkCounters) []object.LinkCounters {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.enter(epoch)
	all := n.inOrder()
	list = slices.Grow(list, len(all))
	for _, l := range all {
		list = append(list, f(l.index, l.name))
	}
	return list
}

// absent are the counters that VPP has none for: it keeps no account of frames that
// were damaged, of packets that were not sent for want of room, and of how often a
// link went up or down.
const absent = object.CountOutDiscards | object.CountInCRCErrors | object.CountCarrierChanges

// linkCounters says VPP's counters in the terms of RFC 2863. Packets are counted by
// the kind of their destination on links that VPP was told to do so for, only; which
// it does not tell.
func linkCounters(l *conn.LinkCounters, read time.Time) object.Counters {
	c := object.Counters{
		Time:      read,
		Absent:    absent,
		InPackets: l.Rx.Packets, InOctets: l.Rx.Octets,
		OutPackets: l.Tx.Packets, OutOctets: l.Tx.Octets,
		InErrors: l.RxError, OutErrors: l.TxError,
		InDiscards:  l.Drops + l.RxNoBuf + l.RxMiss,
		InMulticast: l.RxMulticast.Packets,
		InNoHandler: l.Punts,
	}
	if l.RxUnicast.Packets+l.RxMulticast.Packets+l.RxBroadcast.Packets == 0 {
		c.Absent |= object.CountInMulticast
	}
	return c
}
