// Package vpp is the southbound backend for FD.io VPP 25.10, by its binary API:
// interfaces, bridge domains, tables, addresses, neighbors and routes of one VPP.
//
// Its parts: the connection (conn/) and the counters in shared memory (segment/);
// links, with a file for each kind of them; addresses, neighbors, routes, tables
// and settings; what there is to know of them all before a step (rules, check), and
// what is told of them (dump, watch, counters). vpptest/ has VPPs to test against.
//
// # Names and numbers
//
// A link's name is the name of its interface in VPP; what is made here is renamed
// at once. VPP knows interfaces by numbers that it gives again soon. They are
// remembered within one connection only, and before something is changed it is seen
// that the number still has the name.
//
// # Ownership
//
// An interface and a bridge domain that were made here have a tag that begins with
// a mark, a table has a name that does, and routes have a source of their own. An
// address and a neighbor cannot be marked in VPP: the driver keeps a ledger of them.
//
// # What is told
//
// VPP tells of interfaces and of neighbors. It tells nothing of addresses, routes,
// tables, names, tags and MTUs: these are read every Poll, less often where that takes
// VPP long, and compared. Somebody else's change of them is seen only then.
//
// # What it costs
//
// A step about one object, and reading one, cost the same however many others there
// are, but for what VPP cannot be asked for alone. To make a link all names are gone
// through: VPP finds one by its name only so, and would give it twice. Whoever lends
// addresses to others is found among all loans. Reading a port lists all bridge
// domains where it is not in the one that it was in before, and reading a link in a
// VRF lists the tables.
//
// # Caveats
//
// VPP has no transactions: a step that takes several messages takes back what it
// did when one fails. VPP may be away at any time, and come back having forgotten
// everything: all methods then return errors that wrap southbound.ErrAway, and
// what was on its way may or may not have been done.
package vpp
