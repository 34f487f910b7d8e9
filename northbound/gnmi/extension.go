package gnmi

import (
	"math"

	gpbext "github.com/openconfig/gnmi/proto/gnmi_ext"
	"google.golang.org/grpc/codes"

	"github.com/outrigger-cnf/outrigger/agent/fault"
)

// readDepth reads the extensions of Get and Subscribe. Only depth means
// something there; 0 is no limit.
func readDepth(exts []*gpbext.Extension) (int, error) {
	depth := 0
	for _, e := range exts {
		switch e := e.GetExt().(type) {
		case *gpbext.Extension_Depth:
			depth = int(min(e.Depth.GetLevel(), math.MaxInt32))
		default:
			if err := refuse(e); err != nil {
				return 0, err
			}
		}
	}
	return depth, nil
}

// setExtensions are the extensions that a Set can have.
type setExtensions struct {
	commit *gpbext.Commit
	master *gpbext.MasterArbitration
}

func readSetExtensions(exts []*gpbext.Extension) (setExtensions, error) {
	var x setExtensions
	for _, e := range exts {
		switch e := e.GetExt().(type) {
		case *gpbext.Extension_Commit:
			if x.commit != nil {
				return x, invalidf("the commit extension stands twice")
			}
			x.commit = e.Commit
		case *gpbext.Extension_MasterArbitration:
			if x.master != nil {
				return x, invalidf("the master arbitration extension stands twice")
			}
			x.master = e.MasterArbitration
		case *gpbext.Extension_Depth:
			return x, invalidf("the depth extension has no meaning in a Set; it belongs to Get and Subscribe")
		default:
			if err := refuse(e); err != nil {
				return x, err
			}
		}
	}
	return x, nil
}

// refuse refuses the extensions that would make the answer wrong if they were
// ignored. Registered ones that nobody here knows are ignored, as is master
// arbitration where nothing is written.
func refuse(ext any) error {
	var name string
	switch ext.(type) {
	case *gpbext.Extension_History:
		name = "history"
	case *gpbext.Extension_ConfigSubscription:
		name = "config_subscription"
	case *gpbext.Extension_Commit:
		return invalidf("the commit extension belongs to Set")
	default:
		return nil
	}
	return failf(codes.Unimplemented, fault.OperationNotSupported, nil, "the %s extension is not supported", name)
}
