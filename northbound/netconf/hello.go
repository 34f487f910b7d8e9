package netconf

import (
	"slices"
	"strings"

	"github.com/outrigger-cnf/outrigger/agent/path"
	"github.com/outrigger-cnf/outrigger/agent/schema"
)

// Names of the base protocol.
const (
	baseNamespace = "urn:ietf:params:xml:ns:netconf:base:1.0"
	base10        = "urn:ietf:params:netconf:base:1.0"
	base11        = "urn:ietf:params:netconf:base:1.1"
	capabilityURN = "urn:ietf:params:netconf:capability:"
)

const yangLibraryModule = "ietf-yang-library"

// capabilities returns what the server can do, but for yang-library, whose
// content-id is looked up for each session.
func capabilities(s *schema.Schema) []string {
	caps := []string{
		base10, base11,
		capabilityURN + "writable-running:1.0",
		capabilityURN + "candidate:1.0",
		capabilityURN + "confirmed-commit:1.0",
		capabilityURN + "confirmed-commit:1.1",
		capabilityURN + "rollback-on-error:1.0",
		capabilityURN + "validate:1.0",
		capabilityURN + "validate:1.1",
		capabilityURN + "startup:1.0",
		capabilityURN + "xpath:1.0",
		// What is not reported is what was not set, which is what the tree holds.
		capabilityURN + "with-defaults:1.0?basic-mode=explicit&also-supported=report-all,report-all-tagged,trim",
	}
	var monitoring string
	var modules []string
	for _, m := range s.Modules {
		switch {
		case !m.Implemented:
		case m.Name == monitoringModule:
			// Clients look for it before anything else.
			monitoring = moduleCapability(m)
		case m.YANGVersion != "1.1":
			// RFC 7950 §5.6.4: modules of YANG 1.1 are found by yang-library only.
			modules = append(modules, moduleCapability(m))
		}
	}
	if monitoring != "" {
		caps = append(caps, monitoring)
	}
	return append(caps, modules...)
}

// moduleCapability is RFC 6020 §5.6.4's URI for a module.
func moduleCapability(m *schema.Module) string {
	var b strings.Builder
	b.WriteString(m.Namespace + "?module=" + m.Name)
	if m.Revision != "" {
		b.WriteString("&revision=" + m.Revision)
	}
	if len(m.Features) > 0 {
		b.WriteString("&features=" + strings.Join(m.Features, ","))
	}
	if len(m.DeviatedBy) > 0 {
		b.WriteString("&deviations=" + strings.Join(m.DeviatedBy, ","))
	}
	return b.String()
}

// capabilities returns all that the hello says now.
func (s *Server) capabilities() []string {
	caps := slices.Clone(s.caps)
	m := s.schema.Module(yangLibraryModule)
	if m == nil || !m.Implemented {
		return caps
	}
	// RFC 7950 §5.6.4 and RFC 8525 §2: the revision is that of the module that is
	// implemented, in both.
	at := func(top, leaf string) (string, bool) {
		p := path.Path{{Module: yangLibraryModule, Name: top}, {Module: yangLibraryModule, Name: leaf}}
		if _, err := s.schema.Find(p); err != nil {
			return "", false
		}
		v, ok := s.agent.Snapshot().Operational.Get(p)
		return v.Text, ok
	}
	if id, ok := at("modules-state", "module-set-id"); ok {
		caps = append(caps, capabilityURN+"yang-library:1.0?revision="+m.Revision+"&module-set-id="+id)
	}
	if id, ok := at("yang-library", "content-id"); ok {
		caps = append(caps, capabilityURN+"yang-library:1.1?revision="+m.Revision+"&content-id="+id)
	}
	return caps
}

// appendHello writes the server's hello, with one capability a line: clients
// exist that look for them by lines.
func appendHello(dst []byte, caps []string, session string) []byte {
	dst = append(dst, `<?xml version="1.0" encoding="UTF-8"?>`+"\n"+`<hello xmlns="`+baseNamespace+`">`+"\n<capabilities>\n"...)
	for _, c := range caps {
		dst = append(dst, "<capability>"...)
		dst = appendText(dst, c)
		dst = append(dst, "</capability>\n"...)
	}
	dst = append(dst, "</capabilities>\n<session-id>"...)
	dst = append(dst, session...)
	return append(dst, "</session-id>\n</hello>\n"...)
}
