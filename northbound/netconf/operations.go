package netconf

import (
	"strconv"
	"strings"

	"github.com/outrigger-cnf/outrigger/agent"
	"github.com/outrigger-cnf/outrigger/agent/codec"
	"github.com/outrigger-cnf/outrigger/agent/codec/xmlcodec"
	"github.com/outrigger-cnf/outrigger/agent/fault"
)

// name is an XML name.
type name struct{ space, local string }

// operation reads its parameters, up to its own end tag, and returns what to do
// once the whole message has been read.
type operation func(c *call, r *xmlcodec.Reader) (action, error)

const (
	monitoringNamespace   = "urn:ietf:params:xml:ns:yang:ietf-netconf-monitoring"
	withDefaultsNamespace = "urn:ietf:params:xml:ns:yang:ietf-netconf-with-defaults"
)

// operations is the dispatch table.
func operations() map[name]operation {
	return map[name]operation{
		{baseNamespace, "get"}:              opGet,
		{baseNamespace, "get-config"}:       opGetConfig,
		{baseNamespace, "edit-config"}:      opEditConfig,
		{baseNamespace, "copy-config"}:      opCopyConfig,
		{baseNamespace, "delete-config"}:    opDeleteConfig,
		{baseNamespace, "lock"}:             opLock,
		{baseNamespace, "unlock"}:           opUnlock,
		{baseNamespace, "validate"}:         opValidate,
		{baseNamespace, "commit"}:           opCommit,
		{baseNamespace, "cancel-commit"}:    opCancelCommit,
		{baseNamespace, "discard-changes"}:  opDiscardChanges,
		{baseNamespace, "close-session"}:    opCloseSession,
		{baseNamespace, "kill-session"}:     opKillSession,
		{monitoringNamespace, "get-schema"}: opGetSchema,
	}
}

// parameter is one parameter of an operation, in the operation's namespace
// unless space says otherwise.
type parameter struct {
	local    string
	space    string
	required bool
	parse    func(r *xmlcodec.Reader, e *xmlcodec.Element) error // reads up to e's end tag
}

// parameters reads the children of an operation in namespace space: any order,
// each at most once. It refuses what is not in the list. A parameter in no
// namespace is taken as if it were in the right one: it can mean nothing else, and
// clients let their users write <config> and <filter> so.
func parameters(r *xmlcodec.Reader, space string, list ...parameter) error {
	var seen [8]bool
	for {
		e, err := r.Child()
		if err != nil {
			return err
		}
		if e == nil {
			break
		}
		at := -1
		for i, p := range list {
			want := p.space
			if want == "" {
				want = space
			}
			if p.local == e.Local && (want == e.Space || e.Space == "") {
				at = i
			}
		}
		switch {
		case at < 0 && e.Space != space && e.Space != withDefaultsNamespace:
			return &fault.Error{Tag: fault.UnknownNamespace, Layer: fault.Protocol,
				Message: "the operation has no parameter <" + e.Local + "> in this namespace",
				Info:    []fault.Info{{Name: "bad-element", Value: e.Local}, {Name: "bad-namespace", Value: e.Space}}}
		case at < 0:
			return unknownElement(e.Local, "the operation has no parameter <"+e.Local+">; it has "+names(list))
		case seen[at]:
			return badElement(e.Local, "the parameter <"+e.Local+"> is given twice")
		}
		seen[at] = true
		if err := list[at].parse(r, e); err != nil {
			return err
		}
	}
	for i, p := range list {
		if p.required && !seen[i] {
			return missingElement(p.local, "the parameter <"+p.local+"> is missing")
		}
	}
	return nil
}

func names(list []parameter) string {
	if len(list) == 0 {
		return "none"
	}
	out := make([]string, len(list))
	for i, p := range list {
		out[i] = p.local
	}
	return strings.Join(out, ", ")
}

// textParam reads a parameter's text, without white space around it.
func textParam(local string, required bool, to *string) parameter {
	return parameter{local: local, required: required, parse: func(r *xmlcodec.Reader, e *xmlcodec.Element) error {
		text, err := r.Text()
		*to = strings.TrimSpace(text)
		return err
	}}
}

// emptyParam reads a parameter of type empty.
func emptyParam(local string, to *bool) parameter {
	return parameter{local: local, parse: func(r *xmlcodec.Reader, e *xmlcodec.Element) error {
		text, err := r.Text()
		if err == nil && strings.TrimSpace(text) != "" {
			err = invalidValue(local, "<"+local+"> has no value")
		}
		*to = true
		return err
	}}
}

// enumParam reads one of a few words, and stores what it stands for.
func enumParam[T any](local string, to *T, words map[string]T) parameter {
	return parameter{local: local, parse: func(r *xmlcodec.Reader, e *xmlcodec.Element) error {
		text, err := r.Text()
		if err != nil {
			return err
		}
		v, ok := words[strings.TrimSpace(text)]
		if !ok {
			return invalidValue(local, strconv.Quote(text)+" is no value of <"+local+">")
		}
		*to = v
		return nil
	}}
}

// withDefaultsParam is that of RFC 6243 §4.5.
func withDefaultsParam(to *codec.Defaults) parameter {
	p := enumParam("with-defaults", to, map[string]codec.Defaults{
		"report-all":        codec.ReportAll,
		"report-all-tagged": codec.ReportAllTagged,
		"trim":              codec.Trim,
		"explicit":          codec.Explicit,
	})
	p.space = withDefaultsNamespace
	return p
}

// place is what <source> or <target> names: a datastore, or the configuration
// that is given inline.
type place struct {
	store  agent.Datastore // none for an inline configuration
	inline []agent.Edit    // that replace everything by the inline configuration
}

// placeParam reads <source> or <target>. allowed are the datastores that the
// operation takes there; refusal says why it takes no other.
func placeParam(c *call, local string, inline bool, to *place, refusal string, allowed ...agent.Datastore) parameter {
	return parameter{local: local, required: true, parse: func(r *xmlcodec.Reader, e *xmlcodec.Element) error {
		what, err := r.Child()
		if err != nil {
			return err
		}
		if what == nil {
			return missingElement(local, "<"+local+"> names no datastore")
		}
		if what.Space != baseNamespace {
			return &fault.Error{Tag: fault.UnknownNamespace, Layer: fault.Protocol,
				Message: "<" + local + "> holds the name of a datastore in the namespace " + baseNamespace,
				Info:    []fault.Info{{Name: "bad-element", Value: what.Local}, {Name: "bad-namespace", Value: what.Space}}}
		}
		stores := map[string]agent.Datastore{"running": agent.Running, "candidate": agent.Candidate, "startup": agent.Startup}
		ds, isStore := stores[what.Local]
		switch {
		case what.Local == "url":
			return notSupported("the capability :url is not supported")
		case what.Local == "config" && inline:
			to.inline, err = c.parseConfig(r, agent.Replace)
			if err != nil {
				return err
			}
		case !isStore:
			return unknownElement(what.Local, "<"+what.Local+"> is no datastore")
		default:
			ok := false
			for _, a := range allowed {
				ok = ok || a == ds
			}
			if !ok {
				return invalidValue(what.Local, refusal)
			}
			to.store = ds
			if text, err := r.Text(); err != nil {
				return err
			} else if strings.TrimSpace(text) != "" {
				return badElement(what.Local, "<"+what.Local+"> has no value")
			}
		}
		switch more, err := r.Child(); {
		case err != nil:
			return err
		case more != nil:
			return badElement(more.Local, "<"+local+"> names one datastore, not two")
		}
		return nil
	}}
}
