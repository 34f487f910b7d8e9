// Package translate holds what models have in common: paths, claims of what is
// on a link, and rendering through the typed view.
package translate

import (
	"cmp"
	"slices"
	"strings"

	"github.com/outrigger-cnf/outrigger/agent/path"
)

// Below returns p with the steps of a relative path. A step is in the module of
// the one before unless it names another.
func Below(p path.Path, steps string) path.Path {
	module := p.Last().Module
	p = slices.Grow(slices.Clip(p), strings.Count(steps, "/")+1)
	for name := range strings.SplitSeq(steps, "/") {
		if m, local, ok := strings.Cut(name, ":"); ok {
			module, name = m, local
		}
		p = append(p, path.Elem{Module: module, Name: name})
	}
	return p
}

// Entry returns the path of an entry of the list that p names; keyValues are
// pairs of a key's name and its value, in key order.
func Entry(p path.Path, keyValues ...string) path.Path {
	keys := make([]path.Key, len(keyValues)/2)
	for i := range keys {
		keys[i] = path.Key{Name: keyValues[2*i], Value: keyValues[2*i+1]}
	}
	p = slices.Clone(p)
	p[len(p)-1].Keys = keys
	return p
}

// Towards reports whether p is on the way to the schema path way, or below it,
// and the value of the named key that it passed, if any.
func Towards(p, way path.Path, key string) (value string, ok bool) {
	for i, e := range p {
		if i == len(way) {
			break
		}
		if e.Module != way[i].Module || e.Name != way[i].Name {
			return "", false
		}
		if v, keyed := e.Key(key); keyed {
			value = v
		}
	}
	return value, true
}

// Keys are those of a list of a typed view in their order, so that what is made of
// it is the same each time.
func Keys[K cmp.Ordered, E any](list map[K]E) []K {
	keys := make([]K, 0, len(list))
	for key := range list {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}

// Ptr is a value as an optional field has it.
func Ptr[T any](v T) *T { return &v }
