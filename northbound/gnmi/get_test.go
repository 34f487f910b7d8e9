package gnmi_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	gpb "github.com/openconfig/gnmi/proto/gnmi"
	gpbext "github.com/openconfig/gnmi/proto/gnmi_ext"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"

	"github.com/outrigger-cnf/outrigger/northbound/gnmi"
)

func get(kind gpb.GetRequest_DataType, enc gpb.Encoding, paths ...string) *gpb.GetRequest {
	r := &gpb.GetRequest{Type: kind, Encoding: enc}
	for _, p := range paths {
		r.Path = append(r.Path, gp(p))
	}
	return r
}

// with asks for the data of one model only.
func with(r *gpb.GetRequest, model string) *gpb.GetRequest {
	r.UseModels = []*gpb.ModelData{{Name: model}}
	return r
}

const (
	all         = gpb.GetRequest_ALL
	config      = gpb.GetRequest_CONFIG
	state       = gpb.GetRequest_STATE
	operational = gpb.GetRequest_OPERATIONAL
	inJSON      = gpb.Encoding_JSON
	inIETF      = gpb.Encoding_JSON_IETF
	inProto     = gpb.Encoding_PROTO
)

// answers renders the JSON of a reply compactly, with members in order.
func answers(t *testing.T, r *gpb.GetResponse) string {
	t.Helper()
	var b strings.Builder
	for i, n := range r.Notification {
		if i > 0 {
			b.WriteString("--\n")
		}
		for _, u := range n.Update {
			b.WriteString(pathText(n.Prefix, u.Path) + " ")
			var text []byte
			switch v := u.Val.Value.(type) {
			case *gpb.TypedValue_JsonVal:
				text = v.JsonVal
			case *gpb.TypedValue_JsonIetfVal:
				text = v.JsonIetfVal
			default:
				b.WriteString(prototextLine(u.Val) + "\n")
				continue
			}
			var x any
			if err := json.Unmarshal(text, &x); err != nil {
				t.Fatalf("%s: %v", text, err)
			}
			text, _ = json.Marshal(x)
			b.Write(text)
			b.WriteByte('\n')
		}
	}
	return b.String()
}

