package conn

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"os"
	"slices"
	"syscall"
	"time"

	"go.fd.io/govpp/api"
	"go.fd.io/govpp/binapi/memclnt"
	"go.fd.io/govpp/binapi/vpe"
)

const (
	// retryFirst and retryAtMost are how long to wait before the next attempt. A
	// socket that appears is tried at once.
	retryFirst  = 20 * time.Millisecond
	retryAtMost = time.Second
	// handshakeLimit is how long a VPP that has taken the connection may take to
	// answer it: it may still be starting, or hang.
	handshakeLimit = 30 * time.Second
	// drainLimit is how long the former connection is waited for once VPP has
	// answered the new one.
	drainLimit = time.Second
	// farewell is how long VPP may take to let us go.
	farewell = 200 * time.Millisecond
)

// createNumber is the number of sockclnt_create in every VPP; its reply tells
// those of all other messages.
const createNumber = 15

// run keeps the connection until ctx ends.
func (c *Conn) run(ctx context.Context) {
	var former *session
	defer func() {
		if former != nil {
			former.sock.Close()
		}
		c.update(func(i *Info) { i.Connected, i.Since, i.Problem = false, time.Now(), errClosed.Error() })
		c.listeners.close()
	}()
	for ctx.Err() == nil {
		s := c.connect(ctx, former)
		if s == nil {
			return
		}
		former = s
		select {
		case <-s.dead:
		case <-ctx.Done():
			s.leave()
		}
		c.lose(s)
		go s.drain()
	}
}

// connect makes a connection, at whatever time; nil: ctx has ended.
func (c *Conn) connect(ctx context.Context, former *session) *session {
	var appears *appearance
	defer func() {
		if appears != nil {
			appears.close()
		}
	}()
	for pause := retryFirst; ; pause = min(2*pause, retryAtMost) {
		s, err := c.attempt(ctx, former)
		if err == nil {
			return s
		}
		if ctx.Err() != nil {
			return nil
		}
		c.fault(err.Error())
		if appears == nil {
			appears = watchFor(c.cfg.Socket)
		}
		timer := time.NewTimer(pause)
		select {
		case <-timer.C:
			if pause == retryAtMost {
				appears.renew()
			}
		case <-appears.C:
			pause = retryFirst / 2
		case <-ctx.Done():
		}
		timer.Stop()
	}
}

// fault notes why there is no connection.
func (c *Conn) fault(problem string) {
	if c.Info().Problem == problem {
		return
	}
	c.log.Warn("VPP is not connected", "problem", problem)
	c.update(func(i *Info) { i.Problem = problem })
}

// attempt makes one attempt.
func (c *Conn) attempt(ctx context.Context, former *session) (*session, error) {
	born, err := socketBirth(c.cfg.Socket)
	if err != nil {
		return nil, err
	}
	var d net.Dialer
	sock, err := d.DialContext(ctx, "unix", c.cfg.Socket)
	if err != nil {
		return nil, err
	}
	s := newSession(c, sock)
	release := context.AfterFunc(ctx, func() { sock.Close() })
	info, err := s.handshake(former)
	if err == nil {
		var still string
		if still, err = socketBirth(c.cfg.Socket); err == nil && still != born {
			err = fmt.Errorf("%s has become another one", c.cfg.Socket)
		}
		info.Incarnation += born
	}
	if err == nil && !release() {
		err = ctx.Err()
	}
	if err != nil {
		s.fail(err)
		sock.Close()
		return nil, err
	}
	c.gain(s, info)
	go s.watch()
	return s, nil
}

// socketBirth tells this socket from others that will be at its path: each VPP
// makes its own when it starts, and what is done to the file later does not
// change when it was last written.
func socketBirth(path string) (string, error) {
	fi, err := os.Stat(path)
	if err != nil {
		return "", err
	}
	var inode uint64
	if st, ok := fi.Sys().(*syscall.Stat_t); ok {
		inode = st.Ino
	}
	return fmt.Sprintf("/%d/%d", inode, fi.ModTime().UnixNano()), nil
}

