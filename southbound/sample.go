package southbound

import (
	"context"
	"errors"
	"time"

	"github.com/outrigger-cnf/outrigger/agent"
	"github.com/outrigger-cnf/outrigger/agent/path"
	"github.com/outrigger-cnf/outrigger/southbound/object"
)

// Sample publishes the counters at or below a path, read now, in one request to
// the dataplane, and the tables that are rendered on demand. It waits for
// no commit.
func (d *Driver) Sample(ctx context.Context, p path.Path, publish func(agent.Update)) error {
	update := agent.Update{Time: time.Now(), Changes: d.tables(p)}
	models, of := d.counterModels(p)
	var links []*object.LinkState
	if len(models) > 0 {
		var err error
		if links, err = d.counters(ctx, of); err != nil && !errors.Is(err, ErrAway) { // then nothing is known of it
			return err
		}
		for _, l := range links {
			for _, m := range models {
				update.Changes = append(update.Changes, m.Counters(l)...)
			}
		}
	}
	if len(update.Changes) == 0 {
		return nil
	}
	publish(update)
	d.bury(links, publish)
	return nil
}
