package netconf

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"golang.org/x/crypto/ssh"

	"github.com/outrigger-cnf/outrigger/agent"
	"github.com/outrigger-cnf/outrigger/agent/agenttest"
	"github.com/outrigger-cnf/outrigger/agent/schema"
	"github.com/outrigger-cnf/outrigger/agent/tree"
	"github.com/outrigger-cnf/outrigger/agent/validate"
	"github.com/outrigger-cnf/outrigger/yang"
	"github.com/outrigger-cnf/outrigger/yang/compile"
)

// patience is how long a test waits for what must happen.
const patience = 20 * time.Second

// The modules of the tests. Both have a top-level container "top" and a leaf
// "mtu" in the same place, for the namespace wildcard.
const moduleA = `module a {
  yang-version 1.1;
  namespace "urn:a";
  prefix a;
  revision 2026-01-02;
  revision 2025-01-01;
  include a-sub;
  identity kind;
  identity ether { base kind; }
  typedef name { type string { length "1..20"; pattern "[a-z0-9/.-]+"; } }
  container interfaces {
    list interface {
      key name;
      unique "address port";
      leaf name { type name; }
      leaf mtu { type uint16 { range "68..9000"; } default 1500; }
      leaf enabled { type boolean; default true; }
      leaf description { type string; }
      leaf kind { type identityref { base kind; } }
      leaf address { type string; }
      leaf port { type uint16; }
      leaf parent { type leafref { path "../../interface/name"; } }
      leaf low {
        type uint16;
        must ". <= ../mtu" { error-message "low is above mtu"; error-app-tag "low-above"; }
      }
      leaf-list tag { type string; }
      leaf where { type instance-identifier { require-instance false; } }
      leaf oper { config false; type string; }
      container counters { config false; leaf in { type uint64; } }
    }
  }
  container top { presence "is there"; leaf x { type string; } }
  container users {
    list user {
      key "first last";
      ordered-by user;
      leaf first { type string; }
      leaf last { type string; }
      leaf age { type uint8; }
    }
    leaf-list order { ordered-by user; type string; }
  }
  container plain { leaf v { type string; } container deep { leaf w { type string; } } }
}`

const moduleASub = `submodule a-sub {
  yang-version 1.1;
  belongs-to a { prefix a; }
  revision 2024-04-04;
  container from-sub { leaf note { type string; } }
}`

const moduleB = `module b {
  namespace "urn:b";
  prefix b;
  import a { prefix a; }
  identity wifi { base a:kind; }
  augment /a:interfaces/a:interface { leaf mtu { type uint8; } leaf color { type string; } }
  container top { leaf y { type string; } }
}`

// fixture is a server over an agent with a fake driver.
type fixture struct {
	t      testing.TB
	schema *schema.Schema
	driver *agenttest.Driver
	agent  *agent.Agent
	srv    *Server
	key    ssh.Signer
}

// testUsers knows the user admin and one key.
type testUsers struct{ key ssh.PublicKey }

func (u testUsers) Password(user, pw string) bool { return user == "admin" && pw == "secret" }

func (u testUsers) PublicKey(user string, key ssh.PublicKey) bool {
	return user == "admin" && u.key != nil && bytes.Equal(u.key.Marshal(), key.Marshal())
}

