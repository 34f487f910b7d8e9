package conn

import (
	"context"
	"encoding/binary"
	"fmt"
	"reflect"
	"time"

	"go.fd.io/govpp/api"
	"go.fd.io/govpp/binapi/memclnt"
)

// Call exchanges one request for its reply. A return code other than 0 becomes a
// *RetvalError; the reply is filled in all the same. Without a connection, and
// without an answer in time, the error wraps southbound.ErrAway; where a message
// is missing or its feature is off, southbound.ErrUnsupported. Once the request
// is out its answer is waited for within the deadline, whatever becomes of ctx.
func (c *Conn) Call(ctx context.Context, req, reply api.Message) error {
	s, err := c.session(ctx, req.GetMessageName())
	if err != nil {
		return err
	}
	return s.call(req, reply)
}

// session is the one in use.
func (c *Conn) session(ctx context.Context, what string) (*session, error) {
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("%s: %w", what, err)
	}
	if s := c.live.Load(); s != nil {
		return s, s.within(ctx, what)
	}
	return nil, fmt.Errorf("%s: %w", what, c.problem())
}

func (s *session) call(req, reply api.Message) error {
	want, err := s.table.number(reply)
	if err != nil {
		return err
	}
	x := s.begin(1)
	defer s.end(x)
	err = s.send(func(dst []byte) ([]byte, error) { return s.frame(dst, req, x.first) })
	if err != nil {
		return err
	}
	timer := time.NewTimer(s.c.cfg.Deadline)
	defer timer.Stop()
	if err := s.wait(x, timer, req.GetMessageName()); err != nil {
		return err
	}
	in := s.take(x, inbox{})
	return in.each(func(id uint16, _ uint32, data []byte) error {
		return s.reply(req.GetMessageName(), reply, want, id, data)
	})
}

// reply reads the reply to the request name, whose number should be want.
func (s *session) reply(name string, reply api.Message, want, id uint16, data []byte) error {
	if id != want {
		s.fail(otherAnswer(name, id, want))
		return s.away(name)
	}
	if err := decode(data, reply); err != nil {
		s.fail(err)
		return s.away(name)
	}
	return s.refused(name, reply, data)
}

func otherAnswer(name string, id, want uint16) error {
	return fmt.Errorf("VPP has answered %s with message %d instead of %d", name, id, want)
}

// refused is what the return code of a reply says.
func (s *session) refused(name string, reply api.Message, data []byte) error {
	if !s.c.hasRetval(reply) || len(data) < replyHeader+4 {
		return nil
	}
	if code := int32(binary.BigEndian.Uint32(data[replyHeader:])); code != 0 {
		return &RetvalError{Message: name, Code: api.VPPApiError(code)}
	}
	return nil
}

// hasRetval reports whether a reply begins with a return code, as all but a few
// do.
func (c *Conn) hasRetval(reply api.Message) bool {
	t := reflect.TypeOf(reply).Elem()
	if has, ok := c.retvals.Load(t); ok {
		return has.(bool)
	}
	has := t.NumField() > 0 && t.Field(0).Name == "Retval" && t.Field(0).Type.Kind() == reflect.Int32
	c.retvals.Store(t, has)
	return has
}

// Dump sends a request that is answered by any number of details.
func Dump[D any, P interface {
	*D
	api.Message
}](ctx context.Context, c *Conn, req api.Message) ([]P, error) {
	var all []P
	err := DumpAll(ctx, c, 1, func(int) api.Message { return req }, func(_ int, d P) { all = append(all, d) })
	if err != nil {
		return nil, err
	}
	return all, nil
}

// dumpsAtOnce is how many requests for details are in flight.
const dumpsAtOnce = 256

// DumpAll sends n requests, each answered by any number of details, and hands
// each of these to take with the number of its request, in their order.
func DumpAll[D any, P interface {
	*D
	api.Message
}](ctx context.Context, c *Conn, n int, request func(i int) api.Message, take func(i int, d P)) error {
	if n == 0 {
		return nil
	}
	first := request(0)
	s, err := c.session(ctx, first.GetMessageName())
	if err != nil {
		return err
	}
	want, err := s.table.number(P(new(D)))
	if err != nil {
		return err
	}
	for at := 0; at < n; at += dumpsAtOnce {
		some := min(dumpsAtOnce, n-at)
		err := s.dump(ctx, some, func(i int) api.Message { return request(at + i) }, func(i int, id uint16, data []byte) error {
			if id != want {
				return otherAnswer(first.GetMessageName(), id, want)
			}
			d := P(new(D))
			if err := decode(data, d); err != nil {
				return err
			}
			take(at+i, d)
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// dump sends n requests and a ping, whose reply ends the details.
func (s *session) dump(ctx context.Context, n int, request func(i int) api.Message, take func(i int, id uint16, data []byte) error) error {
	x := s.begin(n + 1)
	defer s.end(x)
	var what string
	err := s.send(func(dst []byte) (_ []byte, err error) {
		for i := range n {
			m := request(i)
			what = m.GetMessageName()
			if dst, err = s.frame(dst, m, x.first+uint32(i)); err != nil {
				return dst, err
			}
		}
		return s.frame(dst, &memclnt.ControlPing{}, x.first+uint32(n))
	})
	if err != nil {
		return err
	}
	timer := time.NewTimer(s.c.cfg.Deadline)
	defer timer.Stop()
	var in inbox
	for done := false; !done; {
		if err := s.wait(x, timer, what); err != nil {
			return err
		}
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("%s: %w", what, err)
		}
		in = s.take(x, in)
		err := in.each(func(id uint16, context uint32, data []byte) error {
			i := int(context - x.first)
			if i == n {
				done = true
				return nil
			}
			return take(i, id, data)
		})
		if err != nil {
			s.fail(err)
			return s.away(what)
		}
	}
	return nil
}
