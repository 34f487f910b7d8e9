package gnmi_test

import (
	"slices"
	"strings"
	"testing"

	gpb "github.com/openconfig/gnmi/proto/gnmi"
	"google.golang.org/grpc/codes"

	"github.com/outrigger-cnf/outrigger/northbound/gnmi"
)

// What the wildcards of a request stand for is bounded for all its paths
// together.
func TestMaxTargets(t *testing.T) {
	b := newBench(t, gnmi.Limits{MaxTargets: 100})
	b.configure("/openconfig-zoo:zoo/cage/bars = 3")
	few := []*gpb.Subscription{onChange("/..."), onChange("/zoo/...")}
	b.subscribe(list(stream, few...)).sync()
	many := slices.Repeat([]*gpb.Subscription{onChange("/...")}, 50)
	wantCode(t, b.subscribe(list(stream, many...)).end(), codes.ResourceExhausted, "more than 100 nodes")
	paths := slices.Repeat([]*gpb.Path{gp("/...")}, 50)
	_, err := b.client.Get(b.ctx(), &gpb.GetRequest{Path: paths})
	wantCode(t, err, codes.ResourceExhausted, "more than 100 nodes")
	_, err = b.client.Set(b.ctx(), &gpb.SetRequest{Delete: paths})
	wantCode(t, err, codes.ResourceExhausted, "more than 100 nodes")
}

func TestMaxDepth(t *testing.T) {
	b := newBench(t, gnmi.Limits{MaxDepth: 10})
	nested := func(depth int) *gpb.SetRequest {
		return update(up("/zoo/notes", ietfVal(`{"x":`+strings.Repeat("[", depth)+strings.Repeat("]", depth)+`}`)))
	}
	b.set(nested(5))
	_, err := b.client.Set(b.ctx(), nested(10))
	wantCode(t, err, codes.InvalidArgument, "nested deeper than 10")
}
