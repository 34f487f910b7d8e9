package netconf

import (
	"context"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/crypto/ssh"

	"github.com/outrigger-cnf/outrigger/internal/prereq"
)

// run runs a program to its end and returns what it said.
func run(t *testing.T, stdin string, name string, args ...string) (string, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = t.TempDir()
	cmd.Env = append(os.Environ(), "HOME="+cmd.Dir)
	cmd.Stdin = strings.NewReader(stdin)
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// ncclientScript is what ncclient is made to do. Its RPCs have prefixes.
const ncclientScript = `
import sys
from ncclient import manager, operations
from ncclient.xml_ import to_ele
m = manager.connect(host=sys.argv[1], port=int(sys.argv[2]), username='admin', password='secret',
                    hostkey_verify=False, allow_agent=False, look_for_keys=False, timeout=20)
assert m.connected and int(m.session_id) > 0
for c in (':candidate', ':confirmed-commit:1.1', ':validate:1.1', ':xpath', ':startup', ':rollback-on-error', ':writable-running', ':with-defaults'):
    assert c in m.server_capabilities, c
IF = '<interfaces xmlns="urn:a"><interface><name>%s</name>%s</interface></interfaces>'
cfg = lambda n, inner='': '<config xmlns="urn:ietf:params:xml:ns:netconf:base:1.0">' + IF % (n, inner) + '</config>'
with m.locked('candidate'):
    m.discard_changes()
    m.edit_config(target='candidate', config=cfg('eth0', '<mtu>9000</mtu><description>gr\u00fc\u00dfe</description>'), error_option='rollback-on-error', test_option='test-then-set')
    m.validate('candidate')
    m.commit()
r = m.get_config('running', filter=('subtree', IF % ('eth0', '')))
assert '9000' in r.data_xml and 'gr\u00fc\u00dfe' in r.data_xml, r.data_xml
r = m.get_config('running', filter=('xpath', '/interfaces/interface[mtu=9000]/name'))
assert 'eth0' in r.data_xml, r.data_xml
r = m.get(filter=('subtree', '<netconf-state xmlns="urn:ietf:params:xml:ns:yang:ietf-netconf-monitoring"><schemas/></netconf-state>'))
assert 'a-sub' in r.data_xml
assert 'module b' in m.get_schema('b').data
r = m.get_config('running', with_defaults='report-all')
assert '<enabled>true</enabled>' in r.data_xml, r.data_xml
m.edit_config(target='candidate', config=cfg('eth1'))
m.commit(confirmed=True, timeout='60')
m.commit()
m.copy_config(source='running', target='startup')
assert 'eth1' in m.get_config('startup').data_xml
try:
    m.edit_config(target='running', config=cfg('eth2', '<mtu>1</mtu>'))
    raise SystemExit('a bad edit was taken')
except operations.RPCError as e:
    assert e.tag == 'invalid-value' and 'eth2' in e.path, (e.tag, e.path)
try:
    m.dispatch(to_ele('<reboot xmlns="urn:x"/>'))
    raise SystemExit('an unknown operation was taken')
except operations.RPCError as e:
    assert e.tag == 'operation-not-supported', e.tag
big = ''.join('<interface><name>p%d</name><description>\u00fc%s</description></interface>' % (i, 'x' * 50) for i in range(5000))
m.edit_config(target='running', config='<config><interfaces xmlns="urn:a">%s</interfaces></config>' % big)
assert m.get_config('running').data_xml.count('\u00fc') >= 5000
m.delete_config('startup')
m.close_session()
print('all is well')
`

// TestNcclient drives the server with Debian's python3-ncclient.
func TestNcclient(t *testing.T) {
	const python = "/usr/bin/python3"
	_, err := run(t, "", python, "-c", "import ncclient")
	prereq.Need(t, err == nil, "the Debian package python3-ncclient")
	f := newFixture(t)
	host, port, err := net.SplitHostPort(f.listen())
	if err != nil {
		t.Fatal(err)
	}
	if out, err := run(t, "", python, "-c", ncclientScript, host, port); err != nil || !strings.Contains(out, "all is well") {
		t.Fatalf("%v\n%s", err, out)
	}
}

// TestOpenSSH speaks by way of OpenSSH's client, with a key, base:1.0 and end of
// input right behind the last request.
func TestOpenSSH(t *testing.T) {
	client := prereq.Program(t, "ssh")
	keygen := prereq.Program(t, "ssh-keygen")
	dir := t.TempDir()
	key := filepath.Join(dir, "key")
	if out, err := run(t, "", keygen, "-q", "-t", "ed25519", "-N", "", "-f", key); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	text, err := os.ReadFile(key)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := ssh.ParsePrivateKey(text)
	if err != nil {
		t.Fatal(err)
	}
	f := newFixture(t, func(c *Config) { c.Users = testUsers{signer.PublicKey()} })
	host, port, err := net.SplitHostPort(f.listen())
	if err != nil {
		t.Fatal(err)
	}
	rpc := func(op string) string {
		return `<rpc xmlns="` + baseNamespace + `" message-id="1">` + op + "</rpc>" + endOfMessage
	}
	args := []string{"-F", "none", "-i", key, "-o", "IdentitiesOnly=yes", "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=" + filepath.Join(dir, "known"),
		"-o", "ServerAliveInterval=1", "-o", "LogLevel=ERROR", "-p", port, "-l", "admin", "-s", host, "netconf"}
	out, err := run(t, helloOf(base10)+endOfMessage+rpc(edit("running", interfaces(eth(0, ""))))+rpc(getConfig("running", ""))+rpc("<close-session/>"), client, args...)
	if err != nil || !strings.Contains(out, "<name>eth0</name>") || strings.Count(out, "<ok/>") != 2 {
		t.Fatalf("%v\n%s", err, out)
	}
	// Without close-session: the end of input ends the session.
	out, err = run(t, helloOf(base10)+endOfMessage+rpc(getConfig("running", "")), client, args...)
	if err != nil || !strings.Contains(out, "<name>eth0</name>") {
		t.Fatalf("%v\n%s", err, out)
	}
}

// TestYangcli drives the server with yuma123's yangcli, which loads the modules
// that it does not have by get-schema. It gets those of the tests: its parser
// fails an assertion of its own on OpenConfig's.
func TestYangcli(t *testing.T) {
	yangcli := prereq.Program(t, "yangcli")
	script := prereq.Program(t, "script") // yangcli wants a terminal
	f := newFixture(t)
	host, port, err := net.SplitHostPort(f.listen())
	if err != nil {
		t.Fatal(err)
	}
	f.open().ok(edit("running", interfaces(eth(0, "<mtu>9000</mtu>"))))
	out, err := run(t, "", script, "-qec", yangcli+" --server="+host+" --ncport="+port+
		" --user=admin --password=secret --batch-mode --run-command='xget-config source=running select=/interfaces'", "/dev/null")
	if err != nil || !strings.Contains(out, "eth0") || !strings.Contains(out, "9000") {
		t.Fatalf("%v\n%s", err, out)
	}
}
