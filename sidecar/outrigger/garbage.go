package main

import (
	"context"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"time"
)

// gcPercent trades some CPU for a small resident heap: the agent mostly waits,
// and shares a pod's memory with a network function.
//
// heapFloor keeps that from being overdone. An idle agent's heap is so small that
// half of it is used up by a few dozen events, and one client in a hundred would
// wait for a collection. So many bytes are counted as in use; they are never
// resident, since nobody writes to them.
//
// A Set of ten thousand routes makes ten times as much garbage as such a heap has
// room for, and would spend a third of its time on collections that find little; so
// would a collector that samples a thousand interfaces several times a second. So where
// one collection follows another within burst there is burstRoom, as long as what is
// allocated would fill the ordinary room within twice that time. Then what was taken
// goes back to the system. Who has more than twice burstRoom in use has as much room
// anyway, and never gets any more.
const (
	gcPercent = 50
	heapFloor = 8 << 20
	burst     = 3 * time.Second
	burstRoom = 48 << 20
)

// collectGarbage sets the pace of the garbage collector from now on until ctx ends.
func collectGarbage(ctx context.Context) {
	debug.SetGCPercent(gcPercent)
	floor := make([]byte, heapFloor)
	go func() {
		defer runtime.KeepAlive(floor)
		paceGarbage(ctx)
	}()
}

func paceGarbage(ctx context.Context) {
	collected := make(chan struct{}, 1)
	afterEach(collected)
	var p pacer
	percent := gcPercent
	second := time.NewTicker(time.Second)
	defer second.Stop()
	second.Stop() // until there is a burst
	for {
		select {
		case <-ctx.Done():
			return
		case <-second.C:
			if p.second(readHeap()) {
				second.Stop()
				percent = gcPercent
				debug.SetGCPercent(percent)
				debug.FreeOSMemory()
			}
		case <-collected:
			was := p.wide
			if now := p.collected(time.Now(), readHeap()); now != percent {
				percent = now
				debug.SetGCPercent(percent)
			}
			if p.wide && !was {
				second.Reset(time.Second)
			}
		}
	}
}

// pacer decides when there is burstRoom.
type pacer struct {
	wide   bool      // there is
	last   time.Time // of the collections
	before heap      // while it is wide: a second ago
}

// collected is told of each collection, and returns the percentage from now on.
func (p *pacer) collected(now time.Time, h heap) (percent int) {
	if !p.wide && now.Sub(p.last) < burst {
		p.wide, p.before = true, h
	}
	p.last = now
	if !p.wide {
		return gcPercent
	}
	return h.burstPercent()
}

// second is told what is so a second later, and reports whether the burst is over.
func (p *pacer) second(h heap) (over bool) {
	if h.allocated-p.before.allocated < h.room()/(2*uint64(burst/time.Second)) {
		p.wide = false
	}
	p.before = h
	return !p.wide
}

// heap is how many octets are in use, as of the last collection, and how many were ever
// allocated.
type heap struct{ live, allocated uint64 }

func readHeap() heap {
	samples := []metrics.Sample{{Name: "/gc/heap/live:bytes"}, {Name: "/gc/heap/allocs:bytes"}}
	metrics.Read(samples)
	return heap{samples[0].Value.Uint64(), samples[1].Value.Uint64()}
}

// room is how much can be allocated between two collections ordinarily.
func (h heap) room() uint64 { return h.live * gcPercent / 100 }

// burstPercent is how much may be allocated in a burst, as a percentage of what is in
// use.
func (h heap) burstPercent() int { return max(gcPercent, int(burstRoom*100/max(h.live, heapFloor))) }

// garbage is found at each collection.
type garbage struct{ told chan<- struct{} }

// afterEach tells of each collection, as long as there is room.
func afterEach(told chan<- struct{}) {
	runtime.SetFinalizer(&garbage{told}, func(g *garbage) {
		select {
		case g.told <- struct{}{}:
		default:
		}
		afterEach(g.told)
	})
}
