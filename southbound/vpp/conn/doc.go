// Package conn is the connection to a VPP: its binary API over a Unix socket, and
// its counters in shared memory. It knows no object.
//
//	Conn ── run ──▶ dial, handshake ──▶ session ── reader ──▶ exchanges, listeners
//	  │                                    ▲
//	  ├── Call, Dump, Together, Pipeline ──┘
//	  └── Counters ──▶ segment (shared memory)
//
// The messages and their codec are GoVPP's; the connection is not. What it needs
// and GoVPP's lacks: a deadline on all, attempts for ever, a renewal after a
// timeout, many exchanges in flight in one goroutine, and notifications that are
// asked for again. A request is one write, a reply one copy.
//
// # When an answer fails to come
//
// A session that does not answer is given up: what waits for it gets an error
// that wraps southbound.ErrAway, and another connection is made. Two things keep
// the late from doing harm. Contexts go on counting over all connections, from a
// random number, so that no reply is ever taken for another one's, not even when
// VPP hands a number that it had given to a former connection to a new one. And
// the session given up is not closed but drained: a ping goes out as its last
// message, and no new connection is of use before it is answered, since by then
// whatever was asked before has been done. Only where VPP answers the new
// connection and not the old one, the old one is closed after a while.
//
// # Caveats
//
// A message whose length VPP thinks wrong, it drops without an answer. VPP tells
// nobody's commands apart: while it carries out somebody's long one it answers
// nobody, and is away when that takes longer than the deadline.
package conn
