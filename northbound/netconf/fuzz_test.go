package netconf

import (
	"context"
	"testing"

	"github.com/outrigger-cnf/outrigger/agent"
	"github.com/outrigger-cnf/outrigger/agent/agenttest"
	"github.com/outrigger-cnf/outrigger/agent/codec/xmlcodec"
	"github.com/outrigger-cnf/outrigger/agent/validate"
)

// FuzzRPC hands whole messages to a session: nothing may panic, every reply is
// well-formed, and running stays valid.
func FuzzRPC(f *testing.F) {
	rpc := func(op string) {
		f.Add([]byte(`<rpc xmlns="` + baseNamespace + `" message-id="1">` + op + "</rpc>"))
	}
	rpc(edit("running", interfaces(eth(0, `<mtu nc:operation="create">9000</mtu><kind>ether</kind><tag>a</tag><tag nc:operation="delete">b</tag>`))))
	rpc(edit("candidate", `<users xmlns="urn:a"><user yang:insert="before" yang:key="[first='a'][last='b']"><first>x</first><last>y</last></user></users>`,
		"<default-operation>none</default-operation>", "<test-option>set</test-option>", "<error-option>continue-on-error</error-option>"))
	rpc(edit("running", interfaces(`<interface nc:operation="replace"><name>e</name><mtu nc:operation="delete"/></interface>`), "<default-operation>replace</default-operation>"))
	rpc(getConfig("running", interfaces(`<interface><name>eth0</name><mtu/></interface><interface xmlns=""><mtu>1</mtu></interface>`)))
	rpc(`<get><filter type="xpath" xmlns:a="urn:a" select="/a:interfaces/a:interface[a:mtu &gt; 5]/a:name"/><with-defaults xmlns="` + withDefaultsNamespace + `">report-all-tagged</with-defaults></get>`)
	rpc("<commit><confirmed/><confirm-timeout>5</confirm-timeout><persist>x</persist></commit>")
	rpc("<cancel-commit><persist-id>x</persist-id></cancel-commit>")
	rpc("<copy-config><target><startup/></target><source><config>" + interfaces("") + "</config></source></copy-config>")
	rpc(lock("candidate"))
	rpc(unlock("candidate"))
	rpc("<validate><source><candidate/></source></validate>")
	rpc(`<get-schema xmlns="` + monitoringNamespace + `"><identifier>a</identifier><version/><format>yang</format></get-schema>`)
	rpc("<kill-session><session-id>9</session-id></kill-session>")
	f.Add([]byte(`<nc:rpc xmlns:nc="` + baseNamespace + `" xmlns="urn:x" message-id='"&lt;'><nc:close-session/></nc:rpc>`))
	f.Add([]byte("<rpc"))

	s := testSchema(f)
	v, err := validate.New(s)
	if err != nil {
		f.Fatal(err)
	}
	a := agenttest.Start(f, agent.Config{Schema: s, Drivers: []agent.Driver{agenttest.NewDriver(s)}, Validator: v})
	key, err := NewHostKey()
	if err != nil {
		f.Fatal(err)
	}
	srv, err := New(testConfig(a, s, key))
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, message []byte) {
		as, err := a.Open(agent.SessionOptions{User: "admin", Protocol: "netconf"})
		if err != nil {
			t.Fatal(err)
		}
		defer as.Close()
		n := &session{srv: srv, agent: as, log: srv.log, ctx: context.Background(), in: &messageReader{chunked: true}}
		reply, _ := n.answer(make([]byte, headRoom), message)
		body := neutralize(reply)[headRoom:]
		r := xmlcodec.NewReader(body, 1000)
		root, err := r.Root()
		if err != nil || root.Local != "rpc-reply" || root.Space != baseNamespace {
			t.Fatalf("%v: %q is answered with %q", err, message, body)
		}
		if err := r.Skip(); err != nil {
			t.Fatalf("%v: %q is answered with %q", err, message, body)
		}
		if err := r.End(); err != nil {
			t.Fatalf("%v: %q is answered with %q", err, message, body)
		}
		if err := v.All(a.Snapshot().Running); err != nil {
			t.Fatalf("after %q running is invalid: %v", message, err)
		}
	})
}
