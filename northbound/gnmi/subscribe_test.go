package gnmi_test

import (
	"testing"
	"time"

	gpb "github.com/openconfig/gnmi/proto/gnmi"
	gpbext "github.com/openconfig/gnmi/proto/gnmi_ext"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"

	"github.com/outrigger-cnf/outrigger/agent"
	"github.com/outrigger-cnf/outrigger/agent/path"
	"github.com/outrigger-cnf/outrigger/agent/tree"
	"github.com/outrigger-cnf/outrigger/northbound/gnmi"
)

const eth0 = "/openconfig-interfaces:interfaces/interface[name='eth0']"

func TestOnce(t *testing.T) {
	b := newBench(t, gnmi.Limits{})
	b.configure(eth0+"/config/mtu = 1500", eth0+"/config/tag = red", eth0+"/config/tag = blue")
	b.publish(eth0+"/state/oper-status = UP", eth0+"/state/counters/in-octets = 7")

	t.Run("leafs and defaults", func(t *testing.T) {
		s := b.subscribe(list(once, onChange("/interfaces")))
		want(t, show(true, s.sync()...), `
			/interfaces/interface[name=eth0]/name string_val:"eth0"
			/interfaces/interface[name=eth0]/config/mtu uint_val:1500
			/interfaces/interface[name=eth0]/config/enabled bool_val:true
			/interfaces/interface[name=eth0]/config/tag leaflist_val:{element:{string_val:"blue"} element:{string_val:"red"}}
			/interfaces/interface[name=eth0]/state/oper-status string_val:"UP"
			/interfaces/interface[name=eth0]/state/counters/in-octets uint_val:7
			/interfaces/interface[name=eth0]/hold-time/config/up uint_val:0`)
		if err := s.end(); err != nil {
			t.Errorf("ONCE ends with %v", err)
		}
	})
	t.Run("the same prefix on all", func(t *testing.T) { // case 24, 6
		l := list(once, onChange("/config/mtu"), onChange("/state/oper-status"))
		l.Prefix = gp("openconfig:/interfaces/interface[name=eth0]")
		l.Prefix.Target = "dut"
		s := b.subscribe(l)
		want(t, show(true, s.sync()...), `
			origin:"openconfig" elem:{name:"interfaces"} elem:{name:"interface" key:{key:"name" value:"eth0"}} target:"dut" openconfig:/interfaces/interface[name=eth0]/config/mtu uint_val:1500
			origin:"openconfig" elem:{name:"interfaces"} elem:{name:"interface" key:{key:"name" value:"eth0"}} target:"dut" openconfig:/interfaces/interface[name=eth0]/state/oper-status string_val:"UP"`)
	})
	t.Run("no wildcards in replies", func(t *testing.T) { // case 15
		l := list(once, onChange("/config/mtu"))
		l.Prefix = gp("/interfaces/interface[name=*]")
		s := b.subscribe(l)
		want(t, show(true, s.sync()...), `elem:{name:"interfaces"} /interfaces/interface[name=eth0]/config/mtu uint_val:1500`)
	})
	t.Run("overlapping paths are sent once", func(t *testing.T) {
		s := b.subscribe(list(once, onChange("/interfaces/interface[name=eth0]/config/mtu"), onChange("/interfaces/*/config/mtu")))
		want(t, show(true, s.sync()...), `/interfaces/interface[name=eth0]/config/mtu uint_val:1500`)
	})
	t.Run("what does not exist", func(t *testing.T) {
		s := b.subscribe(list(once, onChange("/interfaces/interface[name=eth9]")))
		want(t, show(true, s.sync()...), "")
		if err := s.end(); err != nil {
			t.Error(err)
		}
	})
	t.Run("updates_only", func(t *testing.T) {
		l := list(once, onChange("/interfaces"))
		l.UpdatesOnly = true
		s := b.subscribe(l)
		want(t, show(true, s.sync()...), "")
		if err := s.end(); err != nil {
			t.Error(err)
		}
	})
	t.Run("depth", func(t *testing.T) {
		s := b.subscribe(list(once, onChange("/interfaces/interface[name=eth0]/state")), &gpbext.Extension{Ext: &gpbext.Extension_Depth{Depth: &gpbext.Depth{Level: 1}}})
		want(t, show(true, s.sync()...), `
			/interfaces/interface[name=eth0]/state/oper-status string_val:"UP"`)
	})
	t.Run("use_models", func(t *testing.T) {
		b.configure(eth0 + "/openconfig-if-ip:addresses/address[ip='::1'][zone='']/config/prefix-length = 128")
		l := list(once, onChange("/"))
		l.UseModels = []*gpb.ModelData{{Name: "openconfig-if-ip"}}
		s := b.subscribe(l)
		want(t, show(true, s.sync()...), `
			/interfaces/interface[name=eth0]/addresses/address[ip=::1][zone=]/ip string_val:"::1"
			/interfaces/interface[name=eth0]/addresses/address[ip=::1][zone=]/zone string_val:""
			/interfaces/interface[name=eth0]/addresses/address[ip=::1][zone=]/config/prefix-length uint_val:128`)
	})
}

