package gnmi_test

import (
	"strings"
	"testing"

	gpb "github.com/openconfig/gnmi/proto/gnmi"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/outrigger-cnf/outrigger/agent"
	"github.com/outrigger-cnf/outrigger/agent/fault"
	"github.com/outrigger-cnf/outrigger/northbound/gnmi"
)

func jsonVal(s string) *gpb.TypedValue {
	return &gpb.TypedValue{Value: &gpb.TypedValue_JsonVal{JsonVal: []byte(s)}}
}

func ietfVal(s string) *gpb.TypedValue {
	return &gpb.TypedValue{Value: &gpb.TypedValue_JsonIetfVal{JsonIetfVal: []byte(s)}}
}

func stringVal(s string) *gpb.TypedValue {
	return &gpb.TypedValue{Value: &gpb.TypedValue_StringVal{StringVal: s}}
}

func uintVal(n uint64) *gpb.TypedValue {
	return &gpb.TypedValue{Value: &gpb.TypedValue_UintVal{UintVal: n}}
}

func up(p string, v *gpb.TypedValue) *gpb.Update { return &gpb.Update{Path: gp(p), Val: v} }

func update(us ...*gpb.Update) *gpb.SetRequest  { return &gpb.SetRequest{Update: us} }
func replace(us ...*gpb.Update) *gpb.SetRequest { return &gpb.SetRequest{Replace: us} }
func union(us ...*gpb.Update) *gpb.SetRequest   { return &gpb.SetRequest{UnionReplace: us} }

func remove(paths ...string) *gpb.SetRequest {
	r := &gpb.SetRequest{}
	for _, p := range paths {
		r.Delete = append(r.Delete, gp(p))
	}
	return r
}

func (b *bench) set(r *gpb.SetRequest) *gpb.SetResponse {
	b.t.Helper()
	resp, err := b.client.Set(b.ctx(), r)
	if err != nil {
		b.t.Fatal(err)
	}
	return resp
}

// running renders what is configured, without defaults and keys.
func (b *bench) running() string {
	var out strings.Builder
	for p, n := range b.agent.Snapshot().Running.Under(nil) {
		if n.Schema().IsKey() {
			continue
		}
		out.WriteString(p.String() + " =")
		if vs := n.Values(); vs != nil {
			for _, v := range vs {
				out.WriteString(" " + v.Text)
			}
		} else {
			out.WriteString(" " + n.Value().Text)
		}
		out.WriteByte('\n')
	}
	return out.String()
}

