// Package soak holds the program to its word over and over: random commits over
// both protocols against a model in the test, SIGKILL at random moments,
// sessions that see and lock each other, and clients that vanish.
//
// It is tests only. Each runs the program, built with the race detector, in a
// network namespace of its own, as root, on the kernel of the machine, with a
// state directory on disk. Nothing of the program is linked in: what the tests
// believe is in their own tables, and what the kernel holds is told by iproute2.
//
//	data       configuration as a flat map of leafs; edits; JSON and XML
//	rules      what is valid, and what the kernel must hold, of such a map
//	generate   random edits, good and bad
//	kernel     what the kernel does hold
//
// Flags: -seed and -commits, -kills, -binary for a program that is built already.
package soak