func TestPoll(t *testing.T) { // case 27
	b := newBench(t, gnmi.Limits{})
	b.configure(eth0 + "/config/mtu = 1500")
	s := b.subscribe(list(poll, onChange("/interfaces/interface[name=eth0]/config/mtu")))
	want(t, show(true, s.sync()...), `/interfaces/interface[name=eth0]/config/mtu uint_val:1500`)
	b.configure(eth0 + "/config/mtu = 1400")
	s.poll()
	want(t, show(true, s.sync()...), `/interfaces/interface[name=eth0]/config/mtu uint_val:1400`)
	s.poll()
	s.poll()
	s.sync()
	s.sync()
	if err := s.stream.CloseSend(); err != nil {
		t.Fatal(err)
	}
	if err := s.end(); err != nil {
		t.Errorf("POLL ends with %v", err)
	}

	l := list(poll, onChange("/interfaces"))
	l.UpdatesOnly = true
	s = b.subscribe(l)
	want(t, show(true, s.sync()...), "")
}

func TestOnChange(t *testing.T) {
	b := newBench(t, gnmi.Limits{})
	b.configure(eth0+"/config/mtu = 1500", eth0+"/config/enabled = false")
	s := b.subscribe(list(stream, onChange("/interfaces")))
	if err := s.stream.CloseSend(); err != nil { // case 28
		t.Fatal(err)
	}
	s.sync()

	steps := []struct {
		name string
		do   func()
		want string
	}{
		{"a new value", func() { b.configure(eth0 + "/config/mtu = 1400") },
			`/interfaces/interface[name=eth0]/config/mtu uint_val:1400`},
		{"21 back to the default is an update", func() { b.configure("-" + eth0 + "/config/enabled") },
			`/interfaces/interface[name=eth0]/config/enabled bool_val:true`},
		{"a leaf without a default is deleted", func() { b.configure("-" + eth0 + "/config/mtu") },
			`-/interfaces/interface[name=eth0]/config/mtu`},
		{"a leaf-list is sent whole", func() { b.configure(eth0+"/config/tag = b", eth0+"/config/tag = a") },
			`/interfaces/interface[name=eth0]/config/tag leaflist_val:{element:{string_val:"a"} element:{string_val:"b"}}`},
		{"state", func() { b.publish(eth0 + "/state/oper-status = DOWN") },
			`/interfaces/interface[name=eth0]/state/oper-status string_val:"DOWN"`},
		{"a new entry comes with its defaults", func() {
			b.configure("/openconfig-interfaces:interfaces/interface[name='eth1']/config/mtu = 9000")
		}, `
			/interfaces/interface[name=eth1]/name string_val:"eth1"
			/interfaces/interface[name=eth1]/config/mtu uint_val:9000
			/interfaces/interface[name=eth1]/config/enabled bool_val:true
			/interfaces/interface[name=eth1]/hold-time/config/up uint_val:0`},
		{"a deleted entry", func() { b.configure("-/openconfig-interfaces:interfaces/interface[name='eth1']") },
			`-/interfaces/interface[name=eth1]`},
	}
	for _, st := range steps {
		st.do()
		n := s.update()
		want(t, show(true, n), st.want)
		if t.Failed() {
			t.Fatal(st.name)
		}
	}
}

