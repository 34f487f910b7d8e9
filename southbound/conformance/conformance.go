// Package conformance tells whether a southbound backend keeps its contract: one
// suite, run through the driver, for every backend.
//
// A backend's test gives a World, an empty dataplane that can be looked at and
// disturbed by somebody else's hand, and calls Run. For each kind of object the
// suite creates, changes each attribute, restarts, deletes, lets somebody else
// interfere, and lets each step of a plan fail.
package conformance

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/outrigger-cnf/outrigger/agent"
	"github.com/outrigger-cnf/outrigger/agent/tree"
	"github.com/outrigger-cnf/outrigger/southbound"
	"github.com/outrigger-cnf/outrigger/southbound/object"
)

// World is a dataplane of its own for one test. It has two links that are not
// ours, Ports, up and with a carrier.
type World interface {
	// Backend opens the dataplane as a new process would.
	Backend(t testing.TB) southbound.Backend
	// Ports are the names of the two links.
	Ports() (string, string)
	// Samples are what else the backend can do; the first of them is a link that
	// can be created and needs nothing.
	Samples() []Sample
	// Add, Remove and Set act as somebody else, who owns what he makes.
	Add(t testing.TB, o object.Object)
	Remove(t testing.TB, o object.Object)
	Set(t testing.TB, l *object.Link, a object.Attr)
}

// Sample is an object to try: needs must be there first, and each of changes is a
// claim of the same object with something else in it.
type Sample struct {
	Name    string
	Needs   []object.Claim
	Claim   object.Claim
	Changes []object.Claim
	// Foreign stands in its place and differs; nil: there is no such thing.
	Foreign object.Object
	// Silent says that the dataplane does not tell when somebody changes it.
	Silent bool
}

// Bench is a driver on a world, with a model whose configuration is claims.
type Bench struct {
	t       testing.TB
	World   World
	Backend *Faulty
	Driver  *southbound.Driver
	model   *model
	tree    tree.Tree

	changed chan struct{} // something was published
	stop    context.CancelFunc
	done    chan struct{}

	mu        sync.Mutex // guards what follows
	published map[string]string
}

// NewBench starts a driver on a world: a new process that has read the
// configuration given.
func NewBench(t testing.TB, w World, cfg southbound.Config, claims ...object.Claim) *Bench {
	t.Helper()
	b := &Bench{t: t, World: w, model: newModel(t), changed: make(chan struct{}, 1), published: make(map[string]string)}
	b.Backend = &Faulty{Backend: w.Backend(t)}
	cfg.Backend, cfg.Models = b.Backend.abilities(), []southbound.Model{b.model}
	if cfg.MendAfter == 0 {
		cfg.MendAfter, cfg.MendAtMost = 10*time.Millisecond, 100*time.Millisecond
	}
	d, err := southbound.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	b.Driver = d
	b.tree = b.model.tree(claims)
	if err := d.Resync(context.Background(), b.tree); err != nil {
		t.Fatalf("resync: %v", err)
	}
	t.Cleanup(b.Stop)
	return b
}

// Observe lets the driver see events. It returns once the first state is out.
func (b *Bench) Observe() {
	b.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	b.stop, b.done = cancel, make(chan struct{})
	first := make(chan struct{})
	var once sync.Once
	go func() {
		defer close(b.done)
		err := b.Driver.Observe(ctx, func(u agent.Update) {
			b.note(u)
			once.Do(func() { close(first) })
			select {
			case b.changed <- struct{}{}:
			default:
			}
		})
		if ctx.Err() == nil {
			b.t.Errorf("observe ended: %v", err)
		}
	}()
	select {
	case <-first:
	case <-b.done:
		b.t.Fatal("observe published nothing")
	}
}

func (b *Bench) note(u agent.Update) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, c := range u.Changes {
		name, _ := c.Path.Last().Key("name")
		if c.Node == nil {
			delete(b.published, name)
			continue
		}
		b.published[name] = c.Node.Child(c.Node.Schema().Child("", "text")).Value().Text
	}
}

// Published is the state last published under a name: an object's ID, or "status
// of" it.
func (b *Bench) Published(name string) (text string, ok bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	text, ok = b.published[name]
	return text, ok
}

// Await blocks until what is published fulfills a condition, looking whenever
// something new is. It is for measuring: it does not give up.
func (b *Bench) Await(so func(text func(name string) string) bool) {
	for {
		b.mu.Lock()
		ok := so(func(name string) string { return b.published[name] })
		b.mu.Unlock()
		if ok {
			return
		}
		<-b.changed
	}
}

// Config is the configuration that consists of claims.
func (b *Bench) Config(claims ...object.Claim) tree.Tree { return b.model.tree(claims) }

// Stop ends the driver as a killed process would: nothing is tidied up.
func (b *Bench) Stop() {
	if b.stop != nil {
		b.stop()
		<-b.done
		b.stop = nil
	}
	if err := b.Driver.Close(); err != nil {
		b.t.Errorf("close: %v", err)
	}
}

