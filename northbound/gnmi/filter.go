package gnmi

import (
	gpb "github.com/openconfig/gnmi/proto/gnmi"
	"google.golang.org/grpc/codes"

	"github.com/outrigger-cnf/outrigger/agent/fault"
	"github.com/outrigger-cnf/outrigger/agent/schema"
)

// filter decides which schema nodes a reply contains. The zero filter (with an
// index) lets everything through.
type filter struct {
	index  *index
	kind   gpb.GetRequest_DataType
	models *modelSet          // use_models; nil is all
	depth  int                // levels below the path; 0 is all
	scope  *scope             // of the top-level nodes these; nil is all
	only   func(*traits) bool // of all nodes these; nil is all
}

// leaf reports whether a leaf is in the reply; base is the node of the path that was
// asked for.
func (f *filter) leaf(t, base *traits) bool {
	n := t.def
	switch f.kind {
	case gpb.GetRequest_CONFIG:
		if !n.Config {
			return false
		}
	case gpb.GetRequest_STATE:
		if n.Config {
			return false
		}
	case gpb.GetRequest_OPERATIONAL:
		if n.Config || !t.derived {
			return false
		}
	}
	if f.models != nil && !f.models.of[n.Module] || f.outside(n) || f.only != nil && !f.only(t) {
		return false
	}
	return f.depth == 0 || t.depth-base.depth <= f.depth
}

// enter reports whether something below a container or list can be in the reply.
func (f *filter) enter(t, base *traits) bool {
	n := t.def
	switch f.kind {
	case gpb.GetRequest_CONFIG:
		if !n.Config {
			return false
		}
	case gpb.GetRequest_STATE:
		if !t.state {
			return false
		}
	case gpb.GetRequest_OPERATIONAL:
		if !t.derived {
			return false
		}
	}
	if f.models != nil && !f.models.above[n] || f.only != nil && !f.only(t) {
		return false
	}
	return !f.outside(n) && (f.depth == 0 || t.depth-base.depth < f.depth)
}

// outside reports whether a top-level node belongs to another origin.
func (f *filter) outside(n *schema.Node) bool {
	return f.scope != nil && n.DataParent == f.index.schema.Root && !f.scope.has(n)
}

// modelSet is what use_models selects.
type modelSet struct {
	of    map[*schema.Module]bool
	above map[*schema.Node]bool // the containers and lists that are, or hold, something of these
}

// climb notes the nodes at and below n that are or hold something of the models,
// and reports whether n is one.
func (m *modelSet) climb(n *schema.Node) bool {
	some := m.of[n.Module]
	for _, c := range n.Data {
		some = m.climb(c) || some
	}
	if some && len(n.Data) > 0 {
		m.above[n] = true
	}
	return some
}

// models reads use_models (specification §2.6). An empty version or organization
// means any.
func models(s *schema.Schema, use []*gpb.ModelData) (*modelSet, error) {
	if len(use) == 0 {
		return nil, nil
	}
	out := &modelSet{of: make(map[*schema.Module]bool, len(use)), above: make(map[*schema.Node]bool)}
	for _, u := range use {
		m := s.Module(u.GetName())
		if m == nil || !m.Implemented {
			return nil, failf(codes.InvalidArgument, fault.UnknownNamespace, nil,
				"use_models names %q, which is not a model that Capabilities lists", u.GetName())
		}
		if v := u.GetVersion(); v != "" && v != m.Revision {
			return nil, failf(codes.InvalidArgument, fault.InvalidValue, nil,
				"use_models asks for version %q of %s; served is %q", v, m.Name, m.Revision)
		}
		out.of[m] = true
	}
	out.climb(s.Root)
	return out, nil
}
