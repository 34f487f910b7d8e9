package vpp

import (
	"context"
	"fmt"

	"go.fd.io/govpp/api"
)

// write makes one exchange that changes VPP.
func (b *Backend) write(ctx context.Context, req, reply api.Message) error {
	b.stats.writes.Add(1)
	return b.conn.Call(ctx, req, reply)
}

// undo is what takes back what has been done so far.
type undo []func(ctx context.Context) error

func (u *undo) add(f func(ctx context.Context) error) { *u = append(*u, f) }

// run takes back in reverse order, as far as it can, even where ctx has ended, and
// returns err with what went wrong on the way.
func (u undo) run(ctx context.Context, err error) error {
	ctx = context.WithoutCancel(ctx)
	for i := len(u) - 1; i >= 0; i-- {
		if back := u[i](ctx); back != nil {
			err = fmt.Errorf("%w; and taking back what was done: %w", err, back)
		}
	}
	return err
}
