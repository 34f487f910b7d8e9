package vpptest

import (
	"os"
	"path/filepath"
	"time"

	"go.fd.io/govpp/api"
	interfaces "go.fd.io/govpp/binapi/interface"
	"go.fd.io/govpp/binapi/ip_neighbor"
	"go.fd.io/govpp/binapi/memclnt"
	"go.fd.io/govpp/binapi/vpe"
	"go.fd.io/govpp/binapi/vpe_types"
)

// life is what a fake knows from its start to its death.
type life struct {
	fake  *Fake
	pid   uint32
	began time.Time
	dead  chan struct{} // closed at the end
	stats *segment

	links
	bridges
	sockets map[uint32]string // of memifs
	tables
	neighbors map[neighborKey]*neighborEntry

	linkListeners     map[*session]uint32 // with the pid that they gave
	neighborListeners map[*session]uint32
}

func newLife(f *Fake, n int, stats string) (*life, error) {
	l := &life{
		fake: f, pid: uint32(os.Getpid()<<8 | n&0xff), began: time.Now(), dead: make(chan struct{}),
		neighbors:         make(map[neighborKey]*neighborEntry),
		linkListeners:     make(map[*session]uint32),
		neighborListeners: make(map[*session]uint32),
	}
	var err error
	if l.stats, err = newSegment(stats); err != nil {
		return nil, err
	}
	l.tables.begin()
	l.links.begin(l)
	l.bridges.begin()
	l.sockets = map[uint32]string{0: filepath.Join(f.dir, "memif.sock")}
	return l, nil
}

// unsubscribe forgets a client.
func (l *life) unsubscribe(s *session) {
	delete(l.linkListeners, s)
	delete(l.neighborListeners, s)
}

// handler carries out the messages of one name. The first of what it returns is
// the reply.
type handler struct {
	do      func(*life, *session, api.Message) []api.Message
	changes bool
}

// handlers are all messages that the fake knows.
var handlers = collect(
	on(func(_ *life, s *session, m *memclnt.SockclntDelete) []api.Message {
		return []api.Message{&memclnt.SockclntDeleteReply{Response: 1}}
	}),
	on(func(l *life, s *session, m *memclnt.ControlPing) []api.Message {
		return []api.Message{&memclnt.ControlPingReply{ClientIndex: s.index, VpePID: l.pid}}
	}),
	on(func(*life, *session, *memclnt.APIVersions) []api.Message {
		return []api.Message{&memclnt.APIVersionsReply{}}
	}),
	on(func(*life, *session, *vpe.ShowVersion) []api.Message {
		return []api.Message{&vpe.ShowVersionReply{Program: "vpe", Version: "25.10-fake", BuildDate: "-", BuildDirectory: "-"}}
	}),
	on(func(l *life, _ *session, _ *vpe.ShowVpeSystemTime) []api.Message {
		return []api.Message{&vpe.ShowVpeSystemTimeReply{VpeSystemTime: vpe_types.Timestamp(time.Since(l.began).Seconds())}}
	}),
	on(func(l *life, s *session, m *interfaces.WantInterfaceEvents) []api.Message {
		v := subscribe(l.linkListeners, s, m.EnableDisable != 0, m.PID)
		return []api.Message{&interfaces.WantInterfaceEventsReply{Retval: int32(v)}}
	}),
	on(func(l *life, s *session, m *ip_neighbor.WantIPNeighborEventsV2) []api.Message {
		if m.Enable {
			l.neighborListeners[s] = m.PID
		} else {
			delete(l.neighborListeners, s)
		}
		return []api.Message{&ip_neighbor.WantIPNeighborEventsV2Reply{}}
	}),
	linkHandlers, subHandlers, l2Handlers, deviceHandlers, tapHandlers, tunnelHandlers, tableHandlers, addressHandlers, routeHandlers, neighborHandlers,
)

func subscribe(list map[*session]uint32, s *session, want bool, pid uint32) api.VPPApiError {
	_, has := list[s]
	switch {
	case want && has:
		return api.INVALID_REGISTRATION
	case want:
		list[s] = pid
	case !has:
		return api.INVALID_REGISTRATION
	default:
		delete(list, s)
	}
	return 0
}

type handlerMap map[string]handler

// on is a handler of one message.
func on[Q any, M interface {
	*Q
	api.Message
}](do func(*life, *session, M) []api.Message) handlerMap {
	name := M(new(Q)).GetMessageName()
	return handlerMap{name: {changes: !reads(name), do: func(l *life, s *session, m api.Message) []api.Message {
		return do(l, s, m.(M))
	}}}
}

// onResult is a handler of a message whose reply holds nothing but the return
// value.
func onResult[Q any, M interface {
	*Q
	api.Message
}](do func(*life, M) api.VPPApiError) handlerMap {
	return on(func(l *life, _ *session, m M) []api.Message {
		return refuse(m.GetMessageName(), do(l, m))
	})
}

func collect(maps ...handlerMap) handlerMap {
	all := make(handlerMap)
	for _, m := range maps {
		for name, h := range m {
			all[name] = h
		}
	}
	return all
}
