package gnmi

import (
	"strings"

	"google.golang.org/grpc/codes"

	"github.com/outrigger-cnf/outrigger/agent/fault"
	"github.com/outrigger-cnf/outrigger/agent/schema"
)

// The origins that name no module.
const (
	originOpenConfig = "openconfig" // and the empty origin: specification §2.7.1
	originRFC7951    = "rfc7951"    // every module
)

// scope is the part of the schema that an origin stands for.
type scope struct {
	schema *schema.Schema
	origin string
	module *schema.Module // the origin is this module; nil for the others
}

// scopeOf interprets an origin.
func scopeOf(s *schema.Schema, origin string) (scope, error) {
	sc := scope{schema: s, origin: origin}
	switch origin {
	case "", originOpenConfig, originRFC7951:
		return sc, nil
	}
	if m := s.Module(origin); m != nil && m.Implemented {
		sc.module = m
		return sc, nil
	}
	if strings.HasSuffix(origin, "cli") {
		return sc, failf(codes.Unimplemented, fault.OperationNotSupported, nil,
			"origin %q: configuration as command lines is not supported; use a YANG-modeled origin", origin)
	}
	return sc, failf(codes.InvalidArgument, fault.UnknownNamespace, nil,
		"origin %q is not known; it can be empty, %q, %q or the name of a module that Capabilities lists",
		origin, originOpenConfig, originRFC7951)
}

// openConfig reports whether a module belongs to the origin openconfig.
func openConfig(m *schema.Module) bool { return strings.HasPrefix(m.Name, openConfigPrefix) }

const openConfigPrefix = "openconfig-"

// has reports whether a top-level node belongs to the origin.
func (sc scope) has(n *schema.Node) bool {
	switch {
	case sc.module != nil:
		return n.Module == sc.module
	case sc.origin == originRFC7951:
		return true
	default:
		return openConfig(n.Module)
	}
}

// roots are the top-level data nodes of the origin.
func (sc scope) roots() []*schema.Node {
	var out []*schema.Node
	for _, n := range sc.schema.Root.Data {
		if sc.has(n) {
			out = append(out, n)
		}
	}
	return out
}

// root finds the top-level node that a first path element names. The module is
// empty where the element has no prefix.
func (sc scope) root(module, name string) *schema.Node {
	if module != "" {
		n := sc.schema.Root.Child(module, name)
		// A prefix says more than the default origin, and contradicts any other.
		if n != nil && (sc.origin == "" || sc.has(n)) {
			return n
		}
		return nil
	}
	var found *schema.Node
	for _, n := range sc.schema.Root.Data {
		if n.Name == name && sc.has(n) {
			if found != nil {
				return nil
			}
			found = n
		}
	}
	return found
}

// elsewhere says how to reach a top-level node that the origin does not have.
func (sc scope) elsewhere(name string) string {
	var out []string
	for _, n := range sc.schema.Root.Data {
		if n.Name == name {
			out = append(out, "/"+n.Module.Name+":"+name)
		}
	}
	if out == nil {
		return ""
	}
	return "did you mean " + strings.Join(out, " or ") + ", or that module as the origin?"
}

// qualified reports whether a reply must name the module of a top-level node
// for the path to be understood.
func (sc scope) qualified(module string) bool {
	return sc.module == nil && !strings.HasPrefix(module, openConfigPrefix)
}
