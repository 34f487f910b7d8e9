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
// room for, and would spend a third of its time on collections that find little. So
// from the second collection within burst on there is burstRoom; once there was none
// for twice as long, what was taken goes back to the system. Who has more than twice
// burstRoom in use has as much room anyway, and never gets any more.
const (
	gcPercent = 50
	heapFloor = 8 << 20
	burst     = time.Second
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
	var last time.Time
	wide := false
	quiet := time.NewTimer(0) // fires once for nothing
	defer quiet.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case now := <-quiet.C:
			if wide && now.Sub(last) >= 2*burst {
				wide = false
				debug.SetGCPercent(gcPercent)
				debug.FreeOSMemory()
			}
		case <-collected:
			now := time.Now()
			if now.Sub(last) < burst {
				if percent := burstPercent(); percent > gcPercent {
					debug.SetGCPercent(percent)
					wide = true
				}
			}
			last = now
			if wide {
				quiet.Reset(2 * burst)
			}
		}
	}
}

// burstPercent is how much may be allocated in a burst, as a percentage of what is in
// use.
func burstPercent() int {
	live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(live)
	if live[0].Value.Kind() != metrics.KindUint64 || live[0].Value.Uint64() == 0 {
		return gcPercent
	}
	return int(burstRoom * 100 / live[0].Value.Uint64())
}

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
