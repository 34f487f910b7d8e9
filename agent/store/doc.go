// Package store is the agent's durable memory: running, startup, the pending
// confirmed commit and the history, in one directory.
//
//	lock              held (flock) by the one agent that uses the directory
//	checkpoint        all of it as of save S, in RFC 7951 JSON
//	journal-<first>   the saves after S in order, each a difference
//	*.torn            what a crash left behind the last whole record, kept for you
//
// Save appends one record to the journal and syncs it (fdatasync); when it
// returns nil the change survives kill -9 and power loss. Records and the
// sections of a checkpoint are frames with a length, a number and CRC-32C sums.
// Once the journal has outgrown the checkpoint, Save begins a new journal and a
// goroutine writes a new checkpoint beside it (written, synced, renamed, directory
// synced) while saves go on; then the older journals are removed. So the cost of
// checkpoints is a constant factor of what is journalled.
//
// Open reads the checkpoint and replays the journals. A record that ends short of
// its length, or fails its sum with nothing intact behind it, is one that was
// being written at a crash and was never acknowledged: it is cut off and kept in
// a .torn file. Damage anywhere else is an error that says where it is; nothing
// is changed then.
//
// When a save fails (a full disk, an I/O error) the journal is cut back to its
// last whole record, so that what was refused is not found at the next start.
//
// # Why not bbolt
//
// The agent holds its trees in memory, immutable and shared, and needs no
// queries, no pages and no read transactions from its store: only a durable log
// of small differences. bbolt writes and syncs twice per commit (data pages, then
// the meta page), rewrites the path to the root, and needs a mapping of data to
// keys; a value of one leaf costs a few 4 KiB pages. A record here is some 300
// bytes and one sync, recovery is a linear read, and the whole of it can be
// tested with a failure at every step.
//
// # Caveats
//
// A record that was acknowledged last and then damaged on the disk cannot be told
// from one that was being written. If cutting the journal back fails too, the
// store refuses every further save until it succeeds; a crash before that may
// bring the refused save back. The store follows one schema: data that the schema
// no longer has is an error at Open.
package store
