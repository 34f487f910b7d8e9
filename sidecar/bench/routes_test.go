package bench

import (
	"context"
	"fmt"
	"strings"
	"testing"

	gpb "github.com/openconfig/gnmi/proto/gnmi"

	"github.com/outrigger-cnf/outrigger/agent"
	"github.com/outrigger-cnf/outrigger/agent/store"
	"github.com/outrigger-cnf/outrigger/agent/validate"
	"github.com/outrigger-cnf/outrigger/gen"
	"github.com/outrigger-cnf/outrigger/northbound/auth"
	"github.com/outrigger-cnf/outrigger/northbound/gnmi"
	"github.com/outrigger-cnf/outrigger/southbound"
	"github.com/outrigger-cnf/outrigger/southbound/applied"
	"github.com/outrigger-cnf/outrigger/southbound/ietf"
	"github.com/outrigger-cnf/outrigger/southbound/object"
	"github.com/outrigger-cnf/outrigger/southbound/openconfig"
	"github.com/outrigger-cnf/outrigger/southbound/plan"
)

// nothing is a dataplane that has one link, and does all it is told in no time:
// what is measured on it is the rest.
type nothing struct{}

var out = &object.LinkState{Link: object.Link{Name: "out", Kind: object.Ethernet, Up: true, MTU: 1500}, Index: 1, Oper: object.OperUp}

func (nothing) Check(*object.Claim) error                   { return nil }
func (nothing) Normal(o object.Object) object.Object        { return o }
func (nothing) NeedsUp(object.Object) bool                  { return false }
func (nothing) Takes(plan.Step, object.Object) bool         { return false }
func (nothing) Exclusive(object.Object) string              { return "" }
func (nothing) ReadFirst(object.Kind) bool                  { return false }
func (nothing) Stats() southbound.Stats                     { return southbound.Stats{} }
func (nothing) Do(context.Context, plan.Step) error         { return nil }
func (nothing) Restore(context.Context, object.State) error { return nil }
func (nothing) Change(_, _ object.Object, _ object.Attr) plan.Manner {
	return plan.InPlace
}
func (nothing) Default(object.Object, object.Attr) (object.Object, bool)  { return nil, false }
func (nothing) Dump(context.Context) ([]object.State, error)              { return []object.State{out}, nil }
func (nothing) Read(context.Context, object.Object) (object.State, error) { return out, nil }
func (nothing) Under(context.Context, string) ([]object.State, error)     { return nil, nil }
func (nothing) Counters(context.Context, string, []object.LinkCounters) ([]object.LinkCounters, error) {
	return nil, nil
}
func (nothing) Incarnation(context.Context) (string, error)        { return "one", nil }
func (nothing) Watch(context.Context) (southbound.Watcher, error)  { return silence{}, nil }
func (nothing) DoAll(_ context.Context, steps []plan.Step) []error { return make([]error, len(steps)) }

// silence is a Watcher that never has news.
type silence struct{}

func (silence) Next(ctx context.Context) (southbound.Events, error) {
	<-ctx.Done()
	return southbound.Events{}, ctx.Err()
}
func (silence) Close() error { return nil }

// agentOn starts an agent, as the program makes it, that keeps nothing on disk and
// has that below it.
func agentOn(b *testing.B, backend southbound.Backend) *agent.Agent {
	b.Helper()
	s := gen.Schema()
	validator, err := validate.New(s)
	if err != nil {
		b.Fatal(err)
	}
	oc, err := openconfig.New(s)
	if err != nil {
		b.Fatal(err)
	}
	twin, err := ietf.New(s)
	if err != nil {
		b.Fatal(err)
	}
	d, err := southbound.New(southbound.Config{Backend: backend, Models: []southbound.Model{oc, twin}})
	if err != nil {
		b.Fatal(err)
	}
	root, containers := oc.Applied()
	shown, err := applied.New(s, root, containers...)
	if err != nil {
		b.Fatal(err)
	}
	a, err := agent.New(agent.Config{Schema: s, Store: store.NewEphemeral(s), Drivers: []agent.Driver{d}, Follow: shown.Follow, Validator: validator})
	if err != nil {
		b.Fatal(err)
	}
	if err := a.Start(b.Context()); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { a.Close() })
	return a
}

// BenchmarkSetRoutes is a Set of 10,000 static routes from call to answer, with
// nothing below: all that is done before, between and after what the dataplane
// does. They go by another Set.
func BenchmarkSetRoutes(b *testing.B) {
	a := agentOn(b, nothing{})
	server := gnmi.New(gnmi.Config{Agent: a, Schema: a.Schema()})
	ctx := auth.NewContext(b.Context(), auth.Identity{User: "admin"})
	_, err := server.Set(ctx, &gpb.SetRequest{Update: []*gpb.Update{jsonUpdate("/interfaces/interface[name=out]",
		`{"config": {"name": "out", "type": "iana-if-type:ethernetCsmacd", "enabled": true}}`)}})
	if err != nil {
		b.Fatal(err)
	}
	create, remove := manyRoutes(10_000)
	b.ReportAllocs()
	for b.Loop() {
		for _, r := range []*gpb.SetRequest{create, remove} {
			if _, err := server.Set(ctx, r); err != nil {
				b.Fatal(err)
			}
		}
	}
}

// manyRoutes are Sets that create n static routes over the link out, and delete
// them.
func manyRoutes(n int) (create, remove *gpb.SetRequest) {
	const instance = "/network-instances/network-instance[name=DEFAULT]"
	var routes strings.Builder
	routes.WriteString(`{"config": {"name": "DEFAULT", "type": "openconfig-network-instance-types:DEFAULT_INSTANCE"}, "protocols": {"protocol": [{` +
		`"identifier": "openconfig-policy-types:STATIC", "name": "static", ` +
		`"config": {"identifier": "openconfig-policy-types:STATIC", "name": "static"}, "static-routes": {"static": [`)
	for i := range n {
		if i > 0 {
			routes.WriteByte(',')
		}
		prefix := fmt.Sprintf("10.%d.%d.0/24", i>>8, i&255)
		fmt.Fprintf(&routes, `{"prefix": "%[1]s", "config": {"prefix": "%[1]s"}, "next-hops": {"next-hop": [`+
			`{"index": "0", "config": {"index": "0", "next-hop": "192.0.2.2"}, "interface-ref": {"config": {"interface": "out"}}}]}}`, prefix)
	}
	routes.WriteString(`]}}]}}`)
	return &gpb.SetRequest{Update: []*gpb.Update{jsonUpdate(instance, routes.String())}},
		&gpb.SetRequest{Delete: []*gpb.Path{path(instance + "/protocols")}}
}
