package vpptest_test

import (
	"testing"

	interfaces "go.fd.io/govpp/binapi/interface"

	"github.com/outrigger-cnf/outrigger/southbound/vpp/vpptest"
)

func TestFakeAnswers(t *testing.T) {
	f := vpptest.NewFake(t)
	c := vpptest.Dial(t, f.Socket())
	reply := c.Do(t, &interfaces.CreateLoopback{}).(*interfaces.CreateLoopbackReply)
	all, err := vpptest.Dump[interfaces.SwInterfaceDetails](c, &interfaces.SwInterfaceDump{SwIfIndex: ^reply.SwIfIndex | reply.SwIfIndex})
	if err != nil {
		t.Fatal(err)
	}
	if len(all) != 2 || all[1].InterfaceName != "loop0" {
		t.Errorf("got %+v", all)
	}
}
