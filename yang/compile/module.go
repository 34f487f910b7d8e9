package compile

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/openconfig/goyang/pkg/yang"

	"github.com/outrigger-cnf/outrigger/agent/schema"
)

// module is one module with its submodules.
type module struct {
	out   *schema.Module
	units []*unit // the module's own file first, then its submodules
	top   definitions

	features   map[string]*feature
	identities map[string]*identity
}

// unit is one file: a module's own or a submodule.
type unit struct {
	stmt     *yang.Statement
	mod      *module
	prefix   string
	prefixes map[string]*module // of its imports, and its own
	// renamed maps those prefixes that mean something else in another file of the
	// module to what they are called in schema.Module.Prefixes.
	renamed map[string]string
	scope   *scope
}

// load loads all implemented modules and what they need.
func (c *compiler) load() {
	for _, want := range c.opt.Implement {
		name, revision, _ := strings.Cut(want, "@")
		if m := c.module(nil, name, revision); m != nil {
			if other := c.find(name, ""); other != nil && other != m && other.out.Implemented {
				c.errorf(m.units[0].stmt, "module %s cannot be implemented in two revisions", name)
			}
			m.out.Implemented = true
		}
	}
	// Only now is it known which revision an import without a date means.
	for i := 0; i < len(c.modules); i++ {
		c.loadUnits(c.modules[i])
	}
	for _, m := range c.modules {
		c.exportPrefixes(m)
	}
	c.refuseImportCycles()
}

// find returns a module that is there already: of that revision, or the
// implemented one, or the latest.
func (c *compiler) find(name, revision string) *module {
	var best *module
	for _, m := range c.modules {
		if m.out.Name != name || revision != "" && m.out.Revision != revision {
			continue
		}
		if best == nil || !best.out.Implemented && (m.out.Implemented || m.out.Revision > best.out.Revision) {
			best = m
		}
	}
	return best
}

// module returns the module of that name. Without a revision it is the
// implemented one, or else the latest there is.
func (c *compiler) module(at *yang.Statement, name, revision string) *module {
	if m := c.find(name, revision); m != nil && (revision != "" || m.out.Implemented) {
		return m
	}
	stmt := c.parse(at, "module", name, revision)
	if stmt == nil {
		return nil
	}
	out := &schema.Module{
		Name:        name,
		Namespace:   c.required(stmt, "namespace"),
		Prefix:      c.required(stmt, "prefix"),
		Revision:    latestRevision(stmt),
		YANGVersion: c.version(stmt),
		Prefixes:    map[string]string{},
	}
	if m := c.find(name, out.Revision); m != nil {
		return m
	}
	m := &module{
		out:        out,
		top:        definitions{},
		features:   map[string]*feature{},
		identities: map[string]*identity{},
	}
	m.units = []*unit{{stmt: stmt, mod: m, prefix: out.Prefix}}
	c.modules = append(c.modules, m)
	return m
}

// parse finds, parses and checks the file of a module or submodule.
func (c *compiler) parse(at *yang.Statement, keyword, name, revision string) *yang.Statement {
	sources, err := c.src.Named(name)
	if err != nil {
		c.errorf(at, "%w", err)
		return nil
	}
	var best *yang.Statement
	var have []string
	for _, src := range sources {
		stmt, known := c.byFile[src.File]
		if !known {
			stmt = c.parseFile(src, name)
			c.byFile[src.File] = stmt
		}
		if stmt == nil {
			return nil // reported
		}
		if stmt.Keyword != keyword {
			c.errorf(at, "%s is a %s; a %s is needed here", name, stmt.Keyword, keyword)
			return nil
		}
		have = append(have, latestRevision(stmt))
		if revision != "" && latestRevision(stmt) != revision {
			continue
		}
		if best == nil || latestRevision(stmt) > latestRevision(best) {
			best = stmt
		}
	}
	switch {
	case best != nil:
	case len(have) > 0:
		c.errorf(at, "no revision %s of %s %s; there is %s", revision, keyword, name, strings.Join(have, ", "))
	default:
		c.errorf(at, "no %s %s among the sources", keyword, name)
	}
	return best
}

func (c *compiler) parseFile(src Source, name string) *yang.Statement {
	stmts, err := yang.Parse(src.Text, src.File)
	if err != nil {
		c.errs.add(err)
		return nil
	}
	if len(stmts) != 1 {
		c.errs.add(fmt.Errorf("%s: holds %d statements at the top; a file holds one module or submodule", src.File, len(stmts)))
		return nil
	}
	stmt := stmts[0]
	if stmt.Keyword != "module" && stmt.Keyword != "submodule" {
		c.errorf(stmt, "%q, where a module or submodule is expected", stmt.Keyword)
		return nil
	}
	if stmt.Argument != name {
		c.errorf(stmt, "%s is named %q, and should be named %q", stmt.Keyword, stmt.Argument, name)
		return nil
	}
	if !c.checkGrammar(stmt) {
		return nil
	}
	return stmt
}

