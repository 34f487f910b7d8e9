// Package vpptest has VPPs to test against.
//
//   - Fake is a server on a Unix socket that speaks VPP's binary API with the
//     message table of VPP 25.10, and keeps what it is told: interfaces, bridge
//     domains, tables, routes, neighbors, and a stats segment in shared memory. It
//     can be told to hang, die, begin anew with other message numbers, lack
//     messages, answer late and refuse.
//   - Start runs a real VPP.
//   - Client is somebody else's hand on either, and World what the conformance
//     suite needs of them.
//
// What the fake answers was recorded from a real VPP: testdata/probes has
// requests with their replies, and both must give them. Those about taps are asked
// of a real VPP where the kernel has vhost. The fake forwards nothing, learns
// nothing, and lets pass what no test asks of it.
package vpptest

import "testing"

// Dataplane is a VPP, real or not.
type Dataplane interface {
	Socket() string // of the binary API
	Stats() string  // of the stats segment
	Dir() string    // where it keeps its files

	Hang()                // it does nothing any more, and does not close anything
	Resume()              // after Hang
	Die()                 // at once
	Restart(t testing.TB) // after Die: it begins anew, and remembers nothing
	Real() bool

	Forwards(prefix string) bool // a route of the default table leads anywhere
}
