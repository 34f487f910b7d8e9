package gnmi

import (
	gpb "github.com/openconfig/gnmi/proto/gnmi"
	"google.golang.org/grpc/codes"

	"github.com/outrigger-cnf/outrigger/agent/fault"
)

// encodings that are served, as Capabilities lists them.
var encodings = []gpb.Encoding{gpb.Encoding_JSON, gpb.Encoding_JSON_IETF, gpb.Encoding_PROTO}

// encodingSlots is the number of slots that a cache by encoding needs.
const encodingSlots = int(gpb.Encoding_JSON_IETF) + 1

func checkEncoding(e gpb.Encoding) error {
	for _, served := range encodings {
		if e == served {
			return nil
		}
	}
	return failf(codes.Unimplemented, fault.OperationNotSupported, nil,
		"encoding %s is not supported; use JSON, JSON_IETF or PROTO", e)
}
