package conn_test

import (
	"bufio"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"go.fd.io/govpp/api"
	interfaces "go.fd.io/govpp/binapi/interface"
	"go.fd.io/govpp/binapi/memclnt"
	"go.fd.io/govpp/binapi/vpe"
	"go.fd.io/govpp/codec"

	"github.com/outrigger-cnf/outrigger/southbound"
	"github.com/outrigger-cnf/outrigger/southbound/vpp/conn"
)

// peer is the other end of one connection, at the level of octets.
type peer struct {
	net.Conn
	r *bufio.Reader
}

// The numbers of messages of a peer.
var numbers = map[string]uint16{
	"sockclnt_create_reply": 16, "control_ping": 20, "control_ping_reply": 21, "show_version": 22, "show_version_reply": 23,
	"sw_interface_event": 24, "want_interface_events": 25, "want_interface_events_reply": 26, "sockclnt_delete": 27, "sockclnt_delete_reply": 28,
}

// serve listens, and hands each connection to f in a goroutine of its own.
func serve(t *testing.T, f func(p *peer)) conn.Config {
	t.Helper()
	path := filepath.Join(t.TempDir(), "s")
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	all.Add(1)
	go func() {
		defer all.Done()
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			all.Add(1)
			go func() {
				defer all.Done()
				defer c.Close()
				f(&peer{c, bufio.NewReader(c)})
			}()
		}
	}()
	t.Cleanup(func() { l.Close(); all.Wait() })
	return conn.Config{Socket: path, Deadline: patience, Interval: patience}
}

// read returns number, context and message.
func (p *peer) read() (id uint16, context uint32, ok bool) {
	head := make([]byte, 16)
	if _, err := io.ReadFull(p.r, head); err != nil {
		return 0, 0, false
	}
	data := make([]byte, binary.BigEndian.Uint32(head[8:]))
	if _, err := io.ReadFull(p.r, data); err != nil {
		return 0, 0, false
	}
	at := 6
	if binary.BigEndian.Uint16(data) == 15 {
		at = 2
	}
	return binary.BigEndian.Uint16(data), binary.BigEndian.Uint32(data[at:]), true
}

func (p *peer) send(m api.Message, context uint32) {
	data, err := codec.EncodeMsg(m, numbers[m.GetMessageName()])
	if err != nil {
		panic(err)
	}
	at := 2
	if m.GetMessageType() == api.RequestMessage { // so looks sockclnt_create_reply
		at = 6
	}
	binary.BigEndian.PutUint32(data[at:], context)
	p.frame(data)
}

func (p *peer) frame(data []byte) {
	head := make([]byte, 16, 16+len(data))
	binary.BigEndian.PutUint32(head[8:], uint32(len(data)))
	p.Write(append(head, data...))
}

// greet answers the handshake, and the rest by f until it returns false.
func (p *peer) greet(f func(id uint16, context uint32) bool) {
	versions := map[string]api.Message{}
	for _, m := range append(append(memclnt.AllMessages(), vpe.AllMessages()...), interfaces.AllMessages()...) {
		versions[m.GetMessageName()] = m
	}
	asked := 0
	for {
		id, context, ok := p.read()
		switch {
		case !ok:
			return
		case id == 15:
			reply := &memclnt.SockclntCreateReply{Index: 7}
			for name, number := range numbers {
				reply.MessageTable = append(reply.MessageTable, memclnt.MessageTableEntry{Index: number, Name: name + "_" + versions[name].GetCrcString()})
			}
			reply.Count = uint16(len(reply.MessageTable))
			p.send(reply, context)
		case id == numbers["show_version"] && asked == 0:
			asked++
			p.send(&vpe.ShowVersionReply{Version: "test"}, context)
		case id == numbers["control_ping"] && asked == 1:
			asked++
			p.send(&memclnt.ControlPingReply{VpePID: 1}, context)
		case id == numbers["want_interface_events"]:
			p.send(&interfaces.WantInterfaceEventsReply{}, context)
		default:
			if !f(id, context) {
				return
			}
		}
	}
}

// Contexts are of one use, over all connections; and a reply under another one's
// is nobody's, not even as the first message of a connection.
func TestContexts(t *testing.T) {
	var mu sync.Mutex
	seen := make(map[uint32]bool)
	var former uint32
	cfg := serve(t, func(p *peer) {
		mu.Lock()
		stale := former
		mu.Unlock()
		if stale != 0 {
			p.send(&vpe.ShowVersionReply{Version: "stale"}, stale)
			p.send(&memclnt.SockclntCreateReply{Response: -1}, stale)
		}
		p.greet(func(id uint16, context uint32) bool {
			mu.Lock()
			defer mu.Unlock()
			if seen[context] {
				t.Errorf("context %d twice", context)
			}
			seen[context] = true
			p.send(&vpe.ShowVersionReply{Version: "stale"}, former)
			former = context
			if id == numbers["show_version"] {
				p.send(&vpe.ShowVersionReply{Version: "right"}, context)
			}
			return len(seen)%10 != 0 // then it hangs up
		})
	})
	c := open(t, cfg)
	for range 45 {
		await(t, c)
		var r vpe.ShowVersionReply
		if err := c.Call(t.Context(), &vpe.ShowVersion{}, &r); err != nil && !errors.Is(err, southbound.ErrAway) {
			t.Fatal(err)
		} else if err == nil && r.Version != "right" {
			t.Fatal(r.Version)
		}
	}
	if c.Epoch() < 4 {
		t.Fatalf("epoch %d", c.Epoch())
	}
}

