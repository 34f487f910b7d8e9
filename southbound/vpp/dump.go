package vpp

import (
	"context"

	"github.com/outrigger-cnf/outrigger/southbound/object"
)

// Dump yields links, and then what is on them, by the names just learnt.
func (b *Backend) Dump(ctx context.Context) ([]object.State, error) {
	ctx = b.conn.Within(ctx)
	epoch := b.conn.Epoch()
	links, err := b.dumpLinks(ctx)
	if err != nil {
		return nil, err
	}
	states := make([]object.State, 0, 4*len(links))
	for _, l := range links {
		states = append(states, l)
	}
	for _, dump := range []func(context.Context) ([]object.State, error){
		b.dumpSettings, b.dumpAddresses, b.dumpNeighbors, b.dumpRoutes,
	} {
		some, err := dump(ctx)
		if err != nil {
			return nil, err
		}
		states = append(states, some...)
	}
	b.told.dump(epoch, states)
	return states, nil
}
