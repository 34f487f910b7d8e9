// Package netconf is the NETCONF server: RFC 6241 (base:1.1) and RFC 4741
// (base:1.0) over SSH (RFC 6242), on the agent's datastores.
//
// From the wire inwards:
//
//	server.go      Config, Server: connections, limits, graceful shutdown
//	ssh.go         host keys, users, global requests, the subsystem channel
//	framing.go     end-of-message and chunked framing
//	session.go     one session: read, answer, watchdog, teardown
//	hello.go, greet.go    capabilities, and the exchange of hellos
//	message.go     <rpc> and <rpc-reply>: attributes echoed, one call
//	operations.go  the dispatch table, and parameters
//	op_*.go        the operations, one group a file
//	errors.go      fault.Error → rpc-error
//	edit.go, edit_attr.go <config> → []agent.Edit
//	filter*.go, fragment.go  subtree and XPath filters, evaluated on the tree
//	monitoring.go  ietf-netconf-monitoring
//	schemas.go     the YANG modules that get-schema serves
//
// A session handles one request at a time, in the order of arrival (RFC 6241
// §4.5); what a client pipelines waits in its SSH window, so that a client can
// make the server hold one message and one reply, never more. Each reply is
// one chunk: clients exist that never look for a second one.
//
// Every message is parsed to its end before anything is done, so that an
// ill-formed message never has an effect.
package netconf