func testSchema(t testing.TB) *schema.Schema {
	t.Helper()
	src := compile.Join(compile.Texts{moduleA, moduleASub, moduleB}, compile.FS(yang.FS))
	s, err := compile.Compile(src, compile.Options{
		Implement:   []string{"a", "b", "ietf-netconf-monitoring"},
		AllFeatures: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func newFixture(t *testing.T, options ...func(*Config)) *fixture {
	t.Helper()
	s := testSchema(t)
	f := &fixture{t: t, schema: s, driver: agenttest.NewDriver(s)}
	v, err := validate.New(s)
	if err != nil {
		t.Fatal(err)
	}
	f.agent = agenttest.Start(t, agent.Config{Schema: s, Drivers: []agent.Driver{f.driver}, Validator: v})
	f.serve(options...)
	return f
}

// testConfig is a server's configuration with the modules of the tests, and a few
// that are in no schema.
func testConfig(a *agent.Agent, s *schema.Schema, key ssh.Signer) Config {
	return Config{
		Agent: a, Schema: s, Users: testUsers{key.PublicKey()}, HostKeys: []ssh.Signer{key},
		YANG: fstest.MapFS{
			"a.yang":     {Data: []byte(moduleA)},
			"sub/s.yang": {Data: []byte(moduleASub)},
			"b.yang":     {Data: []byte(moduleB)},
			"odd.yang":   {Data: []byte("module odd {\n  /* ]]> ]]>]]>\n##\n*/\n  namespace \"urn:odd\";\n}\n")},
			"two@2.yang": {Data: []byte("module two {\n  revision 2002-02-02;\n}\n")},
			"two@1.yang": {Data: []byte("module two {\n  revision 2001-01-01 {\n  }\n}\n")},
			"README":     {Data: []byte("no module")},
		},
	}
}

func (f *fixture) serve(options ...func(*Config)) {
	f.t.Helper()
	key, err := NewHostKey()
	if err != nil {
		f.t.Fatal(err)
	}
	f.key = key
	cfg := testConfig(f.agent, f.schema, key)
	if os.Getenv("NETCONF_TEST_LOG") != "" {
		cfg.Log = slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelDebug}))
	}
	for _, o := range options {
		o(&cfg)
	}
	if f.srv, err = New(cfg); err != nil {
		f.t.Fatal(err)
	}
	f.t.Cleanup(f.shutdown)
}

func (f *fixture) shutdown() {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := f.srv.Shutdown(ctx); err != nil {
		f.t.Errorf("shutdown: %v", err)
	}
}

// wire is a client that sees octets.
type wire struct {
	t    testing.TB
	conn io.ReadWriteCloser
	in   *messageReader
	id   string // session-id
	next int    // message-id
	done chan struct{}
}

// connect opens a transport to the server: an in-memory pipe.
func (f *fixture) connect() *wire {
	f.t.Helper()
	client, server := net.Pipe()
	w := &wire{t: f.t, conn: client, in: newMessageReader(client, 64<<20), done: make(chan struct{})}
	if err := client.SetDeadline(time.Now().Add(patience)); err != nil {
		f.t.Fatal(err)
	}
	go func() {
		defer close(w.done)
		defer server.Close()
		f.srv.runSession(context.Background(), server, peer{user: "admin", remote: "192.0.2.1:1234"})
	}()
	f.t.Cleanup(func() { client.Close(); <-w.done })
	return w
}

// open is connect and an exchange of hellos for base:1.1.
func (f *fixture) open() *wire {
	f.t.Helper()
	w := f.connect()
	w.hello(base11)
	return w
}

func helloOf(caps ...string) string {
	var b strings.Builder
	b.WriteString(`<hello xmlns="` + baseNamespace + `"><capabilities>`)
	for _, c := range caps {
		b.WriteString("<capability>" + c + "</capability>")
	}
	return b.String() + "</capabilities></hello>"
}

// hello reads the server's hello and sends one.
func (w *wire) hello(caps ...string) string {
	w.t.Helper()
	got := w.read()
	_, after, _ := strings.Cut(got, "<session-id>")
	w.id, _, _ = strings.Cut(after, "<")
	w.raw(helloOf(caps...) + endOfMessage)
	for _, c := range caps {
		w.in.chunked = w.in.chunked || c == base11
	}
	return got
}

// raw writes octets.
func (w *wire) raw(s string) {
	w.t.Helper()
	if _, err := io.WriteString(w.conn, s); err != nil {
		w.t.Fatalf("writing: %v", err)
	}
}

// send frames a message.
func (w *wire) send(message string) {
	w.t.Helper()
	w.raw(string(seal(append(make([]byte, headRoom), message...), w.in.chunked)))
}