func TestSet(t *testing.T) {
	const (
		ifs  = "/openconfig-interfaces:interfaces/interface"
		ni   = "/openconfig-network-instance:network-instances/network-instance"
		ietf = "/ietf-interfaces:interfaces/interface"
	)
	tests := []struct {
		name   string
		before []string
		req    *gpb.SetRequest
		want   string
	}{
		{"empty", []string{eth0 + "/config/mtu = 70"}, &gpb.SetRequest{}, eth0 + "/config/mtu = 70"},
		{"10 leaf as a scalar", nil, update(up("/interfaces/interface[name=eth0]/config/mtu", uintVal(70))), eth0 + "/config/mtu = 70"},
		{"10 leaf as a signed scalar", nil, update(up("/interfaces/interface[name=eth0]/config/mtu", &gpb.TypedValue{Value: &gpb.TypedValue_IntVal{IntVal: 70}})), eth0 + "/config/mtu = 70"},
		{"10 leaf as json_val", nil, update(up("/interfaces/interface[name=eth0]/config/description", jsonVal(`"x"`))), eth0 + "/config/description = x"},
		{"10 leaf as json_ietf_val", nil, update(up("/interfaces/interface[name=eth0]/config/mtu", ietfVal(`70`))), eth0 + "/config/mtu = 70"},
		{"9 container as json_val", nil, update(up("/interfaces/interface[name=eth0]/config", jsonVal(`{"mtu":70,"enabled":false}`))), eth0 + "/config/mtu = 70\n" + eth0 + "/config/enabled = false"},
		{"12 64 bits as a string", nil, update(up("/interfaces/interface[name=eth0]/config", ietfVal(`{"openconfig-interfaces:speed":"18446744073709551615"}`))), eth0 + "/config/speed = 18446744073709551615"},
		{"12 identity with its module", nil, update(up("/interfaces/interface[name=eth0]/config/type", ietfVal(`"openconfig-types:ETHERNET"`))), eth0 + "/config/type = openconfig-types:ETHERNET"},
		{"12 identity without", nil, update(up("/interfaces/interface[name=eth0]/config/type", stringVal("ETHERNET"))), eth0 + "/config/type = openconfig-types:ETHERNET"},
		{"12 identity without in JSON", nil, update(up("/interfaces/interface[name=eth0]/config", jsonVal(`{"type":"ETHERNET"}`))), eth0 + "/config/type = openconfig-types:ETHERNET"},
		{"13 decimal64 as double_val", nil, update(up("/interfaces/interface[name=eth0]/config/ratio", &gpb.TypedValue{Value: &gpb.TypedValue_DoubleVal{DoubleVal: 1.25}})), eth0 + "/config/ratio = 1.25"},
		{"14 key with special characters", nil, update(up(`/interfaces/interface[name=a\/b\[c\]\\d:1]/config/mtu`, uintVal(70))), ifs + `[name='a/b[c]\d:1']/config/mtu = 70`},
		{"14 IPv6 prefix", nil, update(up("/interfaces/interface[name=eth0]/addresses/address[ip=2001:db8::1][zone=a b]/config/prefix-length", uintVal(64))), eth0 + "/openconfig-if-ip:addresses/address[ip='2001:db8::1'][zone='a b']/config/prefix-length = 64"},
		{"20 leaf-list update merges", []string{eth0 + "/config/tag = a"}, update(up("/interfaces/interface[name=eth0]/config/tag", jsonVal(`["b"]`))), eth0 + "/config/tag = a b"},
		{"20 leaf-list replace replaces", []string{eth0 + "/config/tag = a"}, replace(up("/interfaces/interface[name=eth0]/config/tag", jsonVal(`["b"]`))), eth0 + "/config/tag = b"},
		{"leaf-list as scalars", nil, update(up("/interfaces/interface[name=eth0]/config/tag", &gpb.TypedValue{Value: &gpb.TypedValue_LeaflistVal{LeaflistVal: &gpb.ScalarArray{Element: []*gpb.TypedValue{stringVal("x"), stringVal("y")}}}})), eth0 + "/config/tag = x y"},
		{"prefix", nil, &gpb.SetRequest{Prefix: &gpb.Path{Target: "dut", Elem: gp("/interfaces/interface[name=eth0]").Elem}, Update: []*gpb.Update{up("/config/mtu", uintVal(70))}}, eth0 + "/config/mtu = 70"},
		{"delete, replace, update in that order", []string{eth0 + "/config/mtu = 70", eth0 + "/config/description = old"}, &gpb.SetRequest{
			Update:  []*gpb.Update{up("/interfaces/interface[name=eth0]/config/description", stringVal("new"))},
			Replace: []*gpb.Update{up("/interfaces/interface[name=eth0]/config", jsonVal(`{"mtu":71}`))},
			Delete:  []*gpb.Path{gp("/interfaces/interface[name=eth0]")},
		}, eth0 + "/config/description = new\n" + eth0 + "/config/mtu = 71"},
		{"the last of two updates counts", nil, update(up("/interfaces/interface[name=eth0]/config/mtu", uintVal(70)), up("/interfaces/interface[name=eth0]/config/mtu", uintVal(71))), eth0 + "/config/mtu = 71"},
		{"replace resets the rest", []string{eth0 + "/config/mtu = 70", eth0 + "/config/enabled = false"}, replace(up("/interfaces/interface[name=eth0]/config", jsonVal(`{"description":"x"}`))), eth0 + "/config/description = x"},
		{"replace of a list removes other entries", []string{eth0 + "/config/mtu = 70", ifs + "[name='eth1']/config/mtu = 70"}, replace(up("/interfaces/interface", jsonVal(`[{"name":"eth2","config":{"mtu":72}}]`))), ifs + "[name='eth2']/config/mtu = 72"},
		{"update of a list adds entries", []string{eth0 + "/config/mtu = 70"}, update(up("/interfaces/interface", jsonVal(`[{"name":"eth2","config":{"mtu":72}}]`))), eth0 + "/config/mtu = 70\n" + ifs + "[name='eth2']/config/mtu = 72"},
		{"update with a key leaf creates the entry", nil, update(up("/interfaces/interface[name=eth0]/name", stringVal("eth0")), up("/interfaces/interface[name=eth0]/config/name", stringVal("eth0"))), eth0 + "/config/name = eth0"},
		{"entry with {} is created by update", []string{ni + "[name='d']/config/enabled = true"}, update(up("/interfaces/interface[name=eth0]", jsonVal(`{}`)), up("/interfaces/interface[name=eth0]/config/mtu", uintVal(70))), eth0 + "/config/mtu = 70\n" + ni + "[name='d']/config/enabled = true"},
		{"16 root replace leaves other origins alone", []string{eth0 + "/config/mtu = 70", ni + "[name='d']/config/enabled = true", ietf + "[name='e']/enabled = false"},
			replace(up("/", ietfVal(`{"openconfig-interfaces:interfaces":{"interface":[{"name":"eth0","config":{"mtu":71}}]}}`))), eth0 + "/config/mtu = 71\n" + ietf + "[name='e']/enabled = false"},
		{"16 root replace of everything", []string{eth0 + "/config/mtu = 70", ietf + "[name='e']/enabled = false"},
			replace(up("rfc7951:/", ietfVal(`{"openconfig-interfaces:interfaces":{"interface":[{"name":"eth0","config":{"mtu":71}}]}}`))), eth0 + "/config/mtu = 71"},
		{"16 root update", []string{ietf + "[name='e']/enabled = false"},
			update(up("/", jsonVal(`{"interfaces":{"interface":[{"name":"eth0","config":{"mtu":71}}]}}`))), eth0 + "/config/mtu = 71\n" + ietf + "[name='e']/enabled = false"},
		{"other module", nil, update(up("ietf-interfaces:/interfaces/interface[name=e]/enabled", jsonVal(`false`))), ietf + "[name='e']/enabled = false"},
		{"delete what is not there", nil, remove("/interfaces/interface[name=eth0]", "/network-instances"), ""},
		{"delete with a wildcard", []string{eth0 + "/config/mtu = 70", ifs + "[name='eth1']/config/mtu = 70", ifs + "[name='eth1']/config/description = x"}, remove("/interfaces/interface[name=*]/config/mtu"), ifs + "[name='eth1']/config/description = x"},
		{"delete with a part of the keys", []string{
			eth0 + "/openconfig-if-ip:addresses/address[ip='a'][zone='1']/config/prefix-length = 1",
			eth0 + "/openconfig-if-ip:addresses/address[ip='a'][zone='2']/config/prefix-length = 1",
			eth0 + "/openconfig-if-ip:addresses/address[ip='b'][zone='1']/config/prefix-length = 1"},
			remove("/interfaces/interface/addresses/address[ip=a]"), eth0 + "/openconfig-if-ip:addresses/address[ip='b'][zone='1']/config/prefix-length = 1"},
		{"delete at any depth", []string{eth0 + "/config/mtu = 70", eth0 + "/config/description = x"}, remove("/interfaces/.../description"), eth0 + "/config/mtu = 70"},
		{"delete the root of an origin", []string{eth0 + "/config/mtu = 70", ietf + "[name='e']/enabled = false"}, remove("/"), ietf + "[name='e']/enabled = false"},
		{"union_replace", []string{eth0 + "/config/mtu = 70", ni + "[name='d']/config/enabled = true", ietf + "[name='e']/enabled = false"},
			union(up("openconfig:/", ietfVal(`{"openconfig-interfaces:interfaces":{"interface":[{"name":"eth0","config":{"description":"x"}}]}}`)),
				up("ietf-interfaces:/interfaces/interface[name=f]", jsonVal(`{"name":"f","enabled":false}`))),
			eth0 + "/config/description = x\n" + ietf + "[name='e']/enabled = false\n" + ietf + "[name='f']/enabled = false"},
		{"union_replace joins", []string{eth0 + "/config/mtu = 70"},
			union(up("/interfaces", jsonVal(`{"interface":[{"name":"eth0","config":{"description":"x"}}]}`)), up("/interfaces/interface[name=eth0]/config/tag", jsonVal(`["a"]`))),
			eth0 + "/config/description = x\n" + eth0 + "/config/tag = a"},
	}
	b := newBench(t, gnmi.Limits{})
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b.t = t
			b.configure("-/openconfig-interfaces:interfaces", "-/openconfig-network-instance:network-instances", "-/ietf-interfaces:interfaces")
			b.configure(tt.before...)
			b.set(tt.req)
			want(t, b.running(), tt.want)
		})
	}
	b.t = t
}