func TestOnChangeSelects(t *testing.T) {
	b := newBench(t, gnmi.Limits{})
	b.configure(eth0 + "/config/mtu = 1500")
	b.publish(eth0 + "/state/oper-status = UP")
	s := b.subscribe(list(stream, onChange("/interfaces/interface[name=*]/state/oper-status"), onChange("/interfaces/interface[name=eth9]")))
	want(t, show(true, s.sync()...), `/interfaces/interface[name=eth0]/state/oper-status string_val:"UP"`)
	b.configure(eth0 + "/config/mtu = 1400")            // not asked for
	b.publish(eth0 + "/state/counters/in-octets = 100") // no event
	b.publish(eth0 + "/state/ifindex = 3")              // not asked for
	b.publish(eth0 + "/state/oper-status = DOWN")
	want(t, show(true, s.update()), `/interfaces/interface[name=eth0]/state/oper-status string_val:"DOWN"`)
	// The whole entry goes: told is what was selected of it.
	b.driver.Emit(stateGone(b, eth0+"/state"))
	want(t, show(true, s.update()), `-/interfaces/interface[name=eth0]/state/oper-status`)
	// What did not exist comes.
	b.configure("/openconfig-interfaces:interfaces/interface[name='eth9']/config/mtu = 70")
	want(t, show(true, s.update()), `
		/interfaces/interface[name=eth9]/name string_val:"eth9"
		/interfaces/interface[name=eth9]/config/mtu uint_val:70
		/interfaces/interface[name=eth9]/config/enabled bool_val:true
		/interfaces/interface[name=eth9]/hold-time/config/up uint_val:0`)
}

// What is published of parts of entries is told like all else, if it is any event.
func TestOnChangeParts(t *testing.T) {
	b := newBench(t, gnmi.Limits{})
	b.configure(eth0 + "/config/mtu = 1500")
	b.publish(eth0+"/state/oper-status = UP", eth0+"/state/counters/in-octets = 1")
	s := b.subscribe(list(stream, onChange("/interfaces")))
	s.sync()
	part := func(depth int, line string) {
		p, v := b.assignment(line)
		n := tree.New(b.schema).Set(p, v).Node(p[:2+depth])
		b.driver.Emit(agent.StateChange{Path: p[:1].Child(path.Elem{Module: p[1].Module, Name: p[1].Name}), Within: p[2 : 2+depth],
			Entries: []tree.EntryEdit{{Keys: []string{"eth0"}, Node: n}}})
	}
	part(2, eth0+"/state/counters/in-octets = 2") // no event
	part(1, eth0+"/state/oper-status = DOWN")
	want(t, show(true, s.update()), `
		/interfaces/interface[name=eth0]/state/oper-status string_val:"DOWN"`)
	part(2, eth0+"/state/counters/in-octets = 3")
	part(1, eth0+"/state/ifindex = 3")
	want(t, show(true, s.update()), `
		-/interfaces/interface[name=eth0]/state/oper-status
		/interfaces/interface[name=eth0]/state/ifindex uint_val:3`)
}

func TestOnChangeDefaults(t *testing.T) {
	b := newBench(t, gnmi.Limits{})
	s := b.subscribe(list(stream, onChange("/zoo")))
	want(t, show(true, s.sync()...), `/zoo/volume uint_val:1`)
	zoo := "/openconfig-zoo:zoo"
	// Another case: the default of the first is out of use, that of the second in.
	b.configure(zoo + "/noise = 3")
	want(t, show(true, s.update()), `
		-/zoo/volume
		/zoo/noise uint_val:3
		/zoo/echo uint_val:7`)
	b.configure(zoo + "/echo = 7") // the value that it had
	b.configure(zoo + "/cage/bars = 4")
	want(t, show(true, s.update()), `/zoo/cage/bars uint_val:4`)
	b.configure("-" + zoo + "/cage/bars")
	want(t, show(true, s.update()), `/zoo/cage/bars uint_val:9`)
	b.configure("-" + zoo + "/cage")
	want(t, show(true, s.update()), `-/zoo/cage`)
	b.configure("-" + zoo)
	want(t, show(true, s.update()), `
		-/zoo/noise
		-/zoo/echo
		/zoo/volume uint_val:1`)
	// Who asks for one of them is told what the others do to it.
	one := b.subscribe(list(stream, onChange("/zoo/volume")))
	one.sync()
	b.configure(zoo + "/noise = 3")
	want(t, show(true, one.update()), `-/zoo/volume`)
	b.configure("-" + zoo + "/noise")
	want(t, show(true, one.update()), `/zoo/volume uint_val:1`)
	// A default that was told goes with the entry that it was in use in, though the
	// container around it was never there.
	hold := b.subscribe(list(stream, onChange("/interfaces/interface[name=eth1]/hold-time")))
	hold.sync()
	b.configure("/openconfig-interfaces:interfaces/interface[name='eth1']/config/mtu = 70")
	want(t, show(true, hold.update()), `/interfaces/interface[name=eth1]/hold-time/config/up uint_val:0`)
	b.configure("-/openconfig-interfaces:interfaces/interface[name='eth1']")
	want(t, show(true, hold.update()), `-/interfaces/interface[name=eth1]/hold-time`)
}

