package conn

import (
	"bytes"
	"errors"
	"io"
	"testing"

	"go.fd.io/govpp/api"
	"go.fd.io/govpp/binapi/ip"
	"go.fd.io/govpp/binapi/memclnt"
	"go.fd.io/govpp/binapi/vpe"
)

// A frame in a buffer that was used before has nothing of what was in it.
func TestFrameIsClean(t *testing.T) {
	m := &memclnt.SockclntCreate{Name: "x"}
	clean, err := appendFrame(nil, m, 15, 0, 3)
	if err != nil {
		t.Fatal(err)
	}
	used := bytes.Repeat([]byte{0xff}, 1000)
	again, err := appendFrame(used[:0], m, 15, 0, 3)
	if err != nil || !bytes.Equal(clean, again) {
		t.Fatalf("%x\n%x %v", clean, again, err)
	}
}

func TestCut(t *testing.T) {
	var b []byte
	var ends []int
	for i := range 3 {
		var err error
		if b, err = appendFrame(b, &ip.IPTableAddDelV2{}, 1, 2, uint32(i)); err != nil {
			t.Fatal(err)
		}
		ends = append(ends, len(b))
	}
	for n := range len(b) + 1 {
		rest := cut(b, n)
		end := 0
		for _, e := range ends {
			if n > end {
				end = e
			}
		}
		if n+len(rest) != end || !bytes.Equal(rest, b[n:end]) {
			t.Fatalf("%d of %d sent: %d left, the frame ends at %d", n, len(b), len(rest), end)
		}
	}
}

// FuzzFrames reads anything as what a VPP sends.
func FuzzFrames(f *testing.F) {
	reply, err := appendFrame(nil, &vpe.ShowVersionReply{Version: "25.10"}, 9, 0, 5)
	if err != nil {
		f.Fatal(err)
	}
	table, err := appendFrame(nil, &memclnt.SockclntCreateReply{Count: 1, MessageTable: []memclnt.MessageTableEntry{{Index: 1, Name: "a_1"}}}, 16, 7, 5)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(append(reply, table...))
	f.Add(table[:len(table)-3])
	f.Add([]byte("0000000000000000000000"))
	f.Fuzz(func(t *testing.T, data []byte) {
		in := newFrames(bytes.NewReader(data), func() {})
		got := 0
		for {
			frame, err := in.next()
			if err != nil {
				if errors.Is(err, io.EOF) && got != len(data) {
					t.Fatalf("an end in the midst, after %d of %d", got, len(data))
				}
				return
			}
			got += headerLength + len(frame)
			for _, m := range []api.Message{&vpe.ShowVersionReply{}, &ip.IPRouteV2Details{}, &memclnt.ControlPingReply{}} {
				_ = decode(frame, m)
			}
			var hello memclnt.SockclntCreateReply
			if decode(frame, &hello) == nil {
				newTable(hello.MessageTable, nil)
			}
		}
	})
}
