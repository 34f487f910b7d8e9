package gnmi

import (
	"context"
	"strings"

	gpb "github.com/openconfig/gnmi/proto/gnmi"
	gpbext "github.com/openconfig/gnmi/proto/gnmi_ext"
	"google.golang.org/protobuf/proto"

	"github.com/outrigger-cnf/outrigger/agent/schema"
)

// Capabilities implements gNMI. Among the models is the one that deviates the
// others: what it takes away is not served.
func (s *Server) Capabilities(_ context.Context, req *gpb.CapabilityRequest) (*gpb.CapabilityResponse, error) {
	for _, e := range req.GetExtension() {
		if _, ok := e.GetExt().(*gpbext.Extension_Depth); ok {
			return nil, invalidf("the depth extension has no meaning in Capabilities; it belongs to Get and Subscribe")
		}
	}
	resp := &gpb.CapabilityResponse{SupportedEncodings: encodings, GNMIVersion: version()}
	for _, m := range s.index.schema.Modules {
		if m.Implemented {
			resp.SupportedModels = append(resp.SupportedModels, &gpb.ModelData{
				Name: m.Name, Organization: organization(m), Version: m.Revision,
			})
		}
	}
	return resp, nil
}

// version is the protocol version that the .proto file states.
func version() string {
	v, _ := proto.GetExtension(gpb.File_github_com_openconfig_gnmi_proto_gnmi_gnmi_proto.Options(), gpb.E_GnmiService).(string)
	return v
}

// organization is who publishes a module. Module names are registered by their
// first part.
func organization(m *schema.Module) string {
	first, _, _ := strings.Cut(m.Name, "-")
	switch first {
	case "openconfig":
		return "OpenConfig working group"
	case "ietf", "iana":
		return strings.ToUpper(first)
	default:
		return first
	}
}
