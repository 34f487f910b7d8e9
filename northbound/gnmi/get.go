package gnmi

import (
	"context"
	"fmt"
	"time"

	gpb "github.com/openconfig/gnmi/proto/gnmi"
	"google.golang.org/grpc/codes"

	"github.com/outrigger-cnf/outrigger/agent"
	"github.com/outrigger-cnf/outrigger/agent/fault"
	"github.com/outrigger-cnf/outrigger/agent/path"
	"github.com/outrigger-cnf/outrigger/agent/schema"
	"github.com/outrigger-cnf/outrigger/agent/tree"
)

// Get implements gNMI. CONFIG is what is configured, of the datastore running;
// everything else is of the operational one, counters freshly read.
func (s *Server) Get(ctx context.Context, req *gpb.GetRequest) (*gpb.GetResponse, error) {
	depth, err := readDepth(req.GetExtension())
	if err != nil {
		return nil, err
	}
	if err := checkEncoding(req.GetEncoding()); err != nil {
		return nil, err
	}
	if _, known := gpb.GetRequest_DataType_name[int32(req.GetType())]; !known {
		return nil, invalidf("type %d is not known; use ALL, CONFIG, STATE or OPERATIONAL", req.GetType())
	}
	if n := len(req.GetPath()); n > s.limits.MaxPaths {
		return nil, failf(codes.ResourceExhausted, fault.TooBig, nil, "the request has %d paths; the limit is %d", n, s.limits.MaxPaths)
	}
	use, err := models(s.index.schema, req.GetUseModels())
	if err != nil {
		return nil, err
	}
	g := &getter{Server: s, encoding: req.GetEncoding(), filter: filter{index: s.index, kind: req.GetType(), models: use, depth: depth}}
	paths := req.GetPath()
	if len(paths) == 0 {
		if req.GetPrefix() == nil {
			return nil, invalidf("the request has neither a path nor a prefix; a path without elements is the root")
		}
		paths = []*gpb.Path{{}} // the prefix alone
	}
	b := &binder{index: s.index, limits: &s.limits, prefix: req.GetPrefix(), unknown: codes.Unimplemented}
	sels := make([]*selector, len(paths))
	for i, p := range paths {
		if sels[i], err = b.bind(p); err != nil {
			return nil, within(fmt.Sprintf("path %d", i+1), err)
		}
	}
	snap, err := g.snapshot(ctx, sels)
	if err != nil {
		return nil, err
	}
	g.snap, g.prefix = snap, newReplyPrefix(req.GetPrefix(), sels)
	resp := &gpb.GetResponse{}
	now := time.Now().UnixNano()
	for i, sel := range sels {
		n, err := g.notification(sel)
		if err != nil {
			return nil, within(fmt.Sprintf("path %d", i+1), err)
		}
		n.Timestamp = now
		resp.Notification = append(resp.Notification, n)
	}
	return resp, nil
}

// getter answers one Get.
type getter struct {
	*Server
	encoding gpb.Encoding
	filter   filter
	prefix   replyPrefix
	elems    []*gpb.PathElem // of the last path, with those of the prefix
	snap     *agent.Snapshot
	size     int // of the answer so far
}

// snapshot has the drivers read what is asked for, and returns a snapshot that
// has it.
func (g *getter) snapshot(ctx context.Context, sels []*selector) (*agent.Snapshot, error) {
	if g.filter.kind != gpb.GetRequest_CONFIG {
		var asked []path.Path
		for _, sel := range sels {
			p := sel.commonPath()
			if !g.hasState(sel) || covered(asked, p) {
				continue
			}
			asked = append(asked, p)
			if err := g.read(ctx, p, freshEnough); err != nil {
				return nil, err
			}
		}
	}
	return g.agent.Snapshot(), nil
}

// read makes sure that counters below p are no older than age, as far as the
// drivers can. What they cannot read is served as it was known last: a dataplane
// that does not answer must not hide the configuration.
func (s *Server) read(ctx context.Context, p path.Path, age time.Duration) error {
	_, err := s.agent.Refresh(ctx, p, age)
	if ctx.Err() != nil {
		return statusOf(ctx.Err())
	}
	if err != nil {
		s.log.Warn("counters could not be read; answering with the last ones", "path", p.String(), "err", err)
	}
	return nil
}

func (g *getter) tree() tree.Tree {
	if g.filter.kind == gpb.GetRequest_CONFIG {
		return g.snap.Running
	}
	return g.snap.Operational
}

// notification answers one path.
func (g *getter) notification(sel *selector) (*gpb.Notification, error) {
	n := &gpb.Notification{Prefix: g.prefix.path}
	var err error
	if sel.whole && g.encoding != gpb.Encoding_PROTO {
		return n, g.root(n, sel)
	}
	for i := range sel.targets {
		t := &sel.targets[i]
		w := walker{index: g.index}
		l := leaves{&w, &g.filter, g.index.traits[t.node(g.index.schema)], func(c *cursor) bool {
			err = g.leaf(n, sel, t, c)
			return err == nil
		}}
		w.instances(g.tree().Root(), t, 0, func(c *cursor) bool {
			if g.encoding == gpb.Encoding_PROTO || single(l.base.def) {
				return l.of(c.node, l.base)
			}
			err = g.subtree(n, sel, t, c)
			return err == nil
		})
		if err != nil {
			return nil, err
		}
	}
	if len(n.Update) == 0 && !sel.whole {
		return nil, g.absent(sel)
	}
	return n, nil
}

