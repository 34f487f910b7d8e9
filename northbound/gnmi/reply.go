package gnmi

import (
	gpb "github.com/openconfig/gnmi/proto/gnmi"

	"github.com/outrigger-cnf/outrigger/agent/path"
	"github.com/outrigger-cnf/outrigger/agent/schema"
)

// replyPrefix is the prefix of every Notification of one request.
type replyPrefix struct {
	path *gpb.Path // nil where the request had no prefix
	n    int       // elements of a path that it stands for
}

// newReplyPrefix takes over the request's prefix as it was sent (target and
// origin included), up to the first element that stands for more than one node:
// replies have no wildcards. sels are the paths of the request.
func newReplyPrefix(prefix *gpb.Path, sels []*selector) replyPrefix {
	if prefix == nil {
		return replyPrefix{}
	}
	n := 0
	for n < len(prefix.GetElem()) && prefix.Elem[n].GetName() != wildOne && prefix.Elem[n].GetName() != wildAny && exact(sels, n) {
		n++
	}
	return replyPrefix{
		path: &gpb.Path{Origin: prefix.GetOrigin(), Target: prefix.GetTarget(), Elem: prefix.GetElem()[:n]},
		n:    n,
	}
}

// exact reports whether all of the selectors name one and the same instance at
// step i.
func exact(sels []*selector, i int) bool {
	for _, s := range sels {
		if len(s.targets) == 0 {
			return false
		}
		for j := range s.targets {
			t := &s.targets[j]
			if i >= len(t.nodes) || t.nodes[i] != s.targets[0].nodes[i] {
				return false
			}
			if t.nodes[i].Kind == schema.List && exactKeys(t.keys[i]) == nil {
				return false
			}
		}
	}
	return true
}

// path makes the path of an update from the elements of the whole path. t is the
// target that led there, top the first step.
func (s *selector) path(t *target, p replyPrefix, elems []*gpb.PathElem, top path.Elem) *gpb.Path {
	return &gpb.Path{Origin: s.origin, Elem: s.appendElems(nil, t, p, elems, top)}
}

// appendElems appends the elements of path.
func (s *selector) appendElems(out []*gpb.PathElem, t *target, p replyPrefix, elems []*gpb.PathElem, top path.Elem) []*gpb.PathElem {
	if len(elems) <= p.n {
		return out
	}
	out = append(out, elems[p.n:]...)
	for i := p.n; i < len(t.given) && i < len(elems); i++ {
		if t.given[i] != nil {
			out[i-p.n] = t.given[i]
		}
	}
	if p.n == 0 && (s.qualified || s.scope.qualified(top.Module)) {
		out[0] = s.qualify(top, out[0])
	}
	return out
}

// qualify returns e, the first element of a path, with its module. It is the same
// each time.
func (s *selector) qualify(top path.Elem, e *gpb.PathElem) *gpb.PathElem {
	q := s.tops[e]
	if q == nil {
		q = &gpb.PathElem{Name: top.Module + ":" + top.Name, Key: e.GetKey()}
		if s.tops == nil {
			s.tops = make(map[*gpb.PathElem]*gpb.PathElem)
		}
		if len(e.GetKey()) == 0 { // of others there is no end
			s.tops[e] = q
		}
	}
	return q
}