func TestStreamRequests(t *testing.T) {
	b := newBench(t, gnmi.Limits{MinSample: 50 * time.Millisecond, MaxPaths: 3})
	with := func(l *gpb.SubscriptionList, f func(*gpb.SubscriptionList)) *gpb.SubscriptionList { f(l); return l }
	tests := []struct {
		name  string
		list  *gpb.SubscriptionList
		code  codes.Code
		words []string
	}{
		{"no subscription", list(stream), codes.InvalidArgument, []string{"subscription"}},
		{"too many", list(stream, onChange("/"), onChange("/"), onChange("/"), onChange("/")), codes.ResourceExhausted, []string{"3"}},
		{"unknown mode", list(7, onChange("/")), codes.InvalidArgument, []string{"mode"}},
		{"unknown subscription mode", list(stream, &gpb.Subscription{Mode: 7}), codes.InvalidArgument, []string{"mode"}},
		{"encoding", with(list(stream, onChange("/")), func(l *gpb.SubscriptionList) { l.Encoding = gpb.Encoding_BYTES }), codes.Unimplemented, []string{"BYTES", "PROTO"}},
		{"path that is not implemented", list(stream, onChange("/interfaces/bogus")), codes.Unimplemented, []string{"bogus"}},
		{"bad path", list(stream, onChange("/interfaces[name=x]")), codes.InvalidArgument, []string{"container"}},
		{"counter on change", list(stream, onChange("/interfaces/interface/state/counters")), codes.InvalidArgument, []string{"SAMPLE"}},
		{"counter leaf on change", list(stream, onChange("/interfaces/interface[name=eth0]/state/counters/in-octets")), codes.InvalidArgument, []string{"SAMPLE"}},
		{"interval too short", list(stream, sample("/interfaces", time.Millisecond)), codes.InvalidArgument, []string{"50ms"}},
		{"interval too long", list(stream, &gpb.Subscription{Path: gp("/"), Mode: gpb.SubscriptionMode_SAMPLE, SampleInterval: 1 << 63}), codes.InvalidArgument, []string{"sample_interval"}},
		{"heartbeat too short", list(stream, &gpb.Subscription{Path: gp("/"), Mode: gpb.SubscriptionMode_ON_CHANGE, HeartbeatInterval: 5}), codes.InvalidArgument, []string{"heartbeat_interval"}},
		{"interval of TARGET_DEFINED", list(stream, &gpb.Subscription{Path: gp("/"), SampleInterval: 1e9}), codes.InvalidArgument, []string{"TARGET_DEFINED"}},
		{"unknown model", with(list(stream, onChange("/")), func(l *gpb.SubscriptionList) { l.UseModels = []*gpb.ModelData{{Name: "x"}} }), codes.InvalidArgument, []string{"use_models"}},
		{"unknown revision of a model", with(list(stream, onChange("/")), func(l *gpb.SubscriptionList) {
			l.UseModels = []*gpb.ModelData{{Name: "openconfig-zoo", Version: "1.0.0"}}
		}), codes.InvalidArgument, []string{"2026-01-05"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			wantCode(t, b.subscribe(tt.list).end(), tt.code, tt.words...)
		})
	}
	t.Run("poll first", func(t *testing.T) {
		s := b.open()
		s.poll()
		wantCode(t, s.end(), codes.InvalidArgument, "SubscriptionList")
	})
	t.Run("second list", func(t *testing.T) {
		for _, mode := range []gpb.SubscriptionList_Mode{stream, poll} {
			s := b.subscribe(list(mode, onChange("/interfaces")))
			s.sync()
			s.send(&gpb.SubscribeRequest{Request: &gpb.SubscribeRequest_Subscribe{Subscribe: list(mode, onChange("/"))}})
			wantCode(t, s.end(), codes.InvalidArgument, "SubscriptionList")
		}
	})
	t.Run("poll of a stream", func(t *testing.T) {
		s := b.subscribe(list(stream, onChange("/interfaces")))
		s.sync()
		s.poll()
		wantCode(t, s.end(), codes.InvalidArgument, "POLL")
	})
	t.Run("extensions", func(t *testing.T) {
		history := &gpbext.Extension{Ext: &gpbext.Extension_History{History: &gpbext.History{}}}
		wantCode(t, b.subscribe(list(stream, onChange("/")), history).end(), codes.Unimplemented, "history")
		only := &gpbext.Extension{Ext: &gpbext.Extension_ConfigSubscription{ConfigSubscription: &gpbext.ConfigSubscription{}}}
		wantCode(t, b.subscribe(list(stream, onChange("/")), only).end(), codes.Unimplemented, "config_subscription")
	})
}