func TestGet(t *testing.T) {
	b := newBench(t, gnmi.Limits{})
	b.configure(eth0+"/config/mtu = 1500", eth0+"/config/name = eth0", eth0+"/config/type = openconfig-types:ETHERNET", eth0+"/config/speed = 18446744073709551615", eth0+"/config/ratio = 1.5",
		"/openconfig-interfaces:interfaces/interface[name='eth1']/config/mtu = 70",
		"/ietf-interfaces:interfaces/interface[name='e']/enabled = false")
	b.publish(eth0+"/state/oper-status = UP", eth0+"/state/mtu = 1500", eth0+"/state/counters/in-octets = 7")
	e0 := "/interfaces/interface[name=eth0]"
	depth := &gpbext.Extension{Ext: &gpbext.Extension_Depth{Depth: &gpbext.Depth{Level: 1}}}

	tests := []struct {
		name string
		req  *gpb.GetRequest
		want string
	}{
		{"leaf", get(all, inProto, e0+"/config/mtu"), e0 + `/config/mtu uint_val:1500`},
		{"leaf in JSON", get(all, inJSON, e0+"/config/mtu"), e0 + `/config/mtu 1500`},
		{"12 64 bits in JSON_IETF", get(all, inIETF, e0+"/config/speed"), e0 + `/config/speed "18446744073709551615"`},
		{"13 values in PROTO", get(config, inProto, e0+"/config"), `
			/interfaces/interface[name=eth0]/config/name string_val:"eth0"
			/interfaces/interface[name=eth0]/config/type string_val:"openconfig-types:ETHERNET"
			/interfaces/interface[name=eth0]/config/mtu uint_val:1500
			/interfaces/interface[name=eth0]/config/enabled bool_val:true
			/interfaces/interface[name=eth0]/config/speed uint_val:18446744073709551615
			/interfaces/interface[name=eth0]/config/ratio double_val:1.5`},
		{"container in JSON_IETF", get(config, inIETF, e0+"/config"),
			e0 + `/config {"openconfig-interfaces:enabled":true,"openconfig-interfaces:mtu":1500,"openconfig-interfaces:name":"eth0","openconfig-interfaces:ratio":"1.5","openconfig-interfaces:speed":"18446744073709551615","openconfig-interfaces:type":"openconfig-types:ETHERNET"}`},
		{"entry in JSON", get(all, inJSON, "/interfaces/interface[name=eth1]"),
			`/interfaces/interface[name=eth1] {"config":{"enabled":true,"mtu":70},"hold-time":{"config":{"up":0}},"name":"eth1"}`},
		{"default in use", get(all, inProto, "/interfaces/interface[name=eth1]/config/enabled"), `/interfaces/interface[name=eth1]/config/enabled bool_val:true`},
		{"default in a container that is not there", get(all, inProto, "/zoo/volume"), `/zoo/volume uint_val:1`},
		{"15 omitted key", get(all, inJSON, "/interfaces/interface/config/mtu"), `
			/interfaces/interface[name=eth0]/config/mtu 1500
			/interfaces/interface[name=eth1]/config/mtu 70`},
		{"15 list", get(all, inProto, "/interfaces/interface/name"), `
			/interfaces/interface[name=eth0]/name string_val:"eth0"
			/interfaces/interface[name=eth1]/name string_val:"eth1"`},
		{"name wildcard", get(all, inJSON, e0+"/*/mtu"), e0 + "/config/mtu 1500\n" + e0 + "/state/mtu 1500"},
		{"any depth", get(all, inJSON, "/interfaces/.../oper-status"), e0 + `/state/oper-status "UP"`},
		{"17 a notification for each path", get(all, inJSON, e0+"/config/mtu", "/interfaces/interface[name=eth1]/config/mtu"), e0 + "/config/mtu 1500\n--\n/interfaces/interface[name=eth1]/config/mtu 70"},
		{"18 STATE", get(state, inProto, e0), `
			/interfaces/interface[name=eth0]/state/mtu uint_val:1500
			/interfaces/interface[name=eth0]/state/oper-status string_val:"UP"
			/interfaces/interface[name=eth0]/state/counters/in-octets uint_val:7`},
		{"STATE in JSON has the keys", get(state, inJSON, "/interfaces"), `/interfaces {"interface":[{"name":"eth0","state":{"counters":{"in-octets":7},"mtu":1500,"oper-status":"UP"}}]}`},
		{"OPERATIONAL", get(operational, inProto, e0), `
			/interfaces/interface[name=eth0]/state/oper-status string_val:"UP"
			/interfaces/interface[name=eth0]/state/counters/in-octets uint_val:7`},
		{"CONFIG", get(config, inProto, "/interfaces/interface[name=eth1]"), `
			/interfaces/interface[name=eth1]/name string_val:"eth1"
			/interfaces/interface[name=eth1]/config/mtu uint_val:70
			/interfaces/interface[name=eth1]/config/enabled bool_val:true
			/interfaces/interface[name=eth1]/hold-time/config/up uint_val:0`},
		{"depth", withDepth(get(all, inJSON, e0+"/state"), depth), e0 + `/state {"mtu":1500,"oper-status":"UP"}`},
		{"depth of entries", withDepth(get(all, inJSON, "/interfaces/interface"), depth), `
			/interfaces/interface[name=eth0] {"name":"eth0"}
			/interfaces/interface[name=eth1] {"name":"eth1"}`},
		{"2 origin is given back", get(all, inJSON, "openconfig:"+e0+"/config/mtu"), "openconfig:" + e0 + "/config/mtu 1500"},
		{"other module by origin", get(config, inIETF, "ietf-interfaces:/interfaces"), `ietf-interfaces:/interfaces {"ietf-interfaces:interface":[{"enabled":false,"name":"e"}]}`},
		{"other module by element", get(config, inProto, "/ietf-interfaces:interfaces/interface/enabled"), `/ietf-interfaces:interfaces/interface[name=e]/enabled bool_val:false`},
		{"16 root without state", get(config, inIETF, "/"), `
			 {"openconfig-interfaces:interfaces":{"interface":[{"config":{"enabled":true,"mtu":1500,"name":"eth0","ratio":"1.5","speed":"18446744073709551615","type":"openconfig-types:ETHERNET"},"hold-time":{"config":{"up":0}},"name":"eth0"},{"config":{"enabled":true,"mtu":70},"hold-time":{"config":{"up":0}},"name":"eth1"}]},"openconfig-zoo:zoo":{"volume":1}}`},
		{"16 root in PROTO", get(config, inProto, "ietf-interfaces:/"), `
			ietf-interfaces:/interfaces/interface[name=e]/name string_val:"e"
			ietf-interfaces:/interfaces/interface[name=e]/enabled bool_val:false`},
		{"use_models", func() *gpb.GetRequest {
			r := get(config, inProto, "rfc7951:/")
			r.UseModels = []*gpb.ModelData{{Name: "ietf-interfaces", Version: "2018-02-20"}}
			return r
		}(), `
			rfc7951:/ietf-interfaces:interfaces/interface[name=e]/name string_val:"e"
			rfc7951:/ietf-interfaces:interfaces/interface[name=e]/enabled bool_val:false`},
		{"use_models in JSON", with(get(config, inIETF, "rfc7951:/"), "ietf-interfaces"), `rfc7951: {"ietf-interfaces:interfaces":{"interface":[{"enabled":false,"name":"e"}]}}`},
		{"use_models of another origin", with(get(all, inIETF, "/"), "ietf-interfaces"), ` {}`},
		{"use_models of what has nothing there", with(get(all, inIETF, "/"), "openconfig-zoo"), ` {"openconfig-zoo:zoo":{"volume":1}}`},
		{"prefix alone", &gpb.GetRequest{Prefix: gp(e0 + "/config/mtu")}, e0 + "/config/mtu 1500"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			resp, err := b.client.Get(b.ctx(), tt.req)
			if err != nil {
				t.Fatal(err)
			}
			want(t, answers(t, resp), tt.want)
			if len(resp.Notification) != max(1, len(tt.req.Path)) {
				t.Errorf("%d notifications for %d paths", len(resp.Notification), len(tt.req.Path))
			}
			for _, n := range resp.Notification { // case 22
				if now := time.Now().UnixNano(); n.Timestamp > now || n.Timestamp < now-int64(time.Minute) {
					t.Errorf("timestamp %d, now %d", n.Timestamp, now)
				}
			}
		})
	}
	t.Run("6 target is given back", func(t *testing.T) {
		for _, target := range []string{"", "dut"} {
			r := get(all, inJSON, "/config/mtu")
			r.Prefix = gp(e0)
			r.Prefix.Target = target
			resp, err := b.client.Get(b.ctx(), r)
			if err != nil {
				t.Fatal(err)
			}
			if p := resp.Notification[0].Prefix; !proto.Equal(p, r.Prefix) {
				t.Errorf("prefix %v, want %v", p, r.Prefix)
			}
		}
	})
}

