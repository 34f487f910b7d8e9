// Package agenttest has what tests of the agent, and of the protocols above it,
// need: a driver that realizes configuration in memory, fails and blocks when
// told to and counts what is asked of it, and an agent made of such drivers.
package agenttest

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/outrigger-cnf/outrigger/agent"
	"github.com/outrigger-cnf/outrigger/agent/path"
	"github.com/outrigger-cnf/outrigger/agent/schema"
	"github.com/outrigger-cnf/outrigger/agent/tree"
)

// Driver is a fake agent.Driver for all of a schema. It holds what it has been
// told to realize, and refuses an Apply that does not begin where it is: an agent
// that loses track of its drivers fails its test.
type Driver struct {
	schema *schema.Schema

	mu      sync.Mutex // guards what follows
	applied tree.Tree
	checks  int
	applies int
	samples int
	plan    map[int]error // of the n-th Apply from the first on
	check   error
	gate    *gate
	sample  func(path.Path) agent.Update
	publish func(agent.Update) // while observing
	pending []agent.Update     // emitted before there was an observer
	lost    chan error
}

// gate stops Applies.
type gate struct {
	entered chan struct{} // closed by the first that comes
	open    chan struct{}
	once    sync.Once
}

// NewDriver returns a driver that has realized nothing.
func NewDriver(s *schema.Schema) *Driver {
	return &Driver{schema: s, applied: tree.New(s), plan: make(map[int]error), lost: make(chan error, 1)}
}

// OK tells FailApply not to fail.
var OK = errors.New("agenttest: this Apply is not to fail")

// Leaves claims every top-level node of the schema that can be configured.
func (d *Driver) Leaves() []path.Path {
	var out []path.Path
	for _, n := range d.schema.Root.Data {
		if n.Config {
			out = append(out, n.SchemaPath())
		}
	}
	return out
}

// Check counts, and fails as told.
func (d *Driver) Check(_ context.Context, _, _ tree.Tree) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.checks++
	return d.check
}

// Apply realizes new.
func (d *Driver) Apply(_ context.Context, old, new tree.Tree) error {
	d.mu.Lock()
	g := d.gate
	d.mu.Unlock()
	if g != nil {
		g.once.Do(func() { close(g.entered) })
		<-g.open
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.applies++
	if err := d.plan[d.applies]; err != nil {
		return err
	}
	if old.Root().Len() > 0 && !tree.Equal(old.Root(), d.applied.Root()) {
		return errors.New("agenttest: Apply begins at a tree that the driver is not at")
	}
	d.applied = new
	return nil
}

// Observe publishes what is emitted until ctx ends or Lose is called.
func (d *Driver) Observe(ctx context.Context, publish func(agent.Update)) error {
	d.mu.Lock()
	d.publish = publish
	pending := d.pending
	d.pending = nil
	d.mu.Unlock()
	publish(agent.Update{}) // all of it: there is none but what a test says
	for _, u := range pending {
		publish(u)
	}
	defer func() {
		d.mu.Lock()
		d.publish = nil
		d.mu.Unlock()
	}()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case err := <-d.lost:
		return err
	}
}

// Sample publishes what SampleWith says.
func (d *Driver) Sample(_ context.Context, p path.Path, publish func(agent.Update)) error {
	d.mu.Lock()
	d.samples++
	f := d.sample
	d.mu.Unlock()
	if f != nil {
		publish(f(p))
	}
	return nil
}

// Emit publishes state: now, or as soon as the agent observes.
func (d *Driver) Emit(changes ...agent.StateChange) {
	u := agent.Update{Changes: changes}
	d.mu.Lock()
	publish := d.publish
	if publish == nil {
		d.pending = append(d.pending, u)
	}
	d.mu.Unlock()
	if publish != nil {
		publish(u)
	}
}

// Lose ends the Observe of the moment, or the next one, with err.
func (d *Driver) Lose(err error) { d.lost <- err }

// SampleWith sets what a Sample publishes.
func (d *Driver) SampleWith(f func(p path.Path) agent.Update) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.sample = f
}

// FailApply makes the k-th Apply from now fail, 1 being the next. A nil err is
// an error that says so; OK takes an earlier plan back.
func (d *Driver) FailApply(k int, err error) {
	if err == nil {
		err = fmt.Errorf("agenttest: Apply %d was told to fail", k)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if err == OK {
		err = nil
	}
	d.plan[d.applies+k] = err
}

// FailCheck makes every Check fail with err, none if it is nil.
func (d *Driver) FailCheck(err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.check = err
}

// Block stops every Apply. The channel is closed when one has come that far; open
// lets it, and all that follow, go on.
func (d *Driver) Block() (entered <-chan struct{}, open func()) {
	g := &gate{entered: make(chan struct{}), open: make(chan struct{})}
	d.mu.Lock()
	d.gate = g
	d.mu.Unlock()
	return g.entered, sync.OnceFunc(func() {
		d.mu.Lock()
		d.gate = nil
		d.mu.Unlock()
		close(g.open)
	})
}

// Applied is what the driver has realized.
func (d *Driver) Applied() tree.Tree {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.applied
}

// Calls returns how often Check, Apply and Sample have been called.
func (d *Driver) Calls() (checks, applies, samples int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.checks, d.applies, d.samples
}
