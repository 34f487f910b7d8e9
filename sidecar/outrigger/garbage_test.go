package main

import (
	"context"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"testing"
	"time"
)

// One collection soon after another makes room; when nothing is allocated any more, the
// room goes, and only then.
func TestPaceGarbage(t *testing.T) {
	before := debug.SetGCPercent(gcPercent)
	defer debug.SetGCPercent(before)
	percent := func() uint64 {
		s := []metrics.Sample{{Name: "/gc/gogc:percent"}}
		metrics.Read(s)
		return s[0].Value.Uint64()
	}
	await := func(what string, is func() bool) {
		t.Helper()
		for end := time.Now().Add(30 * time.Second); !is(); time.Sleep(time.Millisecond) {
			if time.Now().After(end) {
				t.Fatalf("%s: not within 30 s; it is %d %%", what, percent())
			}
		}
	}
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
	var kept [][]byte
	await("there is room", func() bool {
		runtime.GC()
		return percent() > gcPercent
	})
	// Who goes on allocating as much as fills the ordinary room has it longer than one
	// who looks again would wait.
	busy := time.Now()
	for time.Since(busy) < 3*time.Second {
		if percent() == gcPercent {
			t.Fatal("the room has gone while it was in use")
		}
		kept = append(kept[:0], make([]byte, readHeap().room()))
	}
	runtime.KeepAlive(kept)
	await("the room has gone", func() bool { return percent() == gcPercent })
}
