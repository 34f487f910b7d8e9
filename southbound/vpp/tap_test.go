package vpp_test

import (
	"errors"
	"strings"
	"testing"

	"go.fd.io/govpp/binapi/ethernet_types"
	"go.fd.io/govpp/binapi/interface_types"
	"go.fd.io/govpp/binapi/tapv2"

	"github.com/outrigger-cnf/outrigger/southbound"
	"github.com/outrigger-cnf/outrigger/southbound/object"
	"github.com/outrigger-cnf/outrigger/southbound/vpp/vpptest"
)

// onEachTapping is onEach where there can be taps.
func onEachTapping(t *testing.T, f func(t *testing.T, d vpptest.Dataplane)) {
	onEach(t, func(t *testing.T, d vpptest.Dataplane) {
		if !d.Real() || vpptest.HasVhost() {
			f(t, d)
		}
	})
}

// A tap needs a kernel with vhost-net.
func TestTap(t *testing.T) {
	onEach(t, func(t *testing.T, d vpptest.Dataplane) {
		b := open(t, d)
		l := &object.Link{Name: "tap0", Kind: object.Tap, HostLink: "ogt0"}
		err := b.Do(t.Context(), create(l))
		if d.Real() && !vpptest.HasVhost() {
			if !errors.Is(err, southbound.ErrDenied) || !strings.Contains(err.Error(), "/dev/vhost-net") {
				t.Errorf("without vhost-net: %v", err)
			}
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		if s := read(t, b, "tap0"); s.Kind != object.Tap || s.HostLink != "ogt0" || !s.Owned {
			t.Errorf("%+v", s)
		}
		must(t, b, remove(l))
	})
}

// The kernel's end has the same MAC address when it is made again, and another than
// VPP's.
func TestTapMAC(t *testing.T) {
	onEachTapping(t, func(t *testing.T, d vpptest.Dataplane) {
		client := vpptest.Dial(t, d.Socket())
		defer client.Close()
		b := open(t, d)
		l := &object.Link{Name: "tap0", Kind: object.Tap}
		var seen []ethernet_types.MacAddress
		for range 2 {
			must(t, b, create(l))
			list, err := vpptest.Dump[tapv2.SwInterfaceTapV2Details](client, &tapv2.SwInterfaceTapV2Dump{SwIfIndex: interface_types.InterfaceIndex(^uint32(0))})
			if err != nil || len(list) != 1 {
				t.Fatal(list, err)
			}
			seen = append(seen, list[0].HostMacAddr)
			if object.MACAddr(list[0].HostMacAddr) == read(t, b, "tap0").MAC {
				t.Errorf("both ends have %s", list[0].HostMacAddr)
			}
			must(t, b, remove(l))
		}
		if seen[0] != seen[1] {
			t.Errorf("first %s, then %s", seen[0], seen[1])
		}
	})
}

// The kernel's end is a tap's alone, though VPP would share it, and the kernel has
// one link of a name.
func TestTapTaken(t *testing.T) {
	onEachTapping(t, func(t *testing.T, d vpptest.Dataplane) {
		client := vpptest.Dial(t, d.Socket())
		defer client.Close()
		client.Do(t, &tapv2.TapCreateV3{ID: 1, UseRandomMac: true, HostIfNameSet: true, HostIfName: "ogt0"})
		b := open(t, d)
		before := links(t, b)
		for host, reason := range map[string]string{"ogt0": "another tap, tap1", "lo": "another link"} {
			err := b.Do(t.Context(), create(&object.Link{Name: "t0", Kind: object.Tap, HostLink: host}))
			wrong, ok := errors.AsType[*southbound.AttrError](err)
			if !errors.Is(err, southbound.ErrExists) || !ok || wrong.Attr != object.HostLink || !strings.Contains(err.Error(), reason) {
				t.Errorf("%s: %v", host, err)
			}
		}
		if after := links(t, b); len(after) != len(before) {
			t.Errorf("before %s, after %s", names(before), names(after))
		}
		must(t, b, create(&object.Link{Name: "t0", Kind: object.Tap}))
	})
}

// A TUN is listed with the taps.
func TestTUN(t *testing.T) {
	onEachTapping(t, func(t *testing.T, d vpptest.Dataplane) {
		client := vpptest.Dial(t, d.Socket())
		defer client.Close()
		client.Do(t, &tapv2.TapCreateV3{ID: 7, UseRandomMac: true, HostIfNameSet: true, HostIfName: "ogt0", TapFlags: tapv2.TAP_API_FLAG_TUN})
		b := open(t, d)
		if s := read(t, b, "tun7"); s.Kind != object.Other || s.HostLink != "" || s.Owned {
			t.Errorf("%+v", s)
		}
	})
}
