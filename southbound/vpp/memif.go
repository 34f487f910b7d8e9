package vpp

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"go.fd.io/govpp/api"
	"go.fd.io/govpp/binapi/ethernet_types"
	"go.fd.io/govpp/binapi/memif"

	"github.com/outrigger-cnf/outrigger/southbound/object"
	"github.com/outrigger-cnf/outrigger/southbound/plan"
	"github.com/outrigger-cnf/outrigger/southbound/vpp/conn"
)

// memifs are links of kind Memif. VPP keeps a table of their sockets; an entry is
// made with the first of them and deleted with the last.
type memifs struct{}

// What VPP gives a memif of which nothing else is said.
const (
	defaultRing   = 1024
	defaultBuffer = 2048
	maxRing       = 1 << 14
	maxSocket     = 107 // octets, as sockaddr_un has
)

func (memifs) feature() conn.Feature {
	return conn.Feature{Name: "memif", Messages: []api.Message{
		&memif.MemifSocketFilenameAddDelV2{}, &memif.MemifSocketFilenameAddDelV2Reply{},
		&memif.MemifSocketFilenameDump{}, &memif.MemifSocketFilenameDetails{},
		&memif.MemifCreateV2{}, &memif.MemifCreateV2Reply{},
		&memif.MemifDelete{}, &memif.MemifDeleteReply{},
		&memif.MemifDump{}, &memif.MemifDetails{},
	}}
}

func (memifs) check(c *object.Claim, l *object.Link) error {
	switch {
	case l.Socket == "" || l.Socket[0] != '/' && l.Socket[0] != '@':
		return wrong(object.Socket, "a memif needs the path of its socket from the root on, or after an @ an abstract name; %q is neither", l.Socket)
	case len(l.Socket) > maxSocket:
		return wrong(object.Socket, "it has %d octets, a socket's path has at most %d", len(l.Socket), maxSocket)
	case c.Has(object.RingSize) && (l.RingSize < 2 || l.RingSize > maxRing || l.RingSize&(l.RingSize-1) != 0):
		return wrong(object.RingSize, "%d: a ring has a power of two of slots, 2 to %d", l.RingSize, maxRing)
	case c.Has(object.BufferSize) && l.BufferSize == 0:
		return wrong(object.BufferSize, "a buffer has at least one octet")
	case c.Has(object.MemifRoleAttr) && l.MemifRole != object.MemifServer && l.MemifRole != object.MemifClient:
		return wrong(object.MemifRoleAttr, "a memif is %s or %s", object.MemifServer, object.MemifClient)
	case c.Has(object.MemifModeAttr) && l.MemifMode != object.MemifEthernet && l.MemifMode != object.MemifIP:
		return wrong(object.MemifModeAttr, "a memif passes %s or %s", object.MemifEthernet, object.MemifIP)
	}
	return nil
}

func (memifs) create(ctx context.Context, b *Backend, l *object.Link, s plan.Step) (uint32, error) {
	var back undo
	socket, known, err := b.memifSocket(ctx, l.Socket)
	if err != nil {
		return 0, err
	}
	if !known {
		b.sweepSockets(ctx)
		if socket, err = b.addSocket(ctx, l.Socket); err != nil {
			return 0, err
		}
		back.add(func(ctx context.Context) error { return b.deleteSocket(ctx, socket) })
	}
	req := &memif.MemifCreateV2{ID: l.MemifID, SocketID: socket, RingSize: defaultRing, BufferSize: defaultBuffer}
	if l.MemifRole == object.MemifClient {
		req.Role = memif.MEMIF_ROLE_API_SLAVE
	}
	if hasOwnMAC(l) {
		req.HwAddr = ethernet_types.MacAddress(b.ownMAC(l.Name))
	} else {
		req.Mode = memif.MEMIF_MODE_API_IP
	}
	if s.Has(object.RingSize) && l.RingSize != 0 {
		req.RingSize = l.RingSize
	}
	if s.Has(object.BufferSize) && l.BufferSize != 0 {
		req.BufferSize = l.BufferSize
	}
	var reply memif.MemifCreateV2Reply
	if err := b.write(ctx, req, &reply); err != nil {
		return 0, back.run(ctx, memifCause(err, l))
	}
	return uint32(reply.SwIfIndex), nil
}

// memifCause says what VPP's codes mean here.
func memifCause(err error, l *object.Link) error {
	var refused *conn.RetvalError
	if !errors.As(err, &refused) {
		return err
	}
	switch refused.Code {
	case api.SUBIF_ALREADY_EXISTS:
		return fmt.Errorf("socket %s has a memif with the number %d, or of the other role: %w", l.Socket, l.MemifID, err)
	case api.SYSCALL_ERROR_4:
		return fmt.Errorf("VPP cannot listen on %s; its directory must be there: %w", l.Socket, err)
	}
	return err
}

// memifSocket finds the number of a socket in VPP's table.
func (b *Backend) memifSocket(ctx context.Context, path string) (n uint32, known bool, err error) {
	sockets, err := b.memifSockets(ctx)
	if err != nil {
		return 0, false, err
	}
	for n, p := range sockets {
		if p == path {
			return n, true, nil
		}
	}
	return 0, false, nil
}

