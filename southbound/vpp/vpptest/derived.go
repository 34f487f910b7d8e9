package vpptest

import (
	"net/netip"

	"go.fd.io/govpp/binapi/fib_types"
)

// derived are the entries of a table that nobody asked for: those of every table,
// of the addresses of interfaces that are up, of neighbors, and of next hops that
// name no interface.
func (l *life) derived(key tableKey) map[netip.Prefix]*fibEntry {
	d := derivation{entries: make(map[netip.Prefix]*fibEntry), proto: fib_types.FibPathNhProto(family(key.v6))}
	d.constant(key.v6)
	for _, k := range l.links.all {
		if k == nil || k.tables[family(key.v6)] != key.id || !l.routes3(k) {
			continue
		}
		for _, a := range k.addrs[family(key.v6)] {
			d.address(k.index, a)
		}
	}
	for n, e := range l.neighbors {
		k := l.links.all[n.link]
		table := uint32(0) // of a link that has gone, too
		if k != nil {
			table = k.tables[family(key.v6)]
		}
		if n.ip.Is6() == key.v6 && table == key.id && !e.noEntry() && !n.ip.IsLinkLocalUnicast() {
			d.add(host(n.ip), sourceAdjacency, d.path(n.link, n.ip))
		}
	}
	l.recursive(key, &d)
	return d.entries
}

// routes3 reports whether the addresses of an interface are in its table. A port
// of a bridge keeps them there.
func (l *life) routes3(k *link) bool { return k.admin && k.lender == none }

// interfaceHas reports whether anything but the API could have a prefix.
func (l *life) interfaceHas(key tableKey, p netip.Prefix) bool {
	if p.IsSingleIP() {
		return true
	}
	for _, k := range l.links.all {
		if k == nil {
			continue
		}
		for _, a := range k.addrs[family(key.v6)] {
			if a.Masked() == p {
				return true
			}
		}
	}
	return p.Bits() <= 10
}

type derivation struct {
	entries map[netip.Prefix]*fibEntry
	proto   fib_types.FibPathNhProto
}

func host(a netip.Addr) netip.Prefix { return netip.PrefixFrom(a, a.BitLen()) }

func (d *derivation) add(shown netip.Prefix, source uint8, paths ...fib_types.FibPath) {
	p := shown.Masked()
	e := d.entries[p]
	if e == nil {
		e = &fibEntry{shown: shown}
		d.entries[p] = e
	}
	if e.of(source) < 0 {
		e.sources = append(e.sources, fibPaths{source: source, paths: paths})
	}
}

func (d *derivation) path(link uint32, nh netip.Addr) fib_types.FibPath {
	p := fib_types.FibPath{SwIfIndex: link, Weight: 1, Proto: d.proto}
	p.Nh.Address = union(nh)
	return p
}

func (d *derivation) drop() fib_types.FibPath {
	return fib_types.FibPath{SwIfIndex: none, Weight: 1, Type: fib_types.FIB_API_PATH_TYPE_DROP, Proto: d.proto}
}

// constant are the entries of every table.
func (d *derivation) constant(v6 bool) {
	if v6 {
		d.add(netip.MustParsePrefix("::/0"), sourceDefault, d.drop())
		d.add(netip.MustParsePrefix("fe80::/10"), sourceSpecial, d.path(none, netip.Addr{}))
		return
	}
	for _, p := range []string{"0.0.0.0/0", "0.0.0.0/32", "255.255.255.255/32"} {
		d.add(netip.MustParsePrefix(p), sourceDefault, d.drop())
	}
	for _, p := range []string{"224.0.0.0/4", "240.0.0.0/4"} {
		d.add(netip.MustParsePrefix(p), sourceSpecial, d.drop())
	}
}

// address adds what an address of an interface brings with it.
func (d *derivation) address(link uint32, a netip.Prefix) {
	local := d.path(link, a.Addr())
	local.Type = fib_types.FIB_API_PATH_TYPE_LOCAL
	d.add(host(a.Addr()), sourceInterface, local)
	if a.IsSingleIP() {
		return
	}
	shown := a
	if a.Addr().Is6() {
		shown = a.Masked()
	}
	d.add(shown, sourceInterface, d.path(link, netip.Addr{}))
	if a.Addr().Is6() {
		return
	}
	low, high := a.Masked().Addr(), last(a)
	switch {
	case a.Bits() == 31:
		for _, end := range []netip.Addr{low, high} {
			if end != a.Addr() {
				d.add(host(end), sourceInterface, d.path(link, end))
			}
		}
	default:
		d.add(host(low), sourceInterface, d.drop())
		d.add(host(high), sourceInterface, d.drop())
	}
}

// last is the broadcast address of an IPv4 prefix.
func last(p netip.Prefix) netip.Addr {
	a := p.Masked().Addr().As4()
	for i := p.Bits(); i < 32; i++ {
		a[i/8] |= 0x80 >> (i % 8)
	}
	return netip.AddrFrom4(a)
}

// recursive adds the next hops that are looked up themselves.
func (l *life) recursive(key tableKey, d *derivation) {
	t := l.fibs[key]
	if t == nil {
		return
	}
	var next []netip.Addr
	for _, e := range t.routes {
		for _, s := range e.sources {
			for _, p := range s.paths {
				if rank(p) == 3 {
					if key.v6 {
						next = append(next, netip.AddrFrom16(p.Nh.Address.GetIP6()))
					} else {
						next = append(next, netip.AddrFrom4(p.Nh.Address.GetIP4()))
					}
				}
			}
		}
	}
	for _, a := range next {
		for bits := a.BitLen() - 1; bits >= 0; bits-- {
			_, b := l.at(key, t, netip.PrefixFrom(a, bits).Masked(), d.entries)
			if b == nil {
				continue
			}
			if len(b.paths) == 1 && rank(b.paths[0]) == 2 { // a network that is connected
				d.add(host(a), sourceRecursive, d.path(b.paths[0].SwIfIndex, a))
			} else {
				d.add(host(a), sourceRecursive, b.paths...)
			}
			break
		}
	}
}
