package main

import (
	"context"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"testing"
	"time"
)

// One collection soon after another makes room, for as long as much is allocated.
func TestPacer(t *testing.T) {
	const mb = 1 << 20
	var p pacer
	var h heap
	now := time.Now()
	collected := func(after time.Duration, live uint64, want int) {
		t.Helper()
		now = now.Add(after)
		h.live = live
		if got := p.collected(now, h); got != want {
			t.Errorf("with %d MB in use, %v after the last collection: %d %%, want %d", live/mb, after, got, want)
		}
	}
	second := func(allocated uint64, over bool) {
		t.Helper()
		h.allocated += allocated
		if got := p.second(h); got != over {
			t.Errorf("%d octets in a second: over: %t, want %t", allocated, got, over)
		}
	}
	collected(0, 20*mb, gcPercent)
	collected(burst, 20*mb, gcPercent)
	collected(burst-1, 20*mb, 240)
	second(5*mb, false)
	collected(time.Minute, 24*mb, 200)
	second(2*mb, false) // fills the ordinary room of 12 MB in 6 s
	collected(time.Second, 400*mb, gcPercent)
	collected(time.Second, 24*mb, 200)
	second(2*mb-1, true)
	collected(burst, 24*mb, gcPercent)
	collected(1, 24*mb, 200)
}

// What is decided is so.
func TestPaceGarbage(t *testing.T) {
	defer debug.SetGCPercent(debug.SetGCPercent(gcPercent))
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		paceGarbage(ctx)
	}()
	defer func() {
		cancel()
		<-ended
	}()
	percent := []metrics.Sample{{Name: "/gc/gogc:percent"}}
	for metrics.Read(percent); percent[0].Value.Uint64() <= gcPercent; metrics.Read(percent) {
		runtime.GC()
	}
}