// What no VPP sends ends the connection, and nothing else.
func TestNonsense(t *testing.T) {
	for name, nonsense := range map[string]func(p *peer, context uint32){
		"another message": func(p *peer, context uint32) { p.send(&memclnt.ControlPingReply{}, context) },
		"a short message": func(p *peer, context uint32) {
			p.frame([]byte{0, 23, byte(context >> 24), byte(context >> 16), byte(context >> 8), byte(context), 0, 0})
		},
		"a short frame": func(p *peer, context uint32) { p.frame([]byte{0, 23, 0}) },
		"a huge frame":  func(p *peer, context uint32) { p.Write(append(make([]byte, 8), 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0)) },
		"half a frame":  func(p *peer, context uint32) { p.Write([]byte{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0}) },
		"half a big frame": func(p *peer, context uint32) {
			p.Write([]byte{0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0, 0, 0, 0, 0, 0, 1, 2})
		},
		"a short event": func(p *peer, context uint32) { p.frame([]byte{0, 24, 0, 0, 0, 0, 1}) },
		"the end":       func(*peer, uint32) {},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := serve(t, func(p *peer) {
				p.greet(func(id uint16, context uint32) bool {
					if id == numbers["show_version"] {
						nonsense(p, context)
					}
					return false
				})
			})
			cfg.Subscriptions = []conn.Subscription{{
				Request: &interfaces.WantInterfaceEvents{}, Reply: &interfaces.WantInterfaceEventsReply{}, Events: []api.Message{&interfaces.SwInterfaceEvent{}},
			}}
			c := open(t, cfg)
			l := listen(c)
			for range 2 {
				hear(t, l, conn.Connected)
				err := c.Call(t.Context(), &vpe.ShowVersion{}, &vpe.ShowVersionReply{})
				if !errors.Is(err, southbound.ErrAway) || !strings.Contains(err.Error(), "show_version") {
					t.Fatalf("%v", err)
				}
				hear(t, l, conn.Lost)
			}
		})
	}
}

// Notifications that nobody takes are dropped, and that is told.
func TestMissed(t *testing.T) {
	cfg := serve(t, func(p *peer) {
		p.greet(func(id uint16, context uint32) bool {
			for i := range 40_000 {
				p.send(&interfaces.SwInterfaceEvent{PID: uint32(i)}, 7)
			}
			p.send(&memclnt.ControlPingReply{}, context)
			return true
		})
	})
	cfg.Subscriptions = []conn.Subscription{{
		Request: &interfaces.WantInterfaceEvents{}, Reply: &interfaces.WantInterfaceEventsReply{}, Events: []api.Message{&interfaces.SwInterfaceEvent{}},
	}}
	c := open(t, cfg)
	l := c.Listen()
	await(t, c)
	if err := ping(c); err != nil {
		t.Fatal(err)
	}
	events, err := l.Next(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var kinds [conn.Missed + 1]int
	for _, e := range events {
		kinds[e.Kind]++
	}
	last := events[len(events)-1]
	if events[0].Kind != conn.Connected || kinds[conn.Missed] == 0 || kinds[conn.Notified] == 0 || len(events) > 20_000 || last.Message.(*interfaces.SwInterfaceEvent).PID != 39_999 {
		t.Fatalf("%v", kinds)
	}
}

// Of a row of answers that VPP takes its time for, each may take as long as one: those
// that have come are told.
func TestPipelineSlow(t *testing.T) {
	told := make(chan struct{})
	cfg := serve(t, func(p *peer) {
		var held []uint32
		p.greet(func(id uint16, context uint32) bool {
			if id != numbers["show_version"] {
				p.send(&memclnt.ControlPingReply{}, context)
				return true
			}
			if held = append(held, context); len(held) == 1 {
				p.send(&vpe.ShowVersionReply{}, context)
			}
			if len(held) == 4 {
				<-told
				for _, context := range held[1:] {
					p.send(&vpe.ShowVersionReply{}, context)
				}
			}
			return true
		})
	})
	c := open(t, cfg)
	await(t, c)
	n := 0
	err := c.Pipeline(t.Context(), 4, func(int) api.Message { return &vpe.ShowVersion{} }, func(int) api.Message { return &vpe.ShowVersionReply{} },
		func(i int, err error) bool {
			if err != nil {
				t.Errorf("%d: %v", i, err)
			}
			if n++; n == 1 {
				close(told)
			}
			return true
		})
	if err != nil || n != 4 {
		t.Fatalf("%d told: %v", n, err)
	}
}