func TestStreamLimits(t *testing.T) {
	b := newBench(t, gnmi.Limits{MaxStreams: 3, MaxStreamsPerClient: 2})
	one := b.subscribe(list(stream, onChange("/interfaces")))
	one.sync()
	b.subscribe(list(stream, onChange("/interfaces"))).sync()
	wantCode(t, b.subscribe(list(stream, onChange("/interfaces"))).end(), codes.ResourceExhausted, "limit")
	one.cancel()
	_ = one.end()
	// The place becomes free when the server notices.
	for {
		s := b.subscribe(list(stream, onChange("/interfaces")))
		if r, err := s.stream.Recv(); err == nil && r.GetSyncResponse() {
			break
		}
	}
}

func TestDrain(t *testing.T) {
	b := newBench(t, gnmi.Limits{})
	s := b.subscribe(list(stream, onChange("/interfaces")))
	s.sync()
	p := b.subscribe(list(poll, onChange("/interfaces")))
	p.sync()
	b.server.Drain()
	wantCode(t, s.end(), codes.Unavailable)
	wantCode(t, p.end(), codes.Unavailable)
	wantCode(t, b.subscribe(list(stream, onChange("/"))).end(), codes.Unavailable)
	if n := b.server.Streams(); n != 0 {
		t.Errorf("%d feeds are left", n)
	}
}

// TestChunks is case 25.
func TestChunks(t *testing.T) {
	const limit, interfaces = 10_000, 500
	b := newBench(t, gnmi.Limits{MaxResponse: limit})
	populate(b, interfaces)
	s := b.subscribe(list(once, onChange("/interfaces/interface/config/mtu")))
	updates := 0
	ns := s.sync()
	for _, n := range ns {
		updates += len(n.Update)
		if size := proto.Size(n); size > limit {
			t.Errorf("a notification of %d bytes", size)
		}
	}
	if updates != interfaces || len(ns) < 3 {
		t.Errorf("%d updates in %d notifications", updates, len(ns))
	}
}

// TestListWithoutKeys holds that such a list, and anydata, are one value.
func TestListWithoutKeys(t *testing.T) {
	b := newBench(t, gnmi.Limits{})
	b.set(update(up("/zoo/notes", ietfVal(`{"x":[1,2]}`))))
	s := b.subscribe(list(stream, onChange("/zoo/log"), onChange("/zoo/notes")))
	want(t, show(false, s.sync()...), `/zoo/notes json_ietf_val:"{\"x\":[1,2]}"`)
	b.emitLog("a")
	want(t, show(false, s.update()), `/zoo/log json_ietf_val:"[{\"line\":\"a\"}]"`)
	b.emitLog("b", "c")
	want(t, show(false, s.update()), `/zoo/log json_ietf_val:"[{\"line\":\"b\"},{\"line\":\"c\"}]"`)
	resp, err := b.client.Get(b.ctx(), get(all, inJSON, "/zoo/log"))
	if err != nil {
		t.Fatal(err)
	}
	want(t, answers(t, resp), `/zoo/log [{"line":"b"},{"line":"c"}]`)
	b.emitLog()
	want(t, show(false, s.update()), `-/zoo/log`)
	b.set(update(up("/zoo/notes", ietfVal(`{"y":null}`))))
	want(t, show(false, s.update()), `/zoo/notes json_ietf_val:"{\"y\":null}"`)
}
