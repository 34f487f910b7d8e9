package southbound

import "github.com/outrigger-cnf/outrigger/southbound/plan"

// Known counts the objects and the instances of which something is known.
func (d *Driver) Known() (objects, instances int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return len(d.wish.of), len(d.wish.places)
}

// Stretch is how many of the first steps are carried out together.
func Stretch(steps []plan.Step) int { return stretch(steps, gatewaysOf(steps)) }