var revisionForm = regexp.MustCompile(`^\d{4}-\d{2}-\d{2}$`)

// latestRevision returns the latest revision of a module, or "".
func latestRevision(stmt *yang.Statement) string {
	latest := ""
	for r := range each(stmt, "revision") {
		latest = max(latest, r.Argument)
	}
	return latest
}

func (c *compiler) required(stmt *yang.Statement, keyword string) string {
	s := first(stmt, keyword)
	if s == nil || s.Argument == "" {
		c.errorf(stmt, "%s %s has no %s", stmt.Keyword, stmt.Argument, keyword)
		return ""
	}
	return s.Argument
}

func (c *compiler) version(stmt *yang.Statement) string {
	v := first(stmt, "yang-version")
	switch {
	case v == nil:
		return "1"
	case v.Argument != "1" && v.Argument != "1.1":
		c.errorf(v, "yang-version %q; there are 1 and 1.1", v.Argument)
	}
	return v.Argument
}

// loadUnits loads a module's submodules and imports and gathers the definitions
// of all its files.
func (c *compiler) loadUnits(m *module) {
	for i := 0; i < len(m.units); i++ {
		u := m.units[i]
		u.prefixes = map[string]*module{u.prefix: m}
		for inc := range each(u.stmt, "include") {
			c.include(m, inc)
		}
		for imp := range each(u.stmt, "import") {
			c.importModule(u, imp)
		}
		u.scope = &scope{unit: u, defs: m.top}
		c.define(u.scope, u.stmt)
		c.declareFeatures(u)
		c.declareIdentities(u)
	}
}

func (c *compiler) include(m *module, inc *yang.Statement) {
	stmt := c.parse(inc, "submodule", inc.Argument, argOf(inc, "revision-date"))
	if stmt == nil {
		return
	}
	belongs := first(stmt, "belongs-to")
	if belongs == nil || belongs.Argument != m.out.Name {
		c.errorf(inc, "submodule %s does not belong to module %s", inc.Argument, m.out.Name)
		return
	}
	for _, u := range m.units {
		if u.stmt == stmt {
			return
		}
	}
	m.units = append(m.units, &unit{stmt: stmt, mod: m, prefix: c.required(belongs, "prefix")})
	m.out.Submodules = append(m.out.Submodules, schema.Submodule{Name: inc.Argument, Revision: latestRevision(stmt)})
}

func (c *compiler) importModule(u *unit, imp *yang.Statement) {
	date := argOf(imp, "revision-date")
	if date != "" && !revisionForm.MatchString(date) {
		c.errorf(imp, "revision-date %q; a date is written YYYY-MM-DD", date)
		return
	}
	prefix := c.required(imp, "prefix")
	if prefix == "" {
		return
	}
	if _, twice := u.prefixes[prefix]; twice {
		c.errorf(imp, "prefix %q stands for two modules", prefix)
		return
	}
	if m := c.module(imp, imp.Argument, date); m != nil {
		u.prefixes[prefix] = m
	}
}

// exportPrefixes fills the prefix map that expressions are read with. Where two
// files of a module give one prefix different meanings, the later one's is
// renamed.
func (c *compiler) exportPrefixes(m *module) {
	for _, u := range m.units {
		for _, prefix := range sortedKeys(u.prefixes) {
			target := u.prefixes[prefix].out.Name
			name := prefix
			for m.out.Prefixes[name] != "" && m.out.Prefixes[name] != target {
				name += "_"
			}
			m.out.Prefixes[name] = target
			if name != prefix {
				if u.renamed == nil {
					u.renamed = map[string]string{}
				}
				u.renamed[prefix] = name
			}
		}
	}
}

// refuseImportCycles reports modules that import one another (RFC 7950 §7.1.5).
func (c *compiler) refuseImportCycles() {
	const onPath, done = 1, 2
	state := map[*module]int{}
	var visit func(m *module)
	visit = func(m *module) {
		state[m] = onPath
		for _, u := range m.units {
			for _, prefix := range sortedKeys(u.prefixes) {
				switch other := u.prefixes[prefix]; {
				case other == m:
				case state[other] == onPath:
					c.errorf(u.stmt, "modules %s and %s import one another, directly or through others", m.out.Name, other.out.Name)
				case state[other] != done:
					visit(other)
				}
			}
		}
		state[m] = done
	}
	for _, m := range c.modules {
		if state[m] != done {
			visit(m)
		}
	}
}
