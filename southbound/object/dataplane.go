package object

import (
	"slices"
	"time"
)

// Dataplane is what there is to say of a dataplane that is a process of its own,
// and of the connection to it.
type Dataplane struct {
	Version   string    // of the dataplane, in its own words; the last one known while it is away
	Connected bool      // it answers
	Since     time.Time // of Connected
	Restarts  uint64    // times that it was found to have begun anew
	// Resyncs are the times that all of it was read anew and brought to what is
	// desired, since it had been away or notifications of it were lost.
	Resyncs uint64
	// Missing are the features that this dataplane lacks or has in another
	// version, each with the reason; what needs them is refused.
	Missing []string
}

// Same compares all.
func (d Dataplane) Same(o Dataplane) bool {
	return d.Version == o.Version && d.Connected == o.Connected && d.Since.Equal(o.Since) &&
		d.Restarts == o.Restarts && d.Resyncs == o.Resyncs && slices.Equal(d.Missing, o.Missing)
}