func (b *Backend) memifSockets(ctx context.Context) (map[uint32]string, error) {
	list, err := conn.Dump[memif.MemifSocketFilenameDetails](ctx, b.conn, &memif.MemifSocketFilenameDump{})
	if err != nil {
		return nil, err
	}
	sockets := make(map[uint32]string, len(list))
	for _, d := range list {
		path := text(d.SocketFilename)
		if name, ok := strings.CutPrefix(path, abstractPrefix); ok {
			path = "@" + name
		}
		sockets[d.SocketID] = path
	}
	return sockets, nil
}

// abstractPrefix is what VPP has before the name of an abstract socket.
const abstractPrefix = "abstract:"

func (b *Backend) addSocket(ctx context.Context, path string) (uint32, error) {
	if name, ok := strings.CutPrefix(path, "@"); ok {
		path = abstractPrefix + name
	}
	var socket uint32
	for n := range wideNumbers.choose(path) {
		socket = n
		err := b.write(ctx, &memif.MemifSocketFilenameAddDelV2{IsAdd: true, SocketID: n, SocketFilename: path}, &memif.MemifSocketFilenameAddDelV2Reply{})
		var refused *conn.RetvalError
		if errors.As(err, &refused) && refused.Code == api.ENTRY_ALREADY_EXISTS {
			continue
		}
		return socket, err
	}
	return 0, errors.New("there is no free number for a memif socket")
}

func (b *Backend) deleteSocket(ctx context.Context, n uint32) error {
	return b.write(ctx, &memif.MemifSocketFilenameAddDelV2{SocketID: n}, &memif.MemifSocketFilenameAddDelV2Reply{})
}

// remove deletes the memif, and what entries of ours have no memif any more.
func (memifs) remove(ctx context.Context, b *Backend, l *link) error {
	if err := b.write(ctx, &memif.MemifDelete{SwIfIndex: l.at()}, &memif.MemifDeleteReply{}); err != nil {
		return err
	}
	b.sweepSockets(ctx)
	return nil
}

// sweepSockets deletes those entries of ours of the table of sockets that have no
// memif: the last one went, or a process was killed before it had made the first. One
// that stays is used again.
func (b *Backend) sweepSockets(ctx context.Context) {
	sockets, err := b.memifSockets(ctx)
	if err == nil {
		var list []*memif.MemifDetails
		list, err = conn.Dump[memif.MemifDetails](ctx, b.conn, &memif.MemifDump{})
		for _, d := range list {
			delete(sockets, d.SocketID)
		}
	}
	if err != nil {
		return
	}
	for n, path := range sockets {
		if n < wideNumbers.from || n-wideNumbers.from >= wideNumbers.n {
			continue
		}
		if err := b.deleteSocket(ctx, n); err != nil {
			b.log.Warn("an entry of VPP's table of memif sockets stays", "socket", path, "err", err)
		}
	}
}

// fill tells what memifs were made with. The sizes that VPP tells are those that
// the two ends have agreed on, and nothing before they have met: those asked for
// are in the mark of a link of ours.
func (memifs) fill(ctx context.Context, b *Backend, links map[uint32]*link) error {
	var list []*memif.MemifDetails
	var sockets map[uint32]string
	err := atOnce(ctx, []func(context.Context) error{
		func(ctx context.Context) (err error) {
			list, err = conn.Dump[memif.MemifDetails](ctx, b.conn, &memif.MemifDump{})
			return err
		},
		func(ctx context.Context) (err error) { sockets, err = b.memifSockets(ctx); return err },
	})
	if err != nil {
		return missing(err)
	}
	for _, d := range list {
		l := links[uint32(d.SwIfIndex)]
		if l == nil {
			continue
		}
		l.Socket, l.MemifID = sockets[d.SocketID], d.ID
		l.MemifRole, l.MemifMode = object.MemifServer, object.MemifEthernet
		if d.Role == memif.MEMIF_ROLE_API_SLAVE {
			l.MemifRole = object.MemifClient
		}
		if d.Mode == memif.MEMIF_MODE_API_IP {
			l.MemifMode = object.MemifIP
		}
		switch {
		case l.Owned:
			l.RingSize, l.BufferSize = defaultRing, defaultBuffer
			if l.made.ring != 0 {
				l.RingSize = l.made.ring
			}
			if l.made.buffer != 0 {
				l.BufferSize = uint16(l.made.buffer)
			}
		case d.BufferSize != 0:
			l.RingSize, l.BufferSize = d.RingSize, d.BufferSize
		}
	}
	return nil
}

// leftover: the default name of a memif is made of the socket's number and its own.
func (memifs) leftover(l *link) bool {
	name, ok := strings.CutSuffix(l.Name, "/"+strconv.FormatUint(uint64(l.MemifID), 10))
	return ok && wideNumbers.leftover(name, "memif")
}

func (memifs) exclusive(l *object.Link) string {
	return fmt.Sprintf("memif %d of %s", l.MemifID, l.Socket)
}
