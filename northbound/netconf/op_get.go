package netconf

import (
	"context"
	"slices"
	"time"

	"github.com/outrigger-cnf/outrigger/agent"
	"github.com/outrigger-cnf/outrigger/agent/codec"
	"github.com/outrigger-cnf/outrigger/agent/codec/xmlcodec"
	"github.com/outrigger-cnf/outrigger/agent/path"
	"github.com/outrigger-cnf/outrigger/agent/schema"
	"github.com/outrigger-cnf/outrigger/agent/tree"
)

// counterAge is how old counters in a reply may be. Clients that poll at the
// same moment share one reading.
const counterAge = 100 * time.Millisecond

// opGet is RFC 6241 §7.7: configuration and state.
func opGet(c *call, r *xmlcodec.Reader) (action, error) {
	var f filter
	defaults := codec.Explicit
	if err := parameters(r, baseNamespace, filterParam(c, &f), withDefaultsParam(&defaults)); err != nil {
		return nil, err
	}
	return func(ctx context.Context) error {
		if f.ns != nil || f.subtree.reaches(c.srv.monitoring) {
			c.srv.publishCounters()
		}
		// What can not be refreshed is as old as it is; that is no reason to say
		// nothing.
		snap, err := c.srv.agent.Refresh(ctx, f.subtree.common(), counterAge)
		if err != nil {
			c.log.Warn("refreshing counters", "err", err)
			snap = c.srv.agent.Snapshot()
		}
		return c.writeData(snap.Operational, &f, defaults)
	}, nil
}

// opGetConfig is RFC 6241 §7.1.
func opGetConfig(c *call, r *xmlcodec.Reader) (action, error) {
	var f filter
	var source place
	defaults := codec.Explicit
	if err := parameters(r, baseNamespace,
		placeParam(c, "source", false, &source, "", agent.Running, agent.Candidate, agent.Startup),
		filterParam(c, &f), withDefaultsParam(&defaults),
	); err != nil {
		return nil, err
	}
	return func(context.Context) error {
		return c.writeData(c.srv.agent.Snapshot().Tree(source.store), &f, defaults)
	}, nil
}

// writeData writes <data> with what f selects of t.
func (c *call) writeData(t tree.Tree, f *filter, defaults codec.Defaults) error {
	w, err := f.wants(t)
	if err != nil {
		return err
	}
	opts := xmlcodec.Options{Defaults: defaults}
	return c.reply.data("", func(dst []byte) ([]byte, error) {
		if w == nil {
			// What is read as a whole is about as large as the last time.
			dst = slices.Grow(dst, int(c.srv.wholeSize.Load()))
			before := len(dst)
			dst = xmlcodec.AppendChildren(dst, t.Root(), nil, opts)
			size := len(dst) - before
			c.srv.wholeSize.Store(int64(size + size/16))
			return dst, nil
		}
		return appendSelected(dst, t, w, opts), nil
	})
}

// common returns the deepest path above all that w can select; the root for a
// nil want, which selects everything.
func (w *want) common() path.Path {
	var p path.Path
	for w != nil && !w.all && len(w.groups) == 1 {
		g := w.groups[0]
		switch {
		case g.def.Kind != schema.Container && g.def.Kind != schema.List:
			return p
		case len(g.others) == 1 && len(g.order) == 0:
			p = p.Child(g.def.Elem())
			if w = g.others[0]; g.def.Kind == schema.List {
				return p
			}
		case len(g.others) == 0 && len(g.order) == 1 && len(g.order[0].wants) == 1 && len(g.def.Keys) > 0:
			p = p.Child(g.def.Elem(g.order[0].keys...))
			w = g.order[0].wants[0]
		default:
			return p.Child(g.def.Elem())
		}
	}
	return p
}
