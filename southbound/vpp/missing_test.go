package vpp_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/outrigger-cnf/outrigger/southbound"
	"github.com/outrigger-cnf/outrigger/southbound/object"
	"github.com/outrigger-cnf/outrigger/southbound/plan"
	"github.com/outrigger-cnf/outrigger/southbound/vpp/vpptest"
)

// A VPP that has a message of one kind of link in another version, or not at all,
// has no links of that kind, says so, and has all others.
func TestMissingKind(t *testing.T) {
	for _, c := range []struct {
		message, feature string
		kind             object.LinkKind
	}{
		{"create_loopback_instance", "loopbacks", object.Loopback},
		{"create_subif", "subinterfaces", object.VLAN},
		{"bvi_create", "bridge domains", object.Bridge},
		{"bridge_domain_details", "bridge domains", object.Bridge},
		{"memif_create_v2", "memif", object.Memif},
		{"memif_details", "memif", object.Memif},
		{"af_packet_create_v3", "af-packet", object.AFPacket},
		{"tap_create_v3", "taps", object.Tap},
		{"vxlan_tunnel_v2_details", "VXLAN", object.VXLAN},
		{"gre_tunnel_add_del_v2", "GRE", object.GRE},
		{"ipip_tunnel_details", "IPIP", object.IPIP},
	} {
		t.Run(c.message, func(t *testing.T) {
			f := vpptest.NewAbsent(t)
			f.MissCRC(c.message)
			f.Restart(t)
			b := open(t, f)
			missing := b.Dataplane().Missing
			if len(missing) != 1 || !strings.Contains(missing[0], c.feature) || !strings.Contains(missing[0], c.message) {
				t.Errorf("missing: %q", missing)
			}
			list := append(made(t.TempDir()),
				&object.Link{Name: "ap0", Kind: object.AFPacket, HostLink: "lo"}, &object.Link{Name: "tap0", Kind: object.Tap, HostLink: "ogt0"})
			if c.kind == object.Loopback { // on which others stand
				list = list[:2]
			}
			for _, l := range list {
				err := b.Do(t.Context(), create(l))
				if l.Kind != c.kind {
					if err != nil {
						t.Errorf("%s: %v", l.Name, err)
					}
					continue
				}
				if !errors.Is(err, southbound.ErrUnsupported) || !strings.Contains(err.Error(), c.feature) {
					t.Errorf("%s: %v", l.Name, err)
				}
			}
			for name, l := range links(t, b) {
				if l.Kind == c.kind {
					t.Errorf("%s is there", name)
				}
			}
			if c.kind == object.Bridge {
				s := read(t, b, "lo7").Link
				want := s
				want.Master = "br0"
				step := plan.Step{Op: plan.Update, ID: s.ID(), Have: &s, Want: &want, Attrs: []object.Attr{object.Master}}
				if err := b.Do(t.Context(), step); err == nil {
					t.Error("a port of a bridge that cannot be")
				}
			}
		})
	}
}