func TestSetResponse(t *testing.T) {
	b := newBench(t, gnmi.Limits{})
	resp := b.set(&gpb.SetRequest{
		Prefix:  &gpb.Path{Target: "dut"},
		Delete:  []*gpb.Path{gp("/interfaces/interface[name=eth9]")},
		Replace: []*gpb.Update{up("/interfaces/interface[name=eth0]/config/mtu", uintVal(70))},
		Update:  []*gpb.Update{up("/interfaces/interface[name=eth0]/config/mtu", uintVal(71))},
	})
	if got := resp.Prefix.GetTarget(); got != "dut" {
		t.Errorf("target %q", got)
	}
	if resp.Timestamp == 0 {
		t.Error("no timestamp")
	}
	var got strings.Builder
	for _, r := range resp.Response {
		got.WriteString(r.Op.String() + " " + pathText(nil, r.Path) + "\n")
	}
	if got.String() != "DELETE /interfaces/interface[name=eth9]\nREPLACE /interfaces/interface[name=eth0]/config/mtu\nUPDATE /interfaces/interface[name=eth0]/config/mtu\n" {
		t.Errorf("got %s", got.String())
	}
}

func TestSetErrors(t *testing.T) {
	config := "/interfaces/interface[name=eth0]/config"
	tests := []struct {
		name  string
		req   *gpb.SetRequest
		code  codes.Code
		words []string
	}{
		{"bad path", update(up("/interfaces/bogus", uintVal(1))), codes.NotFound, []string{"update 1", "bogus", "interface"}},
		{"bad path of a delete", remove("/interfaces/bogus"), codes.NotFound, []string{"delete 1", "bogus"}},
		{"bad value", update(up(config+"/mtu", uintVal(67))), codes.InvalidArgument, []string{"68", ":interfaces/interface"}},
		{"wrong type", update(up(config+"/enabled", stringVal("maybe"))), codes.InvalidArgument, []string{"enabled"}},
		{"11 string without quotes", update(up(config+"/description", jsonVal(`hello`))), codes.InvalidArgument, nil},
		{"unknown member", update(up(config, jsonVal(`{"bogus":1}`))), codes.InvalidArgument, []string{"bogus"}},
		{"no value", update(&gpb.Update{Path: gp(config)}), codes.InvalidArgument, []string{"value"}},
		{"deprecated value", update(&gpb.Update{Path: gp(config), Value: &gpb.Value{}}), codes.InvalidArgument, []string{"val"}}, //nolint:staticcheck // clients may still send it
		{"scalar for a container", update(up(config, uintVal(1))), codes.InvalidArgument, nil},
		{"{} replaces an entry", replace(up("/interfaces/interface[name=eth0]", jsonVal(` { } `))), codes.InvalidArgument, []string{"{}"}},
		{"key and leaf differ", update(up("/interfaces/interface[name=eth0]", jsonVal(`{"name":"eth1"}`))), codes.InvalidArgument, []string{"eth0", "eth1"}},
		{"key leaf differs", update(up("/interfaces/interface[name=eth0]/name", stringVal("eth1"))), codes.InvalidArgument, []string{"eth0", "eth1"}},
		{"key leaf deleted", remove("/interfaces/interface[name=eth0]/name"), codes.InvalidArgument, []string{"key"}},
		{"state", update(up("/interfaces/interface[name=eth0]/state/ifindex", uintVal(1))), codes.InvalidArgument, []string{"config false"}},
		{"state in a value", update(up("/interfaces/interface[name=eth0]", jsonVal(`{"name":"eth0","state":{"ifindex":1}}`))), codes.InvalidArgument, []string{"state"}},
		{"state deleted", remove("/interfaces/interface[name=eth0]/state"), codes.InvalidArgument, []string{"config false"}},
		{"wildcard in update", update(up("/interfaces/interface[name=*]/config/mtu", uintVal(70))), codes.InvalidArgument, []string{"wildcard"}},
		{"name wildcard in update", update(up("/interfaces/interface[name=eth0]/*/mtu", uintVal(70))), codes.InvalidArgument, []string{"wildcard"}},
		{"key left out", update(up("/interfaces/interface/config/mtu", uintVal(70))), codes.InvalidArgument, []string{"keys"}},
		{"some of the keys", update(up("/interfaces/interface[name=eth0]/addresses/address[ip=a]", jsonVal(`{}`))), codes.InvalidArgument, []string{"keys"}},
		{"union_replace mixed", &gpb.SetRequest{UnionReplace: []*gpb.Update{up("/", jsonVal(`{}`))}, Delete: []*gpb.Path{gp("/")}}, codes.InvalidArgument, []string{"union_replace"}},
		{"union_replace contradicts itself", union(up(config, jsonVal(`{"mtu":70}`)), up(config+"/mtu", uintVal(71))), codes.InvalidArgument, []string{"70", "71", "mtu"}},
		{"other origin in the value", replace(up("openconfig:/", ietfVal(`{"ietf-interfaces:interfaces":{"interface":[{"name":"e"}]}}`))), codes.InvalidArgument, nil},
		{"bytes", update(up(config+"/mtu", &gpb.TypedValue{Value: &gpb.TypedValue_ProtoBytes{ProtoBytes: []byte("x")}})), codes.Unimplemented, nil},
	}
	b := newBench(t, gnmi.Limits{})
	b.configure(eth0 + "/config/mtu = 100")
	before := b.running()
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := b.client.Set(b.ctx(), tt.req)
			wantCode(t, err, tt.code, tt.words...)
			want(t, b.running(), before)
		})
	}
	t.Run("too many operations", func(t *testing.T) {
		b := newBench(t, gnmi.Limits{MaxPaths: 2})
		_, err := b.client.Set(b.ctx(), remove("/", "/", "/"))
		wantCode(t, err, codes.ResourceExhausted, "limit")
	})
}