func withDepth(r *gpb.GetRequest, e *gpbext.Extension) *gpb.GetRequest {
	r.Extension = append(r.Extension, e)
	return r
}

func TestGetErrors(t *testing.T) {
	b := newBench(t, gnmi.Limits{MaxGet: 200, MaxPaths: 2})
	b.configure(eth0+"/config/mtu = 1500", eth0+"/config/description = "+strings.Repeat("x", 300))
	e0 := "/interfaces/interface[name=eth0]"
	tests := []struct {
		name  string
		req   *gpb.GetRequest
		code  codes.Code
		words []string
	}{
		{"absent", get(all, inJSON, e0+"/state/ifindex"), codes.NotFound, []string{"ifindex"}},
		{"absent entry", get(all, inJSON, "/interfaces/interface[name=eth9]"), codes.NotFound, []string{"eth9"}},
		{"one of two absent", get(all, inJSON, e0+"/config/mtu", e0+"/config/speed"), codes.NotFound, []string{"path 2", "speed"}},
		{"not of that type", get(state, inJSON, e0+"/config/mtu"), codes.NotFound, []string{"STATE"}},
		{"wildcard without matches", get(all, inJSON, "/network-instances/network-instance"), codes.NotFound, nil},
		{"not implemented", get(all, inJSON, "/interfaces/bogus"), codes.Unimplemented, []string{"bogus", "path 1"}},
		{"bad syntax", get(all, inJSON, "/interfaces[x=y]"), codes.InvalidArgument, []string{"keys"}},
		{"encoding", get(all, gpb.Encoding_ASCII, e0), codes.Unimplemented, []string{"ASCII"}},
		{"type", get(9, inJSON, e0), codes.InvalidArgument, []string{"type"}},
		{"no path", &gpb.GetRequest{}, codes.InvalidArgument, []string{"path"}},
		{"too many paths", get(all, inJSON, e0, e0, e0), codes.ResourceExhausted, []string{"limit"}},
		{"too large", get(all, inJSON, e0), codes.ResourceExhausted, []string{"200", "ONCE"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := b.client.Get(b.ctx(), tt.req)
			wantCode(t, err, tt.code, tt.words...)
		})
	}
}

