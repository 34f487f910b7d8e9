package southbound

import (
	"context"
	"errors"
	"sync"
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
		for _, m := range models {
			for _, l := range d.counting.news(m.number, links) {
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

// counting remembers which counters were published, so that those which stand still
// need not be rendered again: most of many do.
type counting struct {
	mu    sync.Mutex
	shown map[int]map[string]counted // guarded by mu; by model and link
}

// counted is what was published last of a link's counters.
type counted struct {
	index   uint32
	changes uint32
	object.Counters
}

// news are those of links whose counters a model has to publish. They count as
// published when this returns: what overwrites them meanwhile forgets them later.
func (c *counting) news(model int, links []*object.LinkState) []*object.LinkState {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.shown == nil {
		c.shown = make(map[int]map[string]counted)
	}
	shown := c.shown[model]
	if shown == nil {
		shown = make(map[string]counted, len(links))
		c.shown[model] = shown
	}
	var news []*object.LinkState
	for _, l := range links {
		now := counted{l.Index, l.CarrierChanges, l.Counters}
		now.Time = time.Time{}
		if was, known := shown[l.Name]; !known || was != now {
			shown[l.Name] = now
			news = append(news, l)
		}
	}
	return news
}

// forget is told after links were published as they are seen, with the counters that
// they had then, or as gone, with all below them.
func (c *counting) forget() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.shown = nil
}
