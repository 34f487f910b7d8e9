package conn

import (
	"fmt"

	"go.fd.io/govpp/api"

	"github.com/outrigger-cnf/outrigger/southbound"
)

// RetvalError is a request that VPP has refused.
type RetvalError struct {
	Message string // the request's name
	Code    api.VPPApiError
}

func (e *RetvalError) Error() string {
	return fmt.Sprintf("%s: %s", e.Message, e.Code)
}

// Unwrap gives the cause in the terms of package southbound, nil where the code
// alone does not tell.
func (e *RetvalError) Unwrap() error {
	switch e.Code {
	case api.NO_SUCH_ENTRY, api.NO_SUCH_FIB, api.INVALID_SW_IF_INDEX, api.INVALID_SW_IF_INDEX_2,
		api.ADDRESS_NOT_FOUND_FOR_INTERFACE, api.NO_MATCHING_INTERFACE, api.INVALID_INTERFACE:
		return southbound.ErrGone
	case api.VALUE_EXIST, api.ENTRY_ALREADY_EXISTS, api.VLAN_ALREADY_EXISTS, api.IF_ALREADY_EXISTS,
		api.SUBIF_ALREADY_EXISTS, api.TUNNEL_EXIST, api.BD_ALREADY_EXISTS, api.INSTANCE_IN_USE,
		api.ADDRESS_IN_USE, api.DUPLICATE_IF_ADDRESS:
		return southbound.ErrExists
	case api.INVALID_VALUE, api.INVALID_VALUE_2, api.INVALID_VALUE_3, api.INVALID_VALUE_4,
		api.INVALID_ARGUMENT, api.INVALID_VLAN, api.INVALID_ADDRESS_FAMILY, api.INVALID_SUB_SW_IF_INDEX:
		return southbound.ErrInvalid
	case api.UNIMPLEMENTED, api.UNSUPPORTED, api.FEATURE_DISABLED:
		return southbound.ErrUnsupported
	}
	return nil
}
