// Package conn is the connection to a VPP: its binary API over a Unix socket, and
// its counters in shared memory. It knows no object.
package conn
