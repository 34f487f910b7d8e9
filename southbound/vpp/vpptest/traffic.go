package vpptest

import (
	"fmt"
	"testing"
	"time"

	interfaces "go.fd.io/govpp/binapi/interface"
	"go.fd.io/govpp/binapi/vlib"
)

// Traffic has a packet come in on every loopback that a real VPP has now, and again each
// time that much has passed, until the test ends: so that all of them count. VPP's packet
// generator makes a stream of one packet for each, which begins anew when it is enabled
// again; what VPP does with a packet of no known type is to count it and to drop it.
func Traffic(t testing.TB, socket string, every time.Duration) {
	t.Helper()
	c := Dial(t, socket)
	links, err := Dump[interfaces.SwInterfaceDetails](c, &interfaces.SwInterfaceDump{})
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range links {
		if l.InterfaceDevType == "Loopback" {
			c.Do(t, &vlib.CliInband{Cmd: fmt.Sprintf(
				"packet-generator new { name %[1]s limit 1 size 64-64 interface %[1]s node ethernet-input data { hex 0xffffffffffff020000000001ffff } }",
				l.InterfaceName)})
		}
	}
	stop, stopped := make(chan struct{}), make(chan struct{})
	t.Cleanup(func() {
		close(stop)
		<-stopped
	})
	go func() {
		defer close(stopped)
		tick := time.NewTicker(every)
		defer tick.Stop()
		for {
			if err := c.Call(&vlib.CliInband{Cmd: "packet-generator enable-stream"}, &vlib.CliInbandReply{}); err != nil {
				t.Errorf("no traffic any more: %v", err)
				return
			}
			select {
			case <-stop:
				return
			case <-tick.C:
			}
		}
	}()
}
