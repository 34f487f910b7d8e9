package gnmi

import "time"

// Limits bound what clients may ask for. A zero field means its default.
type Limits struct {
	// MaxStreams bounds the Subscribe calls at one time, MaxStreamsPerClient
	// those of one user at one address. Defaults: 1000 and 100.
	MaxStreams, MaxStreamsPerClient int
	// MaxPaths bounds the paths of one request: the subscriptions of a
	// Subscribe, the paths of a Get, the operations of a Set. Default: 10000.
	MaxPaths int
	// MaxDepth bounds the nesting of JSON where the schema does not. Default: 256.
	MaxDepth int
	// MaxBranches bounds the ways through the schema that the wildcards * and ...
	// of one path may stand for. Default: 4096.
	MaxBranches int
	// MaxTargets bounds the same for all paths of one request together.
	// Default: 65536.
	MaxTargets int
	// MaxResponse is the size in bytes at which a response of a stream is cut;
	// only a single value can exceed it. Default: 1 MiB, a quarter of what gRPC
	// clients accept by default.
	MaxResponse int
	// MaxGet bounds the size in bytes of a GetResponse, which cannot be cut.
	// Beyond it is RESOURCE_EXHAUSTED. Default: 256 MiB.
	MaxGet int
	// MinSample is the smallest sample_interval and heartbeat_interval, and what
	// sample_interval 0 means. Default: 100 ms.
	MinSample time.Duration
	// TargetSample is the interval at which counters of a TARGET_DEFINED
	// subscription are sampled. Default: 10 s.
	TargetSample time.Duration
	// MaxQueue bounds the changes that wait, for one stream, to be sent each by
	// itself; a stream that lags further behind gets the difference between what
	// it has seen and what is now. Default: 8192.
	MaxQueue int
	// MaxRoles bounds the roles of master arbitration. Default: 1024.
	MaxRoles int
}

func (l Limits) withDefaults() Limits {
	def := func(v *int, d int) {
		if *v <= 0 {
			*v = d
		}
	}
	def(&l.MaxStreams, 1000)
	def(&l.MaxStreamsPerClient, 100)
	def(&l.MaxPaths, 10000)
	def(&l.MaxDepth, 256)
	def(&l.MaxBranches, 4096)
	def(&l.MaxTargets, 1<<16)
	def(&l.MaxResponse, 1<<20)
	def(&l.MaxGet, 256<<20)
	def(&l.MaxQueue, 8192)
	def(&l.MaxRoles, 1024)
	if l.MinSample <= 0 {
		l.MinSample = 100 * time.Millisecond
	}
	if l.TargetSample <= 0 {
		l.TargetSample = 10 * time.Second
	}
	return l
}
