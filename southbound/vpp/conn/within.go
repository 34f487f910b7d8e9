package conn

import (
	"context"
	"fmt"

	"github.com/outrigger-cnf/outrigger/southbound"
)

type withinKey struct{}

// Within returns a context for exchanges that make sense in the present connection
// only, because numbers in them are those of its VPP. In any other they fail, with
// an error that wraps southbound.ErrAway.
func (c *Conn) Within(ctx context.Context) context.Context {
	if ctx.Value(withinKey{}) != nil {
		return ctx
	}
	var epoch uint64
	if s := c.live.Load(); s != nil {
		epoch = s.epoch
	}
	return context.WithValue(ctx, withinKey{}, epoch)
}

// within reports why a session is not the one that ctx is for.
func (s *session) within(ctx context.Context, what string) error {
	if epoch, ok := ctx.Value(withinKey{}).(uint64); ok && epoch != s.epoch {
		return fmt.Errorf("%s: %w: it was, and another connection has been made since", what, southbound.ErrAway)
	}
	return nil
}