// handshake makes the session ready for use. What it returns lacks what is not of
// this session.
func (s *session) handshake(former *session) (Info, error) {
	if err := s.create(); err != nil {
		return Info{}, fmt.Errorf("VPP has taken the connection and does not greet: %w", err)
	}
	info := Info{Missing: s.table.missing}
	if s.table.useless != "" {
		return Info{}, fmt.Errorf("this VPP cannot be used: %s", s.table.useless)
	}
	if former != nil {
		timer := time.NewTimer(drainLimit)
		select {
		case <-former.drained:
		case <-timer.C:
		case <-s.dead:
		}
		timer.Stop()
		former.sock.Close()
	}
	var version vpe.ShowVersionReply
	if err := s.call(&vpe.ShowVersion{}, &version); err != nil {
		return Info{}, err
	}
	var pong memclnt.ControlPingReply
	if err := s.call(&memclnt.ControlPing{}, &pong); err != nil {
		return Info{}, err
	}
	info.Version = version.Version
	info.Incarnation = fmt.Sprintf("vpp/%d", pong.VpePID)
	for _, sub := range s.c.cfg.Subscriptions {
		if !s.has(sub) {
			continue
		}
		err := s.call(sub.Request, sub.Reply)
		var refused *RetvalError
		if errors.As(err, &refused) {
			info.Missing = append(slices.Clip(info.Missing), err.Error())
		} else if err != nil {
			return Info{}, err
		}
	}
	return info, nil
}

// create registers with VPP and learns the numbers of its messages.
func (s *session) create() error {
	context := s.c.contexts.Add(1)
	hello, err := appendFrame(nil, &memclnt.SockclntCreate{Name: "outrigger"}, createNumber, 0, context)
	if err != nil {
		return err
	}
	_ = s.sock.SetDeadline(time.Now().Add(handshakeLimit))
	if _, err := s.sock.Write(hello); err != nil {
		return err
	}
	in := newFrames(ear{s}, func() {})
	data, err := in.next()
	// VPP may have given us the number of a client that left requests behind,
	// and answers them to us.
	for err == nil && (len(data) < requestHeader || binary.BigEndian.Uint32(data[requestContext:]) != context) {
		data, err = in.next()
	}
	if err != nil {
		return err
	}
	var reply memclnt.SockclntCreateReply
	if err := decode(data, &reply); err != nil {
		return err
	}
	if reply.Response != 0 {
		return fmt.Errorf("%s: %w", "sockclnt_create", api.VPPApiError(reply.Response))
	}
	_ = s.sock.SetDeadline(time.Time{})
	s.client = reply.Index
	s.table = newTable(reply.MessageTable, s.c.cfg.Features)
	s.events = make(map[uint16]func() api.Message)
	for _, sub := range s.c.cfg.Subscriptions {
		if !s.has(sub) {
			continue
		}
		for _, e := range sub.Events {
			id, _ := s.table.number(e)
			s.events[id] = maker(e)
		}
	}
	s.epoch = s.c.Epoch() + 1
	go s.read(in)
	return nil
}

// has reports whether VPP has all messages of a subscription.
func (s *session) has(sub Subscription) bool {
	for _, m := range append([]api.Message{sub.Request, sub.Reply}, sub.Events...) {
		if _, err := s.table.number(m); err != nil {
			return false
		}
	}
	return true
}

// gain makes the session the one in use.
func (c *Conn) gain(s *session, info Info) {
	again := false
	c.mu.Lock()
	c.lacking = s.table.lacking
	c.mu.Unlock()
	c.update(func(i *Info) {
		again = i.Incarnation != "" && i.Incarnation != info.Incarnation
		info.Restarts = i.Restarts
		if again {
			info.Restarts++
		}
		info.Connected, info.Since, info.Epoch = true, time.Now(), s.epoch
		*i = info
		c.live.Store(s)
	})
	c.log.Info("VPP is connected", "version", info.Version, "restarted", again, "epoch", s.epoch)
	for _, m := range info.Missing {
		c.log.Warn("a feature of VPP cannot be used", "reason", m)
	}
	c.listeners.tell(Event{Kind: Connected, Epoch: s.epoch})
}

// lose ends the use of the session.
func (c *Conn) lose(s *session) {
	problem := s.reason().Error()
	c.update(func(i *Info) {
		i.Connected, i.Since, i.Problem = false, time.Now(), problem
		c.live.Store(nil)
	})
	s.counters.close()
	if !c.closing.Load() {
		c.log.Warn("VPP is lost", "problem", problem)
	}
	c.listeners.tell(Event{Kind: Lost, Epoch: s.epoch})
}

// leave tells VPP that we go, so that it forgets us at once.
func (s *session) leave() {
	x := s.begin(1)
	defer s.end(x)
	err := s.send(func(dst []byte) ([]byte, error) {
		return s.frame(dst, &memclnt.SockclntDelete{Index: s.client}, x.first)
	})
	if err == nil {
		timer := time.NewTimer(farewell)
		select {
		case <-x.wake:
		case <-s.dead:
		case <-timer.C:
		}
		timer.Stop()
	}
	s.fail(errClosed)
	s.sock.Close()
}
