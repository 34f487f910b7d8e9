package southbound_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/outrigger-cnf/outrigger/southbound"
	"github.com/outrigger-cnf/outrigger/southbound/baseline"
	"github.com/outrigger-cnf/outrigger/southbound/conformance"
	"github.com/outrigger-cnf/outrigger/southbound/object"
	"github.com/outrigger-cnf/outrigger/southbound/plan"
)

// witness is a dataplane in memory that lets a test look before each step.
type witness struct {
	*memory
	look func()
}

type witnessBackend struct {
	southbound.Backend
	look func()
}

func (w *witness) Backend(t testing.TB) southbound.Backend {
	return &witnessBackend{w.memory.Backend(t), w.look}
}

func (b *witnessBackend) Do(ctx context.Context, s plan.Step) error {
	b.look()
	return b.Backend.Do(ctx, s)
}

// The baselines are on disk before the first step, and go with the last.
func TestBaselinesInFile(t *testing.T) {
	dir := t.TempDir()
	config := func() southbound.Config { return southbound.Config{Memory: baseline.In(dir)} }
	small := conformance.Link(object.Link{Name: "p", MTU: 1400}, object.MTU)
	held := func() int {
		b, err := baseline.In(dir).Load()
		if err != nil {
			t.Fatal(err)
		}
		return len(b.List)
	}
	steps := 0
	w := &witness{newMemory(), func() {
		if steps++; held() != 1 {
			t.Errorf("at step %d there are %d baselines on disk, want 1", steps, held())
		}
	}}
	b := conformance.NewBench(t, w, config())
	b.MustApply(small)
	if held() != 1 {
		t.Errorf("%d baselines on disk, want 1", held())
	}
	b.Stop()
	b = conformance.NewBench(t, w, config()) // killed before it was stored
	b.MustHave(conformance.Link(object.Link{Name: "p", MTU: 1500}, object.MTU))
	if steps != 2 {
		t.Errorf("%d steps, want one there and one back", steps)
	}
	if held() != 0 {
		t.Errorf("%d baselines on disk, want none", held())
	}
	b.Stop()

	file := filepath.Join(dir, baseline.Name)
	if err := os.WriteFile(file, []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	cfg := config()
	cfg.Backend = w.Backend(t)
	if _, err := southbound.New(cfg); err == nil || !strings.Contains(err.Error(), file) {
		t.Errorf("got %v, want an error that names %s", err, file)
	}
}
