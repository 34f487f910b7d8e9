package vpptest

import (
	"bufio"
	"fmt"
	"net"
	"reflect"
	"sync"
	"testing"

	"go.fd.io/govpp/api"
	"go.fd.io/govpp/binapi/fib"
	"go.fd.io/govpp/binapi/memclnt"
	"go.fd.io/govpp/codec"
)

// Client is a plain client of the binary API: somebody else's hand. One call at a
// time; it asks for no events.
type Client struct {
	mu    sync.Mutex
	conn  net.Conn
	r     *bufio.Reader
	index uint32
	ids   map[string]uint16
	next  uint32
}

// Dial opens a client that is closed with the test.
func Dial(t testing.TB, socket string) *Client {
	t.Helper()
	c, err := dial(socket)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func dial(socket string) (*Client, error) {
	conn, err := net.Dial("unix", socket)
	if err != nil {
		return nil, err
	}
	c := &Client{conn: conn, r: bufio.NewReaderSize(conn, 1<<16), ids: make(map[string]uint16)}
	frame, err := appendFrame(nil, &memclnt.SockclntCreate{Name: "somebody else"}, createID, 0, 1)
	if err != nil {
		return nil, err
	}
	if _, err := conn.Write(frame); err != nil {
		return nil, err
	}
	data, err := readFrame(c.r)
	if err != nil {
		return nil, err
	}
	var hello memclnt.SockclntCreateReply
	if err := codec.DecodeMsg(data, &hello); err != nil {
		return nil, err
	}
	c.index = hello.Index
	for _, e := range hello.MessageTable {
		c.ids[e.Name] = e.Index
	}
	return c, nil
}

// Close ends the connection.
func (c *Client) Close() { c.conn.Close() }

// Has reports whether the VPP has a message as this program knows it.
func (c *Client) Has(m api.Message) bool { _, ok := c.ids[key(m)]; return ok }

// Call sends a request and reads its reply. A return value other than 0 is no
// error here.
func (c *Client) Call(request, reply api.Message) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.send(request); err != nil {
		return err
	}
	for {
		id, data, err := c.receive()
		if err != nil {
			return err
		}
		if id == c.ids[key(reply)] {
			return codec.DecodeMsg(data, reply)
		}
	}
}

// dump sends a request and a ping, and hands what comes between to f.
func (c *Client) dump(request, details api.Message, f func(data []byte) error) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.send(request); err != nil {
		return err
	}
	if err := c.send(&memclnt.ControlPing{}); err != nil {
		return err
	}
	for {
		id, data, err := c.receive()
		if err != nil {
			return err
		}
		switch id {
		case c.ids[key(details)]:
			if err := f(data); err != nil {
				return err
			}
		case c.ids[key(&memclnt.ControlPingReply{})]:
			return nil
		}
	}
}

func (c *Client) send(m api.Message) error {
	id, ok := c.ids[key(m)]
	if !ok {
		return fmt.Errorf("this VPP does not have %s", key(m))
	}
	c.next++
	frame, err := appendFrame(nil, m, id, c.index, c.next)
	if err != nil {
		return err
	}
	_, err = c.conn.Write(frame)
	return err
}

func (c *Client) receive() (uint16, []byte, error) {
	data, err := readFrame(c.r)
	if err != nil {
		return 0, nil, err
	}
	return idOf(data), data, nil
}

// Dump sends a request that is answered by many details.
func Dump[D any, P interface {
	*D
	api.Message
}](c *Client, request api.Message) ([]P, error) {
	var list []P
	err := c.dump(request, P(new(D)), func(data []byte) error {
		d := P(new(D))
		list = append(list, d)
		return codec.DecodeMsg(data, d)
	})
	return list, err
}

// retvalOf is the return value of a reply; 0 where it has none.
func retvalOf(m api.Message) int32 {
	if f := reflect.ValueOf(m).Elem().FieldByName("Retval"); f.IsValid() {
		return int32(f.Int())
	}
	return 0
}

// Do is Call that must succeed; the reply is found by the request's name.
func (c *Client) Do(t testing.TB, request api.Message) api.Message {
	t.Helper()
	m := byName[request.GetMessageName()+"_reply"]
	reply := reflect.New(reflect.TypeOf(m).Elem()).Interface().(api.Message)
	if err := c.Call(request, reply); err != nil {
		t.Fatalf("%s: %v", request.GetMessageName(), err)
	}
	if v := retvalOf(reply); v != 0 {
		t.Fatalf("%s %+v: %v", request.GetMessageName(), request, api.VPPApiError(v))
	}
	return reply
}

// fibSources are all that there are.
func (c *Client) fibSources() ([]fibSource, error) {
	list, err := Dump[fib.FibSourceDetails](c, &fib.FibSourceDump{})
	var all []fibSource
	for _, d := range list {
		all = append(all, d.Src)
	}
	return all, err
}

// Ask sends a request and returns all that is answered before the answer to a
// ping sent behind it.
func (c *Client) Ask(request api.Message) ([]api.Message, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.send(request); err != nil {
		return nil, err
	}
	if err := c.send(&memclnt.ControlPing{}); err != nil {
		return nil, err
	}
	var list []api.Message
	for {
		id, data, err := c.receive()
		if err != nil {
			return nil, err
		}
		if id == c.ids[key(&memclnt.ControlPingReply{})] {
			return list, nil
		}
		for _, m := range byName {
			if c.ids[key(m)] == id {
				m := reflect.New(reflect.TypeOf(m).Elem()).Interface().(api.Message)
				if err := codec.DecodeMsg(data, m); err != nil {
					return nil, err
				}
				list = append(list, m)
				break
			}
		}
	}
}
