package gnmi

import (
	"maps"
	"slices"

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

// element returns how the i-th element of a path is written in replies: its name, and
// its keys in the order of their names, which are appended to room. t is the target
// that led to it.
func (s *selector) element(room []path.Key, t *target, p replyPrefix, w way, i int) (name string, keys []path.Key) {
	step, at := w.path[i], w.at[i]
	name = at.name
	if i == 0 && p.n == 0 && (s.qualified || s.scope.qualified(step.Module)) {
		name = step.Module + ":" + step.Name
	}
	switch {
	case i < len(t.given) && t.given[i] != nil:
		given := t.given[i].GetKey()
		for _, k := range slices.Sorted(maps.Keys(given)) {
			room = append(room, path.Key{Name: k, Value: given[k]})
		}
	case len(step.Keys) == len(at.keys):
		for _, k := range at.keys {
			room = append(room, path.Key{Name: k.def.Name, Value: s.index.keyText(k, step.Keys[k.def.Index].Value)})
		}
	}
	return name, room
}

// appendElement appends element as a field of a Path.
func (s *selector) appendElement(b []byte, t *target, p replyPrefix, w way, i int) []byte {
	if at := w.at[i]; i > 0 && len(at.keys) == 0 { // most are, and it is always the same
		return append(b, at.wire...)
	}
	var room [4]path.Key
	name, keys := s.element(room[:0], t, p, w, i)
	return appendElem(b, name, keys)
}

// elem is element as a message.
func (s *selector) elem(t *target, p replyPrefix, w way, i int) *gpb.PathElem {
	name, keys := s.element(nil, t, p, w, i)
	if at := w.at[i]; len(keys) == 0 && name == at.name {
		return at.elem
	}
	e := &gpb.PathElem{Name: name}
	if len(keys) > 0 {
		e.Key = make(map[string]string, len(keys))
	}
	for _, k := range keys {
		e.Key[k.Name] = k.Value
	}
	return e
}
