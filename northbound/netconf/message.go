package netconf

import (
	"bytes"
	"context"
	"errors"

	"github.com/outrigger-cnf/outrigger/agent/codec/xmlcodec"
	"github.com/outrigger-cnf/outrigger/agent/fault"
	"github.com/outrigger-cnf/outrigger/agent/schema"
)

// call is one <rpc> on its way through.
type call struct {
	*session
	reply *reply
	last  bool // the session ends after this one
}

// action carries a parsed operation out. It writes what it has to say to the
// call's reply; one that says nothing and does not fail is answered with <ok/>.
type action func(ctx context.Context) error

// answer handles one message. It appends the reply to buf and reports whether
// the session ends with it.
func (n *session) answer(buf, message []byte) (reply []byte, last bool) {
	c := &call{session: n, reply: newReply(buf, n.srv.schema)}
	act, err := c.parse(message)
	if err != nil {
		n.countBad()
	} else {
		n.stats.inRPCs.Add(1)
		n.srv.stats.inRPCs.Add(1)
		err = act(n.ctx)
	}
	for _, e := range fault.All(err) {
		c.reply.error(e)
		n.stats.outErrors.Add(1)
		n.srv.stats.outErrors.Add(1)
	}
	return c.reply.close(), c.last
}

// parse reads an <rpc> to the end of the message, so that nothing of a message
// that turns out to be ill-formed has had an effect.
func (c *call) parse(message []byte) (action, error) {
	r := newReader(message, c.srv.limits)
	act, err := c.parseRPC(r)
	if err != nil {
		// The Reader does not know what base:1.0 does not.
		if bad, ok := errors.AsType[*fault.Error](err); ok && bad.Tag == fault.MalformedMessage {
			return nil, malformed(c.in.chunked, bad.Message)
		}
		return nil, err
	}
	return act, nil
}

// newReader reads a message. White space before it, which XML does not allow
// before an XML declaration, is what some clients end the last message with.
func newReader(message []byte, l Limits) *xmlcodec.Reader {
	return xmlcodec.NewReader(bytes.TrimLeft(message, " \t\r\n"), l.Depth)
}

func (c *call) parseRPC(r *xmlcodec.Reader) (action, error) {
	rpc, err := r.Root()
	if err != nil {
		return nil, err
	}
	if rpc.Local != "rpc" {
		return nil, malformed(c.in.chunked, "the message is a <"+rpc.Local+">; a client sends <rpc>")
	}
	if rpc.Space != baseNamespace {
		return nil, &fault.Error{Tag: fault.UnknownNamespace, Layer: fault.RPC,
			Message: "<rpc> must be in the namespace " + baseNamespace,
			Info:    []fault.Info{{Name: "bad-element", Value: "rpc"}, {Name: "bad-namespace", Value: rpc.Space}}}
	}
	// From here on every reply carries the attributes (RFC 6241 §4.1, §4.2).
	c.reply.open(rpc)
	if _, ok := rpc.Attr("", "message-id"); !ok {
		return nil, &fault.Error{Tag: fault.MissingAttribute, Layer: fault.RPC,
			Message: "<rpc> has no message-id",
			Info:    []fault.Info{{Name: "bad-attribute", Value: "message-id"}, {Name: "bad-element", Value: "rpc"}}}
	}
	op, err := r.Child()
	if err != nil {
		return nil, err
	}
	if op == nil {
		return nil, missingElement("rpc", "<rpc> holds no operation")
	}
	parse := c.srv.operations[name{op.Space, op.Local}]
	if parse == nil {
		return nil, notSupported("there is no operation <" + op.Local + "> in the namespace " + op.Space)
	}
	act, err := parse(c, r)
	if err != nil {
		return nil, err
	}
	switch more, err := r.Child(); {
	case err != nil:
		return nil, err
	case more != nil:
		return nil, unknownElement(more.Local, "<rpc> holds one operation, and <"+more.Local+"> is a second")
	}
	return act, r.End()
}

// reply writes an <rpc-reply>.
type reply struct {
	buf    []byte
	schema *schema.Schema
	// prefix is that of the base namespace, with its colon, where the rpc's own
	// attributes give the default namespace to another. Then inner is the
	// declaration that children of the reply need.
	prefix, inner string
	body          int // where the content begins in buf; 0 until the reply is open
	failed        bool
}

func newReply(buf []byte, s *schema.Schema) *reply { return &reply{buf: buf, schema: s} }

// open writes the start tag with the attributes of rpc as they are, namespace
// declarations included (RFC 6241 §4.1).
func (w *reply) open(rpc *xmlcodec.Element) {
	declared := false
	if rpc != nil {
		for _, a := range rpc.Attrs {
			if a.Name == "xmlns" {
				declared = true
				if a.Value != baseNamespace {
					w.prefix, w.inner = rpc.Prefix+":", ` xmlns="`+baseNamespace+`"`
				}
			}
		}
	}
	w.buf = append(w.buf, "<"+w.prefix+"rpc-reply"...)
	if !declared {
		w.buf = append(w.buf, ` xmlns="`+baseNamespace+`"`...)
	}
	if rpc != nil {
		for _, a := range rpc.Attrs {
			w.buf = append(w.buf, ' ')
			w.buf = append(w.buf, a.Name...)
			w.buf = append(w.buf, `="`...)
			w.buf = appendAttr(w.buf, a.Value)
			w.buf = append(w.buf, '"')
		}
	}
	w.buf = append(w.buf, '>')
	w.body = len(w.buf)
}

// error adds an rpc-error; it takes back data that was written before the first.
func (w *reply) error(e *fault.Error) {
	if w.body == 0 {
		w.open(nil)
	}
	if !w.failed {
		w.buf = w.buf[:w.body]
		w.failed = true
	}
	w.buf = appendError(w.buf, w.schema, e, w.inner)
}

// data writes <data> around what fill appends, in the namespace ns.
func (w *reply) data(ns string, fill func(dst []byte) ([]byte, error)) error {
	if ns == "" && w.inner == "" {
		w.buf = append(w.buf, "<data>"...)
	} else {
		if ns == "" {
			ns = baseNamespace
		}
		w.buf = append(w.buf, `<data xmlns="`+ns+`">`...)
	}
	buf, err := fill(w.buf)
	w.buf = append(buf, "</data>"...)
	return err
}

// close ends the reply and returns the buffer.
func (w *reply) close() []byte {
	if w.body == 0 {
		w.open(nil)
	}
	if len(w.buf) == w.body {
		w.buf = append(w.buf, "<ok"+w.inner+"/>"...)
	}
	w.buf = append(w.buf, "</"+w.prefix+"rpc-reply>"...)
	return w.buf
}
