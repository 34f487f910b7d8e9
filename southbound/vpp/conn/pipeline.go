package conn

import (
	"context"
	"fmt"
	"time"

	"go.fd.io/govpp/api"
)

const (
	// window is how many exchanges of a pipeline are in flight at most, and so
	// how many outcomes are not known when VPP dies.
	window = 1024
	// batch is how many octets of requests are gathered for one write.
	batch = 32 << 10
)

// Pipeline makes n exchanges with many in flight. request and reply give the
// messages of exchange i, done takes its outcome, as Call would return it: all
// are called from the caller's goroutine, done in the order of the exchanges and
// once for each that was begun. A request may be changed once the next one is
// asked for, a reply once it is done. When done returns false, or ctx ends, no
// more are begun; those that were are waited for. The error says why not all were
// begun; it is nil where done said so.
func (c *Conn) Pipeline(ctx context.Context, n int, request, reply func(i int) api.Message, done func(i int, err error) bool) error {
	if n == 0 {
		return nil
	}
	s, err := c.session(ctx, "pipeline")
	if err != nil {
		return err
	}
	p := &pipeline{
		s: s, x: s.begin(n), n: n, request: request, reply: reply, done: done,
		timer: time.NewTimer(c.cfg.Deadline), slots: make([]slot, min(n, window)),
	}
	defer s.end(p.x)
	defer p.timer.Stop()
	return p.run(ctx)
}

// pipeline is one run. Exchanges from told to begun are in flight, or have been
// answered before one that was begun earlier.
type pipeline struct {
	s              *session
	x              *exchange
	n, begun, told int
	request, reply func(i int) api.Message
	done           func(i int, err error) bool
	timer          *time.Timer
	slots          []slot // by number modulo their count
	open           int    // how many answers are to come
	asked, replied numbered
	in             inbox
	stopped        bool  // done said so
	failed         error // why no more are begun
}

type slot struct {
	name     string // of the request
	answered bool
	err      error
}

func (p *pipeline) slot(i int) *slot { return &p.slots[i%len(p.slots)] }

func (p *pipeline) run(ctx context.Context) error {
	for {
		if p.failed == nil && ctx.Err() != nil {
			p.failed = ctx.Err()
		}
		if p.failed == nil && !p.stopped {
			p.begin()
		}
		p.tell()
		switch {
		case p.told < p.begun:
			p.receive()
		case p.begun == p.n, p.stopped:
			return nil
		case p.failed != nil:
			return fmt.Errorf("after %d of %d: %w", p.begun, p.n, p.failed)
		}
	}
}

// begin sends as many requests as there is room for, once half of the room is
// free.
func (p *pipeline) begin() {
	if p.begun-p.told > len(p.slots)/2 {
		return
	}
	for p.begun < p.n && p.begun-p.told < len(p.slots) && p.failed == nil {
		from := p.begun
		err := p.s.send(func(dst []byte) ([]byte, error) {
			for p.begun < p.n && p.begun-p.told < len(p.slots) && len(dst) < batch {
				m := p.request(p.begun)
				id, err := p.asked.number(p.s.table, m)
				if err == nil {
					dst, err = appendFrame(dst, m, id, p.s.client, p.x.first+uint32(p.begun))
				}
				*p.slot(p.begun) = slot{name: m.GetMessageName(), answered: err != nil, err: err}
				p.begun++
				if err == nil {
					p.open++
				}
			}
			return dst, nil
		})
		if err == nil {
			continue
		}
		// How much of it VPP has read is not known.
		p.failed = err
		for i := from; i < p.begun; i++ {
			if sl := p.slot(i); !sl.answered {
				sl.answered, sl.err = true, fmt.Errorf("%s: %w", sl.name, err)
			}
		}
	}
}

// receive waits for answers and files them: for all there are to come, or for as many
// as make room for more requests.
func (p *pipeline) receive() {
	p.s.wants(p.x, min(p.open, len(p.slots)/2))
	if err := p.s.wait(p.x, p.timer, p.slot(p.told).name); err != nil {
		if p.failed == nil {
			p.failed = err
		}
		for i := p.told; i < p.begun; i++ {
			if sl := p.slot(i); !sl.answered {
				sl.answered, sl.err = true, p.s.away(sl.name)
			}
		}
		return
	}
	p.in = p.s.take(p.x, p.in)
	_ = p.in.each(func(id uint16, context uint32, data []byte) error {
		i := int(context - p.x.first)
		if i < p.told || i >= p.begun || p.slot(i).answered {
			return nil
		}
		sl := p.slot(i)
		p.open--
		sl.answered, sl.err = true, p.answer(i, sl.name, id, data)
		return nil
	})
}

func (p *pipeline) answer(i int, name string, id uint16, data []byte) error {
	r := p.reply(i)
	want, err := p.replied.number(p.s.table, r)
	if err != nil {
		return err
	}
	return p.s.reply(name, r, want, id, data)
}

// tell hands on what is answered, in order.
func (p *pipeline) tell() {
	for p.told < p.begun && p.slot(p.told).answered {
		sl := p.slot(p.told)
		err := sl.err
		*sl = slot{}
		p.told++
		if !p.done(p.told-1, err) {
			p.stopped = true
		}
	}
}