func TestGetFreshCounters(t *testing.T) {
	b := newBench(t, gnmi.Limits{})
	b.configure(eth0 + "/config/mtu = 1500")
	b.countUp()
	resp, err := b.client.Get(b.ctx(), get(all, inProto, "/interfaces/interface[name=eth0]/state/counters/in-octets"))
	if err != nil {
		t.Fatal(err)
	}
	if n := resp.Notification[0].Update[0].Val.GetUintVal(); n != 1 {
		t.Errorf("counter is %d", n)
	}
	if _, err = b.client.Get(b.ctx(), get(config, inProto, "/interfaces")); err != nil {
		t.Fatal(err)
	}
	if _, _, samples := b.driver.Calls(); samples != 1 {
		t.Errorf("%d samples; CONFIG needs none", samples)
	}
}

// TestMetadata is case 23.
func TestMetadata(t *testing.T) {
	b := newBench(t, gnmi.Limits{})
	big := strings.Repeat("A", 1<<20)
	doc := `{"@":{"openconfig-metadata:protobuf-metadata":"` + big + `"},"openconfig-interfaces:interfaces":{"interface":[{"name":"eth0"}]}}`
	b.set(replace(up("/", ietfVal(doc))))
	b.set(update(up("/interfaces/interface[name=eth0]/config/mtu", uintVal(70))))
	for _, kind := range []gpb.GetRequest_DataType{all, config} {
		resp, err := b.client.Get(b.ctx(), get(kind, inIETF, "/"))
		if err != nil {
			t.Fatal(err)
		}
		var got struct {
			Meta map[string]string `json:"@"`
		}
		if err := json.Unmarshal(resp.Notification[0].Update[0].Val.GetJsonIetfVal(), &got); err != nil {
			t.Fatal(err)
		}
		if got.Meta["openconfig-metadata:protobuf-metadata"] != big {
			t.Errorf("%s: the metadata is not given back", kind)
		}
	}
}

func TestCapabilities(t *testing.T) {
	b := newBench(t, gnmi.Limits{})
	resp, err := b.client.Capabilities(b.ctx(), &gpb.CapabilityRequest{})
	if err != nil {
		t.Fatal(err)
	}
	if resp.GNMIVersion != "0.10.0" {
		t.Errorf("version %q", resp.GNMIVersion)
	}
	models := map[string]*gpb.ModelData{}
	for _, m := range resp.SupportedModels {
		models[m.Name] = m
	}
	if m := models["openconfig-if-ip"]; m == nil || m.Version != "2026-01-03" || m.Organization != "OpenConfig working group" {
		t.Errorf("model %v", m)
	}
	if m := models["ietf-interfaces"]; m == nil || m.Version != "2018-02-20" || m.Organization != "IETF" {
		t.Errorf("model %v", m)
	}
	if got := resp.SupportedEncodings; len(got) != 3 {
		t.Errorf("encodings %v", got)
	}
}
