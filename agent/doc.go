// Package agent is the one way to change anything: the transactional datastore
// between the protocols above it and the drivers below it.
//
//	gNMI, NETCONF, boot file ──Request──▶ Agent.Commit ──Apply──▶ Driver
//	                                          │                      │
//	readers ◀──────────Snapshot◀──────────────┴──────Publish◀────────┘
//
// An Agent holds the datastores running, candidate, startup and operational as
// immutable trees. Agent.Snapshot is an atomic pointer: a reader takes no lock
// and never waits. Agent.Commit lets one writer in at a time and carries a
// Request through one sequence: locks, edits, validation, access control,
// drivers' Check, drivers' Apply, the durable store, publication. Whatever fails
// leaves running, the store and the drivers as they were.
//
// Its parts, a file each: request and edit (what a client may ask for), commit
// (the sequence), session and lock (who may, now), confirm (RFC 6241 §8.4
// confirmed commits), publish (the operational datastore), refresh (counters on
// demand), observe (drivers' events), start (what happens after a restart),
// mend (when a driver could not be brought back), history.
//
// # Datastores across a restart
//
// Running is durable: a restart, kill -9 included, restores the last
// acknowledged commit, because a container restarts where a router reboots.
// Startup (RFC 6241 §8.7) is a datastore of its own, durable too, written by
// copy-config; it becomes running when there is no stored running configuration,
// or when Config.BootStartup asks for what a router's reboot does. Candidate is
// not durable. It is the shared candidate of RFC 6241 §8.3: it follows running
// while nobody has modified it.
//
// A confirmed commit that is pending when the agent stops is rolled back at the
// next start, unless it carries a persist token, its deadline lies ahead and the
// machine has not rebooted meanwhile: then its timer goes on. RFC 6241 §8.4.1
// asks for a rollback when the device reboots; a restart of the agent alone is
// not a reboot, but it is the end of every session.
//
// # Caveats
//
// Operational is what drivers publish laid over running; it is as true as they
// are. A Request without a Session acts as the agent itself, with session-id 0.
package agent