// Restart ends the driver and starts another with the same configuration.
func (b *Bench) Restart(cfg southbound.Config) *Bench {
	b.t.Helper()
	b.Stop()
	claims := b.model.claims(b.tree)
	return NewBench(b.t, b.World, cfg, claims...)
}

// Apply makes the claims given the whole configuration.
func (b *Bench) Apply(claims ...object.Claim) error {
	b.t.Helper()
	next := b.model.tree(claims)
	if err := b.Driver.Check(context.Background(), b.tree, next); err != nil {
		return err
	}
	if err := b.Driver.Apply(context.Background(), b.tree, next); err != nil {
		return err
	}
	b.tree = next
	return nil
}

// MustApply is Apply that must not fail.
func (b *Bench) MustApply(claims ...object.Claim) {
	b.t.Helper()
	if err := b.whenThere(func() error { return b.Apply(claims...) }); err != nil {
		b.t.Fatalf("apply: %v", err)
	}
}

// whenThere does what needs the dataplane, and once more where that has not answered
// in time, for which the machine may have been too busy.
func (b *Bench) whenThere(do func() error) error {
	remote, ok := b.Backend.Backend.(southbound.Remote)
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	for {
		err := do()
		if !ok || !errors.Is(err, southbound.ErrAway) || remote.Await(ctx) != nil || ctx.Err() != nil {
			return err
		}
	}
}

// patience is how long is waited for what comes about by itself.
const patience = 10 * time.Second

// Read reads an object.
func (b *Bench) Read(o object.Object) object.State {
	b.t.Helper()
	var s object.State
	err := b.whenThere(func() (err error) {
		s, err = b.Backend.Read(context.Background(), b.Backend.Normal(o))
		return err
	})
	if err != nil {
		b.t.Fatalf("read %s: %v", o.ID(), err)
	}
	return s
}

// Has reports whether the dataplane is as a claim wants it.
func (b *Bench) Has(c object.Claim) bool {
	b.t.Helper()
	c.Object = b.Backend.Normal(c.Object)
	return southbound.Satisfies(b.Read(c.Object), &c)
}

// MustHave fails the test where a claim is not fulfilled.
func (b *Bench) MustHave(claims ...object.Claim) {
	b.t.Helper()
	for _, c := range claims {
		if !b.Has(c) {
			b.t.Errorf("%s is not as desired: want %s, have %+v", c.ID(), describe(c), b.Read(c.Object))
		}
	}
}

func describe(c object.Claim) string {
	var parts []string
	for _, f := range c.From {
		parts = append(parts, fmt.Sprintf("%s=%s", f.Attr, object.Text(c.Object, f.Attr)))
	}
	return strings.Join(parts, " ")
}

// Eventually waits until something is so, looking again whenever the driver has
// published something.
func (b *Bench) Eventually(what string, so func() bool) {
	b.t.Helper()
	deadline := time.After(patience)
	for !so() {
		select {
		case <-b.changed:
		case <-time.After(10 * time.Millisecond): // what is not published is looked at, too
		case <-deadline:
			b.t.Fatalf("waited in vain: %s", what)
		}
	}
}

// Condition is how a desired object fares.
func (b *Bench) Condition(c object.Claim) object.Condition {
	if s := b.Driver.Status(b.Backend.Normal(c.Object).ID()); s != nil {
		return s.Condition
	}
	return object.InSync
}

// State tells all there is in the dataplane that a change may not leave a trace
// in, in text: what is dynamic by nature is left out.
func (b *Bench) State() string {
	b.t.Helper()
	var all []object.State
	err := b.whenThere(func() (err error) {
		all, err = b.Backend.Dump(context.Background())
		return err
	})
	if err != nil {
		b.t.Fatal(err)
	}
	var lines []string
	for _, s := range all {
		if line := stateText(s); line != "" {
			lines = append(lines, line)
		}
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

func stateText(s object.State) string {
	switch s := s.(type) {
	case *object.LinkState:
		l := s.Link
		if l.Kind == object.Bridge {
			l.MAC = object.MACAddr{} // follows its ports
		}
		return fmt.Sprintf("link %+v owned %t", l, s.Owned)
	case *object.AddressState:
		if s.Origin == object.OriginLinkLayer {
			return ""
		}
		return fmt.Sprintf("address %+v owned %t", s.Address, s.Owned)
	case *object.NeighborState:
		if s.Origin == object.OriginDynamic {
			return ""
		}
		return fmt.Sprintf("neighbor %+v owned %t", s.Neighbor, s.Owned)
	case *object.RouteState:
		if s.Protocol == object.ProtocolDirect {
			return "" // follows the addresses
		}
		return fmt.Sprintf("route %s %s %s owned %t by %d", s.ID(), s.Type, object.HopsText(s.NextHops), s.Owned, s.Number)
	case *object.SettingState:
		return fmt.Sprintf("setting %+v", s.Setting)
	}
	return ""
}
