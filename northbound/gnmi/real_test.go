package gnmi_test

import (
	"encoding/json"
	"strings"
	"testing"

	gpb "github.com/openconfig/gnmi/proto/gnmi"
	"google.golang.org/grpc/codes"

	"github.com/outrigger-cnf/outrigger/gen"
	"github.com/outrigger-cnf/outrigger/northbound/gnmi"
)

// TestServedSchema goes through the protocol on the schema that is served.
func TestServedSchema(t *testing.T) {
	b := newBenchOn(t, gen.Schema(), gnmi.Limits{})
	caps, err := b.client.Capabilities(b.ctx(), &gpb.CapabilityRequest{})
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, m := range caps.SupportedModels {
		names = append(names, m.Name)
		if m.Version == "" {
			t.Errorf("%s has no version", m.Name)
		}
	}
	for _, name := range []string{"openconfig-interfaces", "ietf-interfaces", "outrigger-deviations"} {
		if !strings.Contains(strings.Join(names, " "), name) {
			t.Errorf("%s is not among the models %v", name, names)
		}
	}

	s := b.subscribe(list(stream, onChange("/interfaces"), onChange("ietf-interfaces:/interfaces")))
	s.sync()
	b.set(update(up("/", ietfVal(`{
		"openconfig-interfaces:interfaces": {"interface": [{
			"name": "eth0",
			"config": {"name": "eth0", "type": "iana-if-type:ethernetCsmacd", "mtu": 1400},
			"subinterfaces": {"subinterface": [{
				"index": 0, "config": {"index": 0},
				"openconfig-if-ip:ipv4": {"addresses": {"address": [
					{"ip": "192.0.2.1", "config": {"ip": "192.0.2.1", "prefix-length": 24}}]}}}]}}]},
		"openconfig-network-instance:network-instances": {"network-instance": [{
			"name": "DEFAULT",
			"config": {"name": "DEFAULT", "type": "openconfig-network-instance-types:DEFAULT_INSTANCE"},
			"protocols": {"protocol": [{
				"identifier": "openconfig-policy-types:STATIC", "name": "static",
				"config": {"identifier": "openconfig-policy-types:STATIC", "name": "static"},
				"static-routes": {"static": [{"prefix": "198.51.100.0/24", "config": {"prefix": "198.51.100.0/24"}}]}}]}}]}}`))))
	got := show(false, s.update())
	for _, line := range []string{
		`/interfaces/interface[name=eth0]/config/mtu uint_val:1400`,
		`/interfaces/interface[name=eth0]/subinterfaces/subinterface[index=0]/ipv4/addresses/address[ip=192.0.2.1]/config/prefix-length uint_val:24`,
	} {
		if !strings.Contains(got, line+"\n") {
			t.Errorf("no %s in\n%s", line, got)
		}
	}

	// Identities in keys, with and without their module; prefixes as keys.
	for _, id := range []string{"STATIC", "openconfig-policy-types:STATIC"} {
		p := "/network-instances/network-instance[name=DEFAULT]/protocols/protocol[identifier=" + id + "][name=static]/static-routes/static[prefix=198.51.100.0\\/24]/config/prefix"
		resp, err := b.client.Get(b.ctx(), get(all, inProto, p))
		if err != nil {
			t.Fatal(err)
		}
		want(t, answers(t, resp), strings.ReplaceAll(p, `\`, "")+` string_val:"198.51.100.0/24"`)
	}

	// What Get gives, replace takes, and nothing changes.
	before := b.agent.Snapshot()
	resp, err := b.client.Get(b.ctx(), get(config, inIETF, "rfc7951:/"))
	if err != nil {
		t.Fatal(err)
	}
	text := resp.Notification[0].Update[0].Val.GetJsonIetfVal()
	if !json.Valid(text) {
		t.Fatalf("not JSON: %s", text)
	}
	b.set(replace(up("rfc7951:/", ietfVal(string(text)))))
	again, err := b.client.Get(b.ctx(), get(config, inIETF, "rfc7951:/"))
	if err != nil {
		t.Fatal(err)
	}
	if now := again.Notification[0].Update[0].Val.GetJsonIetfVal(); string(now) != string(text) {
		t.Errorf("before\n%s\nafter (commit %d, before %d)\n%s", text, b.agent.Snapshot().Commit, before.Commit, now)
	}

	_, err = b.client.Get(b.ctx(), get(all, inJSON, "/interfaces/interface[name=eth0]/hold-time"))
	wantCode(t, err, codes.Unimplemented, "hold-time", "subinterfaces")
	b.set(remove("/"))
	got = show(false, s.update())
	if !strings.Contains(got, "-/interfaces/interface[name=eth0]\n") {
		t.Errorf("got %s", got)
	}
}
