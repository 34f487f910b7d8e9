package gnmi_test

import (
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	gpb "github.com/openconfig/gnmi/proto/gnmi"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"
	"google.golang.org/grpc/test/bufconn"
	"google.golang.org/protobuf/encoding/prototext"

	"github.com/outrigger-cnf/outrigger/agent"
	"github.com/outrigger-cnf/outrigger/agent/agenttest"
	"github.com/outrigger-cnf/outrigger/agent/path"
	"github.com/outrigger-cnf/outrigger/agent/schema"
	"github.com/outrigger-cnf/outrigger/agent/tree"
	"github.com/outrigger-cnf/outrigger/northbound/auth"
	"github.com/outrigger-cnf/outrigger/northbound/gnmi"
	"github.com/outrigger-cnf/outrigger/yang/compile/compiletest"
)

// testSchema compiles the modules in testdata.
func testSchema(t testing.TB) *schema.Schema {
	t.Helper()
	files, err := filepath.Glob("testdata/yang/*.yang")
	if err != nil || len(files) == 0 {
		t.Fatalf("no modules: %v", err)
	}
	var modules []string
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		modules = append(modules, string(text))
	}
	return compiletest.Schema(t, modules...)
}

// bench is a server, the agent and the driver below it, and a client.
type bench struct {
	t      testing.TB
	schema *schema.Schema
	driver *agenttest.Driver
	agent  *agent.Agent
	server *gnmi.Server
	client gpb.GNMIClient
	conn   *grpc.ClientConn
}

func newBench(t testing.TB, limits gnmi.Limits) *bench {
	return newBenchOn(t, testSchema(t), limits)
}

func newBenchOn(t testing.TB, s *schema.Schema, limits gnmi.Limits) *bench {
	t.Helper()
	checkGoroutines(t)
	b := &bench{t: t, schema: s}
	b.driver = agenttest.NewDriver(b.schema)
	b.agent = agenttest.New(t, b.schema, b.driver)
	b.server = gnmi.New(gnmi.Config{Agent: b.agent, Schema: b.schema, Limits: limits})
	identify := func(ctx context.Context) context.Context {
		return auth.NewContext(ctx, auth.Identity{User: "tester"})
	}
	g := grpc.NewServer(
		grpc.UnaryInterceptor(func(ctx context.Context, req any, _ *grpc.UnaryServerInfo, next grpc.UnaryHandler) (any, error) {
			return next(identify(ctx), req)
		}),
		grpc.MaxRecvMsgSize(64<<20),
		grpc.ForceServerCodecV2(gnmi.Codec()),
	)
	gpb.RegisterGNMIServer(g, b.server)
	l := bufconn.Listen(1 << 20)
	served := make(chan struct{})
	go func() {
		defer close(served)
		_ = g.Serve(l)
	}()
	conn, err := grpc.NewClient("passthrough:///test",
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) { return l.DialContext(ctx) }),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(512<<20)))
	if err != nil {
		t.Fatal(err)
	}
	b.conn, b.client = conn, gpb.NewGNMIClient(conn)
	t.Cleanup(func() {
		conn.Close()
		g.Stop()
		<-served
	})
	return b
}

// checkGoroutines fails a test that leaves goroutines behind.
func checkGoroutines(t testing.TB) {
	t.Helper()
	before := runtime.NumGoroutine()
	t.Cleanup(func() {
		deadline := time.Now().Add(5 * time.Second)
		for runtime.NumGoroutine() > before {
			if time.Now().After(deadline) {
				stacks := make([]byte, 1<<20)
				t.Errorf("%d goroutines more than before:\n%s", runtime.NumGoroutine()-before, stacks[:runtime.Stack(stacks, true)])
				return
			}
			runtime.Gosched()
		}
	})
}

func (b *bench) ctx() context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	b.t.Cleanup(cancel)
	return ctx
}

// configure makes a commit as the agent itself; each line is PATH = VALUE in the
// form of RFC 7951, or -PATH to remove.
func (b *bench) configure(lines ...string) *agent.Snapshot {
	b.t.Helper()
	x := b.agent.Snapshot().Running.Txn()
	for _, line := range lines {
		if p, ok := strings.CutPrefix(line, "-"); ok {
			if _, err := x.Delete(b.path(p)); err != nil {
				b.t.Fatal(err)
			}
			continue
		}
		p, v := b.assignment(line)
		if err := x.Set(p, v); err != nil {
			b.t.Fatal(err)
		}
	}
	snap, err := b.agent.Commit(context.Background(), agent.Request{
		Target: agent.Running, Edits: []agent.Edit{{Op: agent.Replace, Node: x.Tree().Root()}},
	})
	if err != nil {
		b.t.Fatal(err)
	}
	return snap
}