func TestErrorDetails(t *testing.T) {
	b := newBench(t, gnmi.Limits{})
	_, err := b.client.Set(b.ctx(), update(up("/interfaces/interface[name=eth0]/config/mtu", uintVal(1))))
	var info *errdetails.ErrorInfo
	var bad *errdetails.BadRequest
	for _, d := range status.Convert(err).Details() {
		switch d := d.(type) {
		case *errdetails.ErrorInfo:
			info = d
		case *errdetails.BadRequest:
			bad = d
		}
	}
	if info == nil || info.Domain != "outrigger.dev" || info.Reason != "INVALID_VALUE" || info.Metadata["path"] != eth0+"/config/mtu" {
		t.Errorf("ErrorInfo %v", info)
	}
	if bad == nil || len(bad.FieldViolations) != 1 || bad.FieldViolations[0].Field != eth0+"/config/mtu" {
		t.Errorf("BadRequest %v", bad)
	}
}

// TestTagCodes holds that every error-tag has a code.
func TestTagCodes(t *testing.T) {
	have := map[string]bool{}
	for _, tag := range gnmi.TagCodes() {
		have[tag] = true
	}
	for _, tag := range []fault.Tag{
		fault.InUse, fault.InvalidValue, fault.TooBig, fault.MissingAttribute, fault.BadAttribute, fault.UnknownAttribute,
		fault.MissingElement, fault.BadElement, fault.UnknownElement, fault.UnknownNamespace, fault.AccessDenied, fault.LockDenied,
		fault.ResourceDenied, fault.RollbackFailed, fault.DataExists, fault.DataMissing, fault.OperationNotSupported,
		fault.OperationFailed, fault.MalformedMessage,
	} {
		if !have[string(tag)] {
			t.Errorf("%s has no code", tag)
		}
	}
}