// read returns the next message.
func (w *wire) read() string {
	w.t.Helper()
	m, err := w.in.next(nil)
	if err != nil {
		w.t.Fatalf("reading: %v (after %q)", err, m)
	}
	return string(m)
}

// ends makes sure that the server closes the transport, without another message.
func (w *wire) ends() {
	w.t.Helper()
	if m, err := w.in.next(nil); err == nil {
		w.t.Fatalf("the session goes on with %s", m)
	} else if ne, ok := errors.AsType[net.Error](err); ok && ne.Timeout() {
		w.t.Fatal("the session does not end")
	}
}

// rpc sends an operation and returns what is inside the rpc-reply.
func (w *wire) rpc(operation string) string {
	w.t.Helper()
	w.next++
	id := strconv.Itoa(w.next)
	w.send(`<rpc xmlns="` + baseNamespace + `" message-id="` + id + `">` + operation + `</rpc>`)
	reply := w.read()
	head := `<rpc-reply xmlns="` + baseNamespace + `" message-id="` + id + `">`
	inner, ok := strings.CutPrefix(reply, head)
	if !ok {
		w.t.Fatalf("the reply does not begin with %s: %s", head, reply)
	}
	return strings.TrimSuffix(inner, "</rpc-reply>")
}

// is sends an operation and wants exactly that reply.
func (w *wire) is(operation, want string) {
	w.t.Helper()
	if got := w.rpc(operation); got != want {
		w.t.Fatalf("%s\n got: %s\nwant: %s", operation, got, want)
	}
}

// ok wants <ok/>.
func (w *wire) ok(operation string) { w.t.Helper(); w.is(operation, "<ok/>") }

// fails sends an operation and wants an rpc-error with all these parts.
func (w *wire) fails(operation string, parts ...string) {
	w.t.Helper()
	got := w.rpc(operation)
	for _, p := range append(parts, "<rpc-error><error-type>", "<error-severity>error</error-severity>") {
		if !strings.Contains(got, p) {
			w.t.Fatalf("%s\n    got: %s\nwithout: %s", operation, got, p)
		}
	}
}

func tag(name string) string { return "<error-tag>" + name + "</error-tag>" }

func edit(target, config string, options ...string) string {
	return "<edit-config><target><" + target + "/></target>" + strings.Join(options, "") +
		`<config xmlns:nc="` + baseNamespace + `" xmlns:yang="` + yangNamespace + `">` + config + "</config></edit-config>"
}

// interfaces wraps interfaces of module a.
func interfaces(inner string) string { return `<interfaces xmlns="urn:a">` + inner + `</interfaces>` }

// named is one interface.
func eth(n int, inner string) string {
	return fmt.Sprintf("<interface><name>eth%d</name>%s</interface>", n, inner)
}

func getConfig(source, filter string) string {
	if filter != "" {
		filter = "<filter>" + filter + "</filter>"
	}
	return "<get-config><source><" + source + "/></source>" + filter + "</get-config>"
}

func data(inner string) string { return "<data>" + inner + "</data>" }

// state makes a state leaf's update.
func (f *fixture) state(p string, value string) agent.StateChange {
	f.t.Helper()
	at, def, err := f.schema.Resolve(p)
	if err != nil {
		f.t.Fatal(err)
	}
	v, err := def.Parse(value, f.schema.ModuleNames())
	if err != nil {
		f.t.Fatal(err)
	}
	t := tree.New(f.schema).Set(at, v)
	return agent.StateChange{Path: at, Node: t.Node(at)}
}

// running is a leaf of running, as text; empty where it is not set.
func (f *fixture) running(p string) string {
	f.t.Helper()
	at, _, err := f.schema.Resolve(p)
	if err != nil {
		f.t.Fatal(err)
	}
	n := f.agent.Snapshot().Running.Node(at)
	if n == nil {
		return ""
	}
	return n.Value().Text
}