// publish has the driver publish state leafs, in the form of configure.
func (b *bench) publish(lines ...string) {
	b.t.Helper()
	var changes []agent.StateChange
	for _, line := range lines {
		if p, ok := strings.CutPrefix(line, "-"); ok {
			changes = append(changes, agent.StateChange{Path: b.path(p)})
			continue
		}
		p, v := b.assignment(line)
		n := tree.New(b.schema).Set(p, v).Node(p)
		changes = append(changes, agent.StateChange{Path: p, Node: n})
	}
	b.driver.Emit(changes...)
}

func (b *bench) path(text string) path.Path {
	b.t.Helper()
	p, _, err := b.schema.Resolve(text)
	if err != nil {
		b.t.Fatalf("%s: %v", text, err)
	}
	return p
}

func (b *bench) assignment(line string) (path.Path, schema.Value) {
	b.t.Helper()
	text, value, ok := strings.Cut(line, " = ")
	if !ok {
		b.t.Fatalf("%q is not PATH = VALUE", line)
	}
	p, def, err := b.schema.Resolve(text)
	if err != nil {
		b.t.Fatalf("%s: %v", text, err)
	}
	v, err := def.Parse(value, b.schema.ModuleNames())
	if err != nil {
		b.t.Fatalf("%s: %v", line, err)
	}
	return p, v
}

// gp reads a gNMI path string: [ORIGIN:]/a/b[k=v]/c; a backslash takes the next
// character as it is.
func gp(text string) *gpb.Path {
	p := &gpb.Path{}
	if i := strings.IndexByte(text, '/'); i > 0 {
		p.Origin, text = strings.TrimSuffix(text[:i], ":"), text[i:]
	}
	var e *gpb.PathElem
	var key, word strings.Builder
	place := 0 // 0 name, 1 key, 2 value
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case c == '\\' && i+1 < len(text):
			i++
			word.WriteByte(text[i])
		case c == '/' && place == 0:
			if e != nil && e.Name == "" {
				e.Name = word.String()
			}
			word.Reset()
			if i+1 < len(text) {
				e = &gpb.PathElem{}
				p.Elem = append(p.Elem, e)
			}
		case c == '[' && place == 0:
			if e.Name == "" {
				e.Name = word.String()
			}
			word.Reset()
			place = 1
		case c == '=' && place == 1:
			key.Reset()
			key.WriteString(word.String())
			word.Reset()
			place = 2
		case c == ']' && place == 2:
			if e.Key == nil {
				e.Key = map[string]string{}
			}
			e.Key[key.String()] = word.String()
			word.Reset()
			place = 0
		default:
			word.WriteByte(c)
		}
	}
	if e != nil && e.Name == "" {
		e.Name = word.String()
	}
	return p
}

// show renders notifications for comparison, a line for each delete and update.
func show(prefix bool, ns ...*gpb.Notification) string {
	var b strings.Builder
	for _, n := range ns {
		p := ""
		if prefix && n.Prefix != nil {
			p = prototextLine(n.Prefix) + " "
		}
		for _, d := range n.Delete {
			fmt.Fprintf(&b, "%s-%s\n", p, pathText(n.Prefix, d))
		}
		for _, u := range n.Update {
			dup := ""
			if u.Duplicates > 0 {
				dup = fmt.Sprintf(" x%d", u.Duplicates+1)
			}
			fmt.Fprintf(&b, "%s%s %s%s\n", p, pathText(n.Prefix, u.Path), prototextLine(u.Val), dup)
		}
	}
	return b.String()
}

func prototextLine(m interface{ ProtoReflect() protoMessage }) string {
	text, err := prototext.MarshalOptions{}.Marshal(m)
	if err != nil {
		return err.Error()
	}
	return strings.Join(strings.Fields(string(text)), " ")
}

// pathText renders prefix and path together.
func pathText(prefix, p *gpb.Path) string {
	var b strings.Builder
	if o := prefix.GetOrigin() + p.GetOrigin(); o != "" {
		b.WriteString(o + ":")
	}
	for _, e := range append(prefix.GetElem()[:len(prefix.GetElem()):len(prefix.GetElem())], p.GetElem()...) {
		b.WriteString("/" + e.Name)
		for _, k := range sortedKeys(e.Key) {
			b.WriteString("[" + k + "=" + e.Key[k] + "]")
		}
	}
	return b.String()
}

// wantCode checks the gRPC code of err, and that its message has all the words.
func wantCode(t testing.TB, err error, code codes.Code, words ...string) {
	t.Helper()
	if status.Code(err) != code {
		t.Fatalf("got %v; want %s", err, code)
	}
	for _, w := range words {
		if !strings.Contains(err.Error(), w) {
			t.Errorf("error %q does not have %q", err, w)
		}
	}
}

// want compares text line by line, whatever the order and the indentation.
func want(t testing.TB, got, want string) {
	t.Helper()
	if g, w := normal(got), normal(want); g != w {
		t.Errorf("got\n%s\nwant\n%s", g, w)
	}
}

func normal(text string) string {
	var lines []string
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" {
			lines = append(lines, line)
		}
	}
	return strings.Join(sorted(lines), "\n")
}
