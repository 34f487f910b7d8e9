package netconf

import (
	"io/fs"
	"strings"
	"testing"

	"github.com/outrigger-cnf/outrigger/agent"
	"github.com/outrigger-cnf/outrigger/agent/agenttest"
	"github.com/outrigger-cnf/outrigger/agent/validate"
	"github.com/outrigger-cnf/outrigger/agent/yanglib"
	"github.com/outrigger-cnf/outrigger/gen"
	"github.com/outrigger-cnf/outrigger/yang"
)

// newProduct is a fixture with the schema and the modules of the product, and its
// YANG library.
func newProduct(t *testing.T) *fixture {
	t.Helper()
	s := gen.Schema()
	f := &fixture{t: t, schema: s, driver: agenttest.NewDriver(s)}
	v, err := validate.New(s)
	if err != nil {
		t.Fatal(err)
	}
	f.agent = agenttest.Start(t, agent.Config{Schema: s, Drivers: []agent.Driver{f.driver}, Validator: v})
	library, err := yanglib.State(s, agent.Running, agent.Candidate, agent.Startup, agent.Operational)
	if err != nil {
		t.Fatal(err)
	}
	f.serve(func(c *Config) { c.YANG = yang.FS })
	f.agent.Publish(library) // later than the server, to make it harder
	return f
}

// TestEveryModuleIsServed does what OpenDaylight does: it reads netconf-state's
// schemas and gets each of them, and compares the list with the schema.
func TestEveryModuleIsServed(t *testing.T) {
	f := newProduct(t)
	w := f.open()
	got := w.rpc(`<get><filter><netconf-state xmlns="` + monitoringNamespace + `"><schemas/></netconf-state></filter></get>`)
	listed := map[string]bool{}
	for _, entry := range strings.Split(got, "<schema>")[1:] {
		name, version := between(entry, "<identifier>", "</identifier>"), between(entry, "<version>", "</version>")
		listed[name+"@"+version] = true
		text := w.rpc(`<get-schema xmlns="` + monitoringNamespace + `"><identifier>` + name + `</identifier><version>` + version + `</version><format>yang</format></get-schema>`)
		if !strings.Contains(text, "module "+name) {
			t.Errorf("%s@%s: %.200s", name, version, text)
		}
		if ns := between(entry, "<namespace>", "</namespace>"); ns == "" {
			t.Errorf("%s has no namespace", name)
		}
	}
	for _, m := range f.schema.Modules {
		if !listed[m.Name+"@"+m.Revision] {
			t.Errorf("the schema has %s of revision %q, which is not served", m.Name, m.Revision)
		}
		for _, sub := range m.Submodules {
			if !listed[sub.Name+"@"+sub.Revision] {
				t.Errorf("the schema has the submodule %s of revision %q, which is not served", sub.Name, sub.Revision)
			}
		}
	}
	files, err := fs.Glob(yang.FS, "*.yang")
	if err != nil || len(files) != len(listed) {
		t.Errorf("%d files, %d modules listed, %v", len(files), len(listed), err)
	}
}

func between(s, a, b string) string {
	_, s, _ = strings.Cut(s, a)
	s, _, _ = strings.Cut(s, b)
	return s
}

// TestYangLibrary checks what libnetconf2's clients and yangcli look for.
func TestYangLibrary(t *testing.T) {
	f := newProduct(t)
	w := f.connect()
	hello := w.hello(base11)
	id := yanglib.ContentID(f.schema)
	revision := f.schema.Module(yangLibraryModule).Revision
	for _, c := range []string{
		capabilityURN + "yang-library:1.0?revision=" + revision + "&amp;module-set-id=" + id,
		capabilityURN + "yang-library:1.1?revision=" + revision + "&amp;content-id=" + id,
	} {
		if !strings.Contains(hello, "<capability>"+c+"</capability>") {
			t.Errorf("%s is not in %s", c, hello)
		}
		caps := w.rpc(`<get><filter><netconf-state xmlns="` + monitoringNamespace + `"><capabilities/></netconf-state></filter></get>`)
		if !strings.Contains(caps, "<capability>"+c+"</capability>") {
			t.Errorf("%s is not in netconf-state: %s", c, caps)
		}
	}
	const ns = "urn:ietf:params:xml:ns:yang:ietf-yang-library"
	w.is(`<get><filter><modules-state xmlns="`+ns+`"><module-set-id/></modules-state></filter></get>`,
		data(`<modules-state xmlns="`+ns+`"><module-set-id>`+id+`</module-set-id></modules-state>`))
	got := w.rpc(`<get><filter type="xpath" xmlns:l="` + ns + `" select="/l:yang-library/l:module-set/l:module[l:name='ietf-interfaces']"/></get>`)
	if !strings.Contains(got, "<namespace>urn:ietf:params:xml:ns:yang:ietf-interfaces</namespace>") {
		t.Errorf("ietf-interfaces is not in the library: %s", got)
	}
}

// TestProductGet reads everything there is, in every mode, with the schema of
// the product.
func TestProductGet(t *testing.T) {
	f := newProduct(t)
	w := f.open()
	w.ok(manyInterfaces(3))
	for _, mode := range []string{"explicit", "trim", "report-all", "report-all-tagged"} {
		got := w.rpc(`<get><with-defaults xmlns="` + withDefaultsNamespace + `">` + mode + `</with-defaults></get>`)
		if !strings.Contains(got, "<name>eth2</name>") || !strings.Contains(got, "<yang-library") || !strings.Contains(got, "<netconf-state") {
			t.Errorf("%s: %.300s", mode, got)
		}
	}
}
