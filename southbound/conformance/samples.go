package conformance

import (
	"net/netip"

	"github.com/outrigger-cnf/outrigger/agent/path"
	"github.com/outrigger-cnf/outrigger/southbound/object"
)

// Claims in short. Each gives all attributes that its arguments set.

// Up claims a link that is there already, and its admin state.
func Up(name string, up bool) object.Claim {
	return object.NewClaim(&object.Link{Name: name, Up: up}, nil, object.Up)
}

// Link claims attributes of a link.
func Link(l object.Link, attrs ...object.Attr) object.Claim {
	return object.NewClaim(&l, nil, attrs...)
}

// Created claims a link that is to be made, up, with attributes of its kind.
func Created(l object.Link, attrs ...object.Attr) object.Claim {
	l.Up = true
	return object.NewClaim(&l, nil, append([]object.Attr{object.LinkKindAttr, object.Up}, attrs...)...)
}

// Address claims an address.
func Address(link, prefix string) object.Claim {
	p := netip.MustParsePrefix(prefix)
	return object.NewClaim(&object.Address{Link: link, IP: p.Addr(), PrefixLength: uint8(p.Bits())}, nil, object.PrefixLength)
}

// Neighbor claims a static neighbor.
func Neighbor(link, ip, mac string) object.Claim {
	m, err := object.ParseMAC(mac)
	if err != nil {
		panic(err)
	}
	return object.NewClaim(&object.Neighbor{Link: link, IP: netip.MustParseAddr(ip), MAC: m}, nil, object.LinkLayer)
}

// Route claims a route; without next hops it is a blackhole.
func Route(prefix string, metric uint32, hops ...object.NextHop) object.Claim {
	r := &object.Route{Prefix: netip.MustParsePrefix(prefix), Metric: metric, NextHops: hops}
	if len(hops) == 0 {
		r.Type = object.Blackhole
	}
	return object.NewClaim(r, nil, object.RouteType, object.NextHops)
}

// Via is a next hop by gateway, link, or both.
func Via(gateway, link string, weight ...uint16) object.NextHop {
	h := object.NextHop{Link: link}
	if gateway != "" {
		h.Via = netip.MustParseAddr(gateway)
	}
	if len(weight) > 0 {
		h.Weight = weight[0]
	}
	return h
}

// Setting claims a setting.
func Setting(name object.SettingName, f object.Family, link string, value uint32) object.Claim {
	return object.NewClaim(&object.Setting{Name: name, Family: f, Link: link, Value: value}, nil, object.ValueAttr)
}

// samples are what every backend must do with its two ports.
func samples(w World) []Sample {
	p, q := w.Ports()
	addresses := []object.Claim{
		Address(p, "192.0.2.1/24"), Address(q, "198.51.100.1/24"),
		Address(p, "2001:db8:1::1/64"), Address(q, "2001:db8:2::1/64"),
	}
	mac, err := object.ParseMAC("02:00:5e:00:00:17")
	if err != nil {
		panic(err)
	}
	list := []Sample{
		{Name: "existing link",
			Claim: Link(object.Link{Name: p, Up: true, MTU: 1500, Description: "uplink"}, object.Up, object.MTU, object.Description),
			Changes: []object.Claim{
				Link(object.Link{Name: p, Up: false, MTU: 1500, Description: "uplink"}, object.Up, object.MTU, object.Description),
				Link(object.Link{Name: p, Up: true, MTU: 1400, Description: "uplink"}, object.Up, object.MTU, object.Description),
				Link(object.Link{Name: p, Up: true, MTU: 1400, Description: "to the \"spine\""}, object.Up, object.MTU, object.Description),
				Link(object.Link{Name: p, Up: true, MTU: 1400, MAC: mac}, object.Up, object.MTU, object.MACAttr),
			}},
		{Name: "IPv4 address", Claim: Address(p, "192.0.2.7/24"),
			Changes: []object.Claim{Address(p, "192.0.2.7/25")},
			Foreign: Address(p, "192.0.2.7/26").Object},
		{Name: "IPv6 address", Claim: Address(p, "2001:db8::7/64"),
			Changes: []object.Claim{Address(p, "2001:db8::7/65")},
			Foreign: Address(p, "2001:db8::7/66").Object},
		{Name: "IPv4 neighbor", Needs: addresses, Claim: Neighbor(p, "192.0.2.9", "02:00:00:00:00:01"),
			Changes: []object.Claim{Neighbor(p, "192.0.2.9", "02:00:00:00:00:02")},
			Foreign: Neighbor(p, "192.0.2.9", "02:00:00:00:00:03").Object},
		{Name: "IPv6 neighbor", Needs: addresses, Claim: Neighbor(p, "2001:db8:1::9", "02:00:00:00:00:01"),
			Changes: []object.Claim{Neighbor(p, "2001:db8:1::9", "02:00:00:00:00:02")},
			Foreign: Neighbor(p, "2001:db8:1::9", "02:00:00:00:00:03").Object},
	}
	for _, f := range []struct{ name, dst, via1, via2, via3 string }{
		{"IPv4", "203.0.113.0/24", "192.0.2.2", "198.51.100.2", "192.0.2.3"},
		{"IPv6", "2001:db8:f::/48", "2001:db8:1::2", "2001:db8:2::2", "2001:db8:1::3"},
	} {
		list = append(list,
			Sample{Name: f.name + " route", Needs: addresses, Claim: Route(f.dst, 0, Via(f.via1, p)),
				Changes: []object.Claim{
					Route(f.dst, 0, Via(f.via3, p)),
					Route(f.dst, 0, Via(f.via1, p), Via(f.via2, q)),
					Route(f.dst, 0, Via(f.via1, p, 3), Via(f.via2, q, 2)),
					Route(f.dst, 0, Via(f.via2, q)),
					Route(f.dst, 0, Via(f.via1, "")),
					Route(f.dst, 0, Via("", q)),
					Route(f.dst, 0),
				},
				Foreign: Route(f.dst, 0, Via(f.via3, p)).Object},
			Sample{Name: f.name + " route with a metric", Needs: addresses, Claim: Route(f.dst, 77, Via(f.via1, p)),
				Changes: []object.Claim{Route(f.dst, 77, Via(f.via2, q))},
				Foreign: Route(f.dst, 77, Via(f.via3, p)).Object},
			Sample{Name: f.name + " blackhole", Claim: Route(f.dst, 5),
				Foreign: Route(f.dst, 5, Via("", p)).Object},
		)
	}
	return append(list, w.Samples()...)
}

func at(name string) path.Path { return path.Path{{Module: "conf", Name: name}} }
