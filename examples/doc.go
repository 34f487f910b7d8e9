// Package examples holds what a user can paste, and proves that it works: the
// .txtar scenarios here are stories told with the clients that users have, each
// run as a test in a network namespace of its own.
//
// A scenario has the commands of testscript and these:
//
//	agent start [FLAGS]   run an agent in the namespace, with --dev and the state
//	                      directory $STATE, until it is ready; by way of the
//	                      command $VIA, if that is set
//	agent kill            end it with SIGKILL
//	agent stop            end it with SIGTERM; it must exit with 0
//	[!] in CMD…           run a command in the namespace
//	until RE CMD…         run a command in the namespace until its output matches
//	tmpfs DIR SIZE        mount a file system of that size on a directory
//	vpp configure FILE    write an agent's configuration for the scenario's VPP,
//	                      which is a fake unless OUTRIGGER_VPP names a VPP
//	vpp start             start it, empty
//	vpp die               end it with SIGKILL
//	vpp mark              remember what it was told to change
//	vpp unchanged         fail if it was told to change anything since
//
// The namespace $NS has a veth pair: net1, to be configured, and peer, up.
package examples
