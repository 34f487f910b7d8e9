// Package bench measures the program as a whole: the binary as users get it, in
// a network namespace of its own, with clients that speak gNMI over TLS and
// NETCONF over SSH.
//
//   - BenchmarkIdle: an agent that nobody has asked anything: memory, start
//   - BenchmarkSetAddress: from a gNMI Set to the kernel and back
//   - BenchmarkLinkEvent: from the kernel to a subscriber
//   - BenchmarkResident: memory with 100,000 interfaces
//
// What can be measured without the program is measured beside its code. There
// are only benchmarks here; `make bench` runs them. They need root, for the
// namespace, and ip(8).
package bench
