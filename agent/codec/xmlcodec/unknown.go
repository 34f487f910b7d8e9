package xmlcodec

import (
	"strings"

	"github.com/outrigger-cnf/outrigger/agent/fault"
	"github.com/outrigger-cnf/outrigger/agent/schema"
)

// expected names the elements that there are in an instance of def.
func expected(def *schema.Node) string {
	const most = 8
	if len(def.Data) == 0 {
		return "no element is expected here"
	}
	var names []string
	for i, c := range def.Data {
		if i == most {
			names = append(names, "…")
			break
		}
		name := c.Name
		if c.Module != def.Module {
			name += " (" + c.Module.Namespace + ")"
		}
		names = append(names, name)
	}
	return "expected is one of " + strings.Join(names, ", ")
}

// unknownNamespace is for an element whose namespace is no module's.
func unknownNamespace(parent *schema.Node, e *Element) error {
	right := expected(parent)
	if c := parent.Child("", e.Local); c != nil {
		right = "its namespace is " + c.Module.Namespace
	}
	return fault.New(fault.UnknownNamespace, nil, "no module of namespace %q is served, for the element <%s>; %s", e.Space, e.Local, right).
		WithInfo("bad-element", e.Local).WithInfo("bad-namespace", e.Space)
}

// unknownElement is for an element that its module does not have there.
func unknownElement(parent *schema.Node, e *Element) error {
	right := expected(parent)
	if c := parent.Child("", e.Local); c != nil {
		right = "the one that is there has namespace " + c.Module.Namespace
	}
	return fault.New(fault.UnknownElement, nil, "there is no element <%s> of namespace %q here; %s", e.Local, e.Space, right).
		WithInfo("bad-element", e.Local)
}

// stateGiven is for state where configuration belongs.
func stateGiven(def *schema.Node) error {
	return fault.New(fault.InvalidValue, nil, "%q is state and cannot be configured", def.Name).WithInfo("bad-element", def.Name)
}
