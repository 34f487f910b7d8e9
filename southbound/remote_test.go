package southbound_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/outrigger-cnf/outrigger/southbound"
	"github.com/outrigger-cnf/outrigger/southbound/conformance"
	"github.com/outrigger-cnf/outrigger/southbound/object"
	"github.com/outrigger-cnf/outrigger/southbound/plan"
)

// remote is a dataplane in memory that is elsewhere: it may be away, has no marks
// for addresses and neighbors, and takes many steps at a time.
type remote struct {
	*memory
	life *life
}

// life is when a dataplane is there. Guarded by the memory's mu.
type life struct {
	away   bool
	number int
	change chan struct{} // closed at the next
}

func newRemote() *remote {
	return &remote{newMemory(), &life{change: make(chan struct{})}}
}

func TestRemote(t *testing.T) {
	conformance.Run(t, func(testing.TB) conformance.World { return newRemote() })
}

func (r *remote) turn(away bool) {
	r.life.away = away
	close(r.life.change)
	r.life.change = make(chan struct{})
}

func (r *remote) Leave(testing.TB) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.turn(true)
}

func (r *remote) Return(testing.TB) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.turn(false)
}

func (r *remote) Replace(testing.TB) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.states = newMemory().states
	r.life.number++
	r.turn(true)
	r.turn(false)
}

func (r *remote) Backend(t testing.TB) southbound.Backend {
	return &remoteBackend{r.memory.Backend(t).(*memoryBackend), r}
}

type remoteBackend struct {
	*memoryBackend
	r *remote
}

func (b *remoteBackend) Unmarked(k object.Kind) bool {
	return k == object.KindAddress || k == object.KindNeighbor
}

// there is nil, or why not.
func (b *remoteBackend) there() error {
	b.r.mu.Lock()
	defer b.r.mu.Unlock()
	if b.r.life.away {
		return fmt.Errorf("/run/dataplane.sock: %w", southbound.ErrAway)
	}
	return nil
}

// news is closed when the dataplane goes or comes.
func (b *remoteBackend) news() <-chan struct{} {
	b.r.mu.Lock()
	defer b.r.mu.Unlock()
	return b.r.life.change
}

func (b *remoteBackend) Await(ctx context.Context) error {
	for {
		news := b.news()
		if b.there() == nil {
			return nil
		}
		select {
		case <-news:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (b *remoteBackend) Dataplane() object.Dataplane {
	return object.Dataplane{Version: "in memory", Connected: b.there() == nil}
}

func (b *remoteBackend) Incarnation(context.Context) (string, error) {
	if err := b.there(); err != nil {
		return "", err
	}
	b.r.mu.Lock()
	defer b.r.mu.Unlock()
	return fmt.Sprint(b.r.life.number), nil
}

func (b *remoteBackend) Watch(ctx context.Context) (southbound.Watcher, error) {
	if err := b.there(); err != nil {
		return nil, err
	}
	w, err := b.memoryBackend.Watch(ctx)
	return &remoteWatcher{w, b, b.news()}, err
}

type remoteWatcher struct {
	southbound.Watcher
	b    *remoteBackend
	gone <-chan struct{}
}

func (w *remoteWatcher) Next(ctx context.Context) (southbound.Events, error) {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	go func() {
		select {
		case <-w.gone:
			stop(southbound.ErrAway)
		case <-ctx.Done():
		}
	}()
	events, err := w.Watcher.Next(ctx)
	if err != nil && context.Cause(ctx) != nil {
		err = context.Cause(ctx)
	}
	return w.b.unmarked(events), err
}

// unmarked tells nothing of owners that the dataplane has no mark for.
func unmarked(s object.State) object.State {
	switch s := s.(type) {
	case *object.AddressState:
		c := *s
		c.Owned = false
		return &c
	case *object.NeighborState:
		c := *s
		c.Owned = false
		return &c
	}
	return s
}

func (b *remoteBackend) unmarked(events southbound.Events) southbound.Events {
	for i, c := range events.Changes {
		events.Changes[i].State = unmarked(c.State)
	}
	return events
}

func (b *remoteBackend) Dump(ctx context.Context) ([]object.State, error) {
	if err := b.there(); err != nil {
		return nil, err
	}
	all, err := b.memoryBackend.Dump(ctx)
	for i, s := range all {
		all[i] = unmarked(s)
	}
	return all, err
}

func (b *remoteBackend) Read(ctx context.Context, o object.Object) (object.State, error) {
	if err := b.there(); err != nil {
		return nil, err
	}
	s, err := b.memoryBackend.Read(ctx, o)
	return unmarked(s), err
}

func (b *remoteBackend) Under(ctx context.Context, link string) ([]object.State, error) {
	if err := b.there(); err != nil {
		return nil, err
	}
	all, err := b.memoryBackend.Under(ctx, link)
	for i, s := range all {
		all[i] = unmarked(s)
	}
	return all, err
}

func (b *remoteBackend) Do(ctx context.Context, s plan.Step) error {
	if err := b.there(); err != nil {
		return err
	}
	return b.memoryBackend.Do(ctx, s)
}

func (b *remoteBackend) DoAll(ctx context.Context, steps []plan.Step) []error {
	errs := make([]error, len(steps))
	failed := false
	for i, s := range steps {
		if failed {
			errs[i] = southbound.ErrNotBegun
			continue
		}
		errs[i] = b.Do(ctx, s)
		failed = errs[i] != nil
	}
	return errs
}