func TestLocked(t *testing.T) {
	b := newBench(t, gnmi.Limits{})
	session, err := b.agent.Open(agent.SessionOptions{User: "other", Protocol: "netconf"})
	if err != nil {
		t.Fatal(err)
	}
	if err := session.Lock(agent.Running); err != nil {
		t.Fatal(err)
	}
	req := update(up("/interfaces/interface[name=eth0]/config/mtu", uintVal(70)))
	_, err = b.client.Set(b.ctx(), req)
	wantCode(t, err, codes.FailedPrecondition, "session")
	found := false
	for _, d := range status.Convert(err).Details() {
		if info, ok := d.(*errdetails.ErrorInfo); ok {
			found = info.Metadata["session-id"] != ""
		}
	}
	if !found {
		t.Errorf("the session is not in the details of %v", err)
	}
	session.Close()
	b.set(req)
}

// TestDriverFails holds that what the driver refuses leaves no trace.
func TestDriverFails(t *testing.T) {
	b := newBench(t, gnmi.Limits{})
	b.driver.FailApply(1, fault.New(fault.OperationFailed, b.path(eth0+"/config/mtu"), "the kernel says no"))
	_, err := b.client.Set(b.ctx(), update(up("/interfaces/interface[name=eth0]/config/mtu", uintVal(70))))
	wantCode(t, err, codes.Aborted, "the kernel says no", "mtu")
	want(t, b.running(), "")
}
