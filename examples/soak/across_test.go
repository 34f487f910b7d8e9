package soak

import (
	"strings"
	"testing"
	"time"

	gpb "github.com/openconfig/gnmi/proto/gnmi"
	gpbext "github.com/openconfig/gnmi/proto/gnmi_ext"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/durationpb"
)

// described are edits that describe net1.
func described(as string) []edit {
	p := ocInterface("net1")
	return []edit{{op: opMerge, path: p, leaves: data{
		p + "/config/name": "net1", p + "/config/type": "iana-if-type:ethernetCsmacd", p + "/config/description": as,
	}}}
}

const description = "/openconfig-interfaces:interfaces/interface[name=net1]/config/description"

// TestOnChangeAcrossProtocols edits over one protocol and looks over the other.
func TestOnChangeAcrossProtocols(t *testing.T) {
	m := newMachine(t)
	m.start(t)
	p := m.connect(t)
	defer p.close()
	config := gnmiPath("/openconfig-interfaces:interfaces/interface[name=net1]/config")
	state := gnmiPath("/openconfig-interfaces:interfaces/interface[name=net1]/state")
	sub, err := p.gnmi.onChange(config, state)
	if err != nil {
		t.Fatal(err)
	}
	defer sub.cancel()
	for _, text := range []string{"one", "two"} {
		if err := p.netconf.edit("running", toXML(described(text))); err != nil {
			t.Fatal(err)
		}
		missing := map[string]bool{"/config/description": true, "/state/description": true} // what is configured, and what the kernel holds
		if err := sub.until(patience, func(path string, v *gpb.TypedValue) bool {
			for kind := range missing {
				if strings.HasSuffix(path, kind) && strings.Contains(v.String(), text) {
					delete(missing, kind)
				}
			}
			return len(missing) == 0
		}); err != nil {
			t.Fatalf("of an edit over NETCONF, %v is not seen over gNMI: %v", missing, err)
		}
	}
	if err := p.gnmi.set(described("three")); err != nil {
		t.Fatal(err)
	}
	got, err := p.netconf.config("running")
	if err != nil {
		t.Fatal(err)
	}
	if got[description] != "three" {
		t.Errorf("after a Set over gNMI, NETCONF has the description %q", got[description])
	}
	if err := p.netconf.edit("running", toXML([]edit{{op: opDelete, path: ocInterface("net1")}})); err != nil {
		t.Fatal(err)
	}
	if err := sub.until(patience, func(path string, v *gpb.TypedValue) bool {
		return v == nil && strings.Contains(path, "[name=net1]/config")
	}); err != nil {
		t.Errorf("a deletion over NETCONF is not seen over gNMI: %v", err)
	}
}

// TestLockAcrossProtocols lets each protocol hold the other off.
func TestLockAcrossProtocols(t *testing.T) {
	m := newMachine(t)
	m.start(t)
	p := m.connect(t)
	defer p.close()
	do := func(operation string) {
		t.Helper()
		if err := p.netconf.do(operation); err != nil {
			t.Fatalf("%s: %v", operation, err)
		}
	}
	denied := func(what string, err error, tags ...string) {
		t.Helper()
		for _, tag := range tags {
			if tagOf(err) == tag {
				return
			}
		}
		t.Errorf("%s: %v, want %s", what, err, strings.Join(tags, " or "))
	}

	// NETCONF locks, gNMI is refused and told by whom.
	do("<lock><target><running/></target></lock>")
	err := p.gnmi.set(described("locked"))
	if status.Code(err) != codes.FailedPrecondition || !strings.Contains(status.Convert(err).Message(), "session "+p.netconf.session) {
		t.Errorf("a Set while NETCONF session %s holds the lock: %v", p.netconf.session, err)
	}
	if got, err := p.gnmi.config(); err != nil || got.exists(ocInterface("net1")) {
		t.Errorf("it has changed something: %v, %v", got, err)
	}
	if err := p.netconf.edit("running", toXML(described("mine"))); err != nil {
		t.Errorf("the holder of the lock cannot edit: %v", err)
	}
	do("<unlock><target><running/></target></unlock>")
	if err := p.gnmi.set(described("unlocked")); err != nil {
		t.Errorf("a Set after the lock was released: %v", err)
	}

	// A lock goes with its session.
	other, err := m.ns.openNETCONF()
	if err != nil {
		t.Fatal(err)
	}
	if err := other.do("<lock><target><running/></target></lock>"); err != nil {
		t.Fatal(err)
	}
	denied("a second lock", p.netconf.do("<lock><target><running/></target></lock>"), "lock-denied")
	other.close()
	if err := eventually(func() bool { return p.gnmi.set(described("after")) == nil }); err != nil {
		t.Errorf("the lock has outlived its session: %v", err)
	}

	// gNMI has a commit to be confirmed, NETCONF is refused.
	if err := p.gnmi.set(described("to be confirmed"), commitExtension("c1", &gpbext.CommitRequest{RollbackDuration: durationpb.New(time.Minute)})); err != nil {
		t.Fatal(err)
	}
	denied("lock", p.netconf.do("<lock><target><running/></target></lock>"), "lock-denied", "in-use")
	denied("edit-config", p.netconf.edit("running", toXML(described("not now"))), "in-use", "lock-denied")
	if err := p.netconf.edit("candidate", toXML(described("not now"))); err != nil {
		t.Errorf("candidate cannot be edited: %v", err)
	}
	denied("commit", p.netconf.do("<commit/>"), "in-use", "lock-denied", "invalid-value")
	if got, err := p.netconf.config("running"); err != nil || got[description] != "to be confirmed" {
		t.Errorf("running has the description %q (%v)", got[description], err)
	}
	do("<discard-changes/>")
	if err := p.gnmi.set(nil, commitExtension("c1", &gpbext.CommitCancel{})); err != nil {
		t.Fatal(err)
	}
	got, err := p.netconf.config("running")
	if err != nil || got[description] != "after" {
		t.Errorf("after the cancellation the description is %q (%v)", got[description], err)
	}

	// And the reverse: NETCONF's pending commit refuses gNMI.
	if err := p.commit(described("by NETCONF"), "<commit><confirmed/></commit>"); err != nil {
		t.Fatal(err)
	}
	if err := p.gnmi.set(described("not now")); status.Code(err) != codes.FailedPrecondition {
		t.Errorf("a Set while a confirmed commit of NETCONF is pending: %v", err)
	}
	do("<commit/>")
	if err := p.gnmi.set(described("now")); err != nil {
		t.Errorf("a Set after the confirmation: %v", err)
	}
}

// eventually asks until so.
func eventually(so func() bool) error {
	return within(patience, func() error {
		tick := time.NewTicker(20 * time.Millisecond)
		defer tick.Stop()
		for !so() {
			<-tick.C
		}
		return nil
	})
}
