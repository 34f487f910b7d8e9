package openconfig

import (
	"github.com/outrigger-cnf/outrigger/agent/path"
	"github.com/outrigger-cnf/outrigger/southbound/translate"
)

// Applied names the containers config whose state is what was applied, since no
// dataplane can tell it, and the root that they are below.
func (m *Model) Applied() (root path.Path, containers []path.Path) {
	instance := translate.Below(m.instances, "network-instance")
	protocol := translate.Below(instance, "protocols/protocol")
	static := translate.Below(protocol, "static-routes/static")
	hop := translate.Below(static, "next-hops/next-hop")
	return m.instances, []path.Path{
		translate.Below(instance, "interfaces/interface/config"),
		translate.Below(protocol, "config"),
		translate.Below(static, "config"),
		translate.Below(hop, "config"),
		translate.Below(hop, "interface-ref/config"),
	}
}
