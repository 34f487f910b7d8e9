package netconf

import (
	"context"
	"strings"

	"github.com/outrigger-cnf/outrigger/agent/codec/xmlcodec"
	"github.com/outrigger-cnf/outrigger/agent/fault"
)

// opGetSchema is RFC 6022 §3.1. Modules and submodules are served in the format
// yang only.
func opGetSchema(c *call, r *xmlcodec.Reader) (action, error) {
	var identifier, version, format string
	versioned := false
	p := textParam("version", false, &version)
	read := p.parse
	p.parse = func(r *xmlcodec.Reader, e *xmlcodec.Element) error {
		versioned = true
		return read(r, e)
	}
	formatParam := parameter{local: "format", parse: func(r *xmlcodec.Reader, e *xmlcodec.Element) error {
		scope := r.Scope()
		text, err := r.Text()
		if err != nil {
			return err
		}
		format = strings.TrimSpace(text)
		// An identity, in the module's namespace or, from sloppy clients, in none.
		prefix, name, qualified := strings.Cut(format, ":")
		if !qualified {
			prefix, name = "", format
		}
		ns, _ := scope.Namespace(prefix)
		if name != "yang" || qualified && ns != monitoringNamespace {
			return invalidValue("format", "modules are served in the format yang only, and not as "+format)
		}
		return nil
	}}
	if err := parameters(r, monitoringNamespace, textParam("identifier", true, &identifier), p, formatParam); err != nil {
		return nil, err
	}
	return func(context.Context) error {
		var revision *string
		// An empty version is that of a module without revision; clients also send
		// it where they mean any.
		if versioned {
			revision = &version
		}
		found := c.srv.modules.find(identifier, revision)
		if len(found) == 0 && version == "" {
			found = c.srv.modules.find(identifier, nil)
		}
		switch len(found) {
		case 0:
			what := "there is no module " + identifier
			if version != "" {
				what += " of revision " + version
			}
			return invalidValue("identifier", what)
		case 1:
		default:
			e := &fault.Error{Tag: fault.OperationFailed, Layer: fault.Protocol,
				Message: "there is more than one revision of " + identifier + "; give one as version"}
			return e.WithAppTag(fault.DataNotUnique)
		}
		text, err := c.srv.modules.text(found[0])
		if err != nil {
			return err
		}
		return c.reply.data(monitoringNamespace, func(dst []byte) ([]byte, error) {
			return appendText(dst, string(text)), nil
		})
	}, nil
}