func (g *getter) leaf(n *gpb.Notification, sel *selector, t *target, c *cursor) error {
	v, err := encodeValue(c.node, g.encoding)
	if err != nil {
		return statusOf(err)
	}
	return g.add(n, g.path(sel, t, c), v)
}

// subtree adds a container or entry as one JSON value.
func (g *getter) subtree(n *gpb.Notification, sel *selector, t *target, c *cursor) error {
	if !g.exists(c.node, t.node(g.index.schema)) {
		return nil
	}
	v := encodeTree(c.node, g.encoding, &g.filter, t.node(g.index.schema))
	return g.add(n, g.path(sel, t, c), v)
}

// path makes the path of an update. The elements that it shares with the last one
// are the same.
func (g *getter) path(sel *selector, t *target, c *cursor) *gpb.Path {
	g.elems = g.elems[:c.same]
	for i := c.same; i < len(c.path); i++ {
		g.elems = append(g.elems, sel.elem(t, g.prefix, c.way, i))
	}
	c.same = len(c.path)
	p := &gpb.Path{Origin: sel.origin, Elem: make([]*gpb.PathElem, 0, len(g.elems)+1)}
	p.Elem = append(p.Elem, g.elems[min(g.prefix.n, len(g.elems)):]...)
	if c.last != nil {
		p.Elem = append(p.Elem, c.last.elem)
	}
	return p
}

// exists reports whether the filter leaves something of an instance.
func (g *getter) exists(n *tree.Node, base *schema.Node) bool {
	if n.Schema().Presence && (g.filter.kind == gpb.GetRequest_ALL || n.Schema().Config == (g.filter.kind == gpb.GetRequest_CONFIG)) {
		return true
	}
	l := leaves{&walker{index: g.index}, &g.filter, g.index.traits[base], func(*cursor) bool { return false }}
	return !l.of(n, g.index.traits[n.Schema()])
}

// root adds the whole of an origin as one JSON object, empty if there is nothing.
func (g *getter) root(n *gpb.Notification, sel *selector) error {
	f := g.filter
	f.scope = &sel.scope
	root := g.tree().Root()
	if meta := g.snap.Running.Root().Meta(); meta != nil && root.Meta() == nil {
		root = root.WithMeta(meta)
	}
	v := encodeTree(root, g.encoding, &f, g.index.schema.Root)
	return g.add(n, &gpb.Path{Origin: sel.origin}, v)
}

func (g *getter) add(n *gpb.Notification, p *gpb.Path, v *gpb.TypedValue) error {
	if g.size += pathSize(p) + valueSize(v); g.size > g.limits.MaxGet {
		return failf(codes.ResourceExhausted, fault.TooBig, nil,
			"the answer would be larger than %d bytes; ask for less, or Subscribe with mode ONCE, which answers in parts", g.limits.MaxGet)
	}
	n.Update = append(n.Update, &gpb.Update{Path: p, Val: v})
	return nil
}

// absent words the error for a path that nothing is at.
func (g *getter) absent(sel *selector) error {
	kind := ""
	if g.filter.kind != gpb.GetRequest_ALL {
		kind = " of type " + g.filter.kind.String()
	}
	return failf(codes.NotFound, fault.DataMissing, nil, "there is no data%s at %s", kind, elemsText(sel.elems))
}

// pathSize and valueSize are upper bounds for the encoded size. They are much
// cheaper than proto.Size, and it does not matter that they are higher.
func pathSize(p *gpb.Path) int {
	size := 12 + len(p.GetOrigin()) + len(p.GetTarget())
	for _, e := range p.GetElem() {
		size += 8 + len(e.GetName())
		for k, v := range e.GetKey() {
			size += 12 + len(k) + len(v)
		}
	}
	return size
}

func valueSize(v *gpb.TypedValue) int {
	switch v := v.GetValue().(type) {
	case *gpb.TypedValue_StringVal:
		return 12 + len(v.StringVal)
	case *gpb.TypedValue_JsonVal:
		return 12 + len(v.JsonVal)
	case *gpb.TypedValue_JsonIetfVal:
		return 12 + len(v.JsonIetfVal)
	case *gpb.TypedValue_BytesVal:
		return 12 + len(v.BytesVal)
	case *gpb.TypedValue_AsciiVal:
		return 12 + len(v.AsciiVal)
	case *gpb.TypedValue_LeaflistVal:
		size := 12
		for _, e := range v.LeaflistVal.GetElement() {
			size += valueSize(e)
		}
		return size
	default:
		return 24
	}
}
