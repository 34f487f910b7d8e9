package gen_test

import (
	"testing"

	"github.com/outrigger-cnf/outrigger/gen"
)

// One path of each model shows that the right schema was embedded.
func TestSchema(t *testing.T) {
	s := gen.Schema()
	for _, path := range []string{
		"/openconfig-interfaces:interfaces/interface/subinterfaces/subinterface/openconfig-if-ip:ipv4/addresses/address/config/prefix-length",
		"/openconfig-interfaces:interfaces/interface/outrigger-ext:link/vxlan/config/vni",
		"/openconfig-network-instance:network-instances/network-instance/protocols/protocol/static-routes/static/next-hops/next-hop/config/metric",
		"/openconfig-network-instance:network-instances/network-instance/afts/ipv4-unicast/ipv4-entry/state/openconfig-aft-network-instance:next-hop-group",
		"/ietf-interfaces:interfaces/interface/ietf-ip:ipv6/address/prefix-length",
		"/ietf-routing:routing/ribs/rib/routes/route/ietf-ipv6-unicast-routing:destination-prefix",
		"/ietf-yang-library:modules-state/module/conformance-type",
		"/ietf-netconf-monitoring:netconf-state/statistics/in-rpcs",
	} {
		if _, _, err := s.Resolve(path); err != nil {
			t.Errorf("%s: %v", path, err)
		}
	}
	for _, path := range []string{
		"/openconfig-interfaces:interfaces/interface/hold-time",
		"/ietf-interfaces:interfaces-state",
	} {
		if _, n, err := s.Resolve(path); err == nil {
			t.Errorf("%s is in the schema (%v), but nothing implements it", path, n.Kind)
		}
	}
}

func BenchmarkSchema(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		gen.Schema()
	}
}
