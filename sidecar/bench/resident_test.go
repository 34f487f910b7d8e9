package bench

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"slices"
	"testing"

	"golang.org/x/crypto/ssh"

	"github.com/outrigger-cnf/outrigger/agent"
	"github.com/outrigger-cnf/outrigger/agent/agenttest"
	"github.com/outrigger-cnf/outrigger/agent/store"
	"github.com/outrigger-cnf/outrigger/agent/validate"
	"github.com/outrigger-cnf/outrigger/gen"
	"github.com/outrigger-cnf/outrigger/internal/prereq"
	"github.com/outrigger-cnf/outrigger/northbound/auth"
	"github.com/outrigger-cnf/outrigger/northbound/netconf"
	"github.com/outrigger-cnf/outrigger/yang"
)

// stateDir in the environment makes this test binary an agent with a fake driver
// that keeps its state in that directory.
const stateDir = "OUTRIGGER_BENCH_STATE_DIR"

func TestMain(m *testing.M) {
	dir := os.Getenv(stateDir)
	if dir == "" {
		os.Exit(m.Run())
	}
	if err := fakeAgent(dir); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// fakeAgent is the program with a fake driver, and with NETCONF only.
func fakeAgent(dir string) error {
	s := gen.Schema()
	v, err := validate.New(s)
	if err != nil {
		return err
	}
	memory, err := store.Open(dir, s, store.Options{})
	if err != nil {
		return err
	}
	a, err := agent.New(agent.Config{Schema: s, Store: memory, Drivers: []agent.Driver{agenttest.NewDriver(s)}, Validator: v})
	if err != nil {
		return err
	}
	if err := a.Start(context.Background()); err != nil {
		return err
	}
	hash, err := auth.Hash("admin")
	if err != nil {
		return err
	}
	users, err := auth.NewUsers([]auth.User{{Name: "admin", PasswordHash: hash}})
	if err != nil {
		return err
	}
	key, err := netconf.NewHostKey()
	if err != nil {
		return err
	}
	server, err := netconf.New(netconf.Config{Agent: a, Schema: s, Users: users, HostKeys: []ssh.Signer{key}, YANG: yang.FS})
	if err != nil {
		return err
	}
	l, err := net.Listen("tcp", netconfAddress)
	if err != nil {
		return err
	}
	slog.New(slog.NewTextHandler(os.Stderr, nil)).Info("ready")
	return server.Serve(l)
}

// BenchmarkResident makes 100,000 interfaces in an agent with a fake driver by
// one edit-config, reads them back twice, and changes one. rss-MB is the largest
// resident memory seen after any of these; peak-MB is the kernel's high-water
// mark.
func BenchmarkResident(b *testing.B) {
	const many = 100_000
	self, err := os.Executable()
	if err != nil {
		b.Fatal(err)
	}
	create := manyInterfaces(many)
	var rss, peak []float64
	for b.Loop() {
		n := newNamespace(b)
		cmd := exec.Command(self)
		// The program sets the same percentage for itself.
		cmd.Env = append(os.Environ(), stateDir+"="+prereq.Tmpfs(b), "GOGC=50")
		p := n.start(b, cmd)
		c := n.netconf(b)
		for _, operation := range []string{
			create,
			"<get-config><source><running/></source></get-config>",
			"<get-config><source><running/></source></get-config>",
			`<edit-config><target><running/></target><config><interfaces xmlns="urn:ietf:params:xml:ns:yang:ietf-interfaces">` +
				`<interface><name>eth77777</name><enabled>false</enabled></interface></interfaces></config></edit-config>`,
		} {
			c.rpc(operation)
			rss = append(rss, p.megabytes("VmRSS"))
		}
		peak = append(peak, p.megabytes("VmHWM"))
		p.stop()
	}
	b.Logf("after create, get, get, edit: %.0f MB", rss)
	b.ReportMetric(slices.Max(rss), "rss-MB")
	b.ReportMetric(slices.Max(peak), "peak-MB")
}
