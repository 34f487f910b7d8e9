package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/crypto/bcrypt"
)

// call runs one command line as main does.
func call(stdin string, args ...string) (code int, stdout, stderr string) {
	var out, errs bytes.Buffer
	code = command(context.Background(), args, strings.NewReader(stdin), &out, &errs)
	return code, out.String(), errs.String()
}

func TestCommands(t *testing.T) {
	valid := `{"openconfig-interfaces:interfaces": {"interface": [{"name": "net1", "config": {"name": "net1", "type": "iana-if-type:ethernetCsmacd", "mtu": 1400}}]}}`
	file := filepath.Join(t.TempDir(), "valid.json")
	if err := os.WriteFile(file, []byte(valid), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name   string
		stdin  string
		args   []string
		code   int
		stdout string // a part of it
		stderr string
	}{
		{"nothing", "", nil, exitUsage, "", "usage:"},
		{"help", "", []string{"--help"}, 0, "usage:", ""},
		{"unknown", "", []string{"start"}, exitUsage, "", `there is no command "start"`},
		{"version", "", []string{"version"}, 0, "outrigger devel", ""},
		{"schema", "", []string{"schema", "ietf-interfaces"}, 0, "+--rw interfaces", ""},
		{"schema of all", "", []string{"schema"}, 0, "module: outrigger-ext", ""},
		{"schema of nothing", "", []string{"schema", "no-such-module"}, exitError, "", "no module \"no-such-module\" is served; there are\n"},
		{"run help", "", []string{"run", "--help"}, 0, "-netconf-listen", ""},
		{"run help, of the file", "", []string{"run", "--help"}, 0, "min-sample-interval", ""},
		{"run with what is no flag", "", []string{"run", "--frob"}, exitUsage, "", "-frob\nTry outrigger run --help.\n"},
		{"schema help", "", []string{"schema", "--help"}, 0, "MODULE", ""},
		{"schema with a flag", "", []string{"schema", "--json"}, exitUsage, "", "Try outrigger schema --help."},
		{"validate help", "", []string{"validate", "--help"}, 0, "standard\ninput", ""},
		{"hash help", "", []string{"hash-password", "-h"}, 0, "bcrypt", ""},
		{"version help", "", []string{"version", "-h"}, 0, "usage", ""},
		{"version as a flag", "", []string{"--version"}, 0, "outrigger devel", ""},
		{"version with an argument", "", []string{"version", "x"}, exitUsage, "", "no argument"},
		{"run wrong", "", []string{"run", "--insecure"}, exitUsage, "", "--insecure"},
		{"valid", "", []string{"validate", file}, 0, "is valid", ""},
		{"valid stdin", valid, []string{"validate", "-"}, 0, "- is valid", ""},
		{"validate nothing", "", []string{"validate"}, exitUsage, "", "one file"},
		{"validate absent", "", []string{"validate", file + "x"}, exitError, "", "no such file"},
		{"not JSON", "{", []string{"validate", "-"}, exitError, "", "- is not valid"},
		{"bad value", strings.Replace(valid, "1400", "70000", 1), []string{"validate", "-"}, exitError, "", "/openconfig-interfaces:interfaces/interface[name='net1']/config/mtu"},
		{"unknown leaf", strings.Replace(valid, `"mtu"`, `"mut"`, 1), []string{"validate", "-"}, exitError, "", "mut"},
		{"mandatory", strings.Replace(valid, `"type": "iana-if-type:ethernetCsmacd", `, "", 1), []string{"validate", "-"}, exitError, "", "config/type"},
		{"empty password", "\n", []string{"hash-password"}, exitError, "", "empty"},
	} {
		t.Run(c.name, func(t *testing.T) {
			code, stdout, stderr := call(c.stdin, c.args...)
			if code != c.code || !strings.Contains(stdout, c.stdout) || !strings.Contains(stderr, c.stderr) {
				t.Errorf("exit %d, want %d\n%s\n%s", code, c.code, stdout, stderr)
			}
			if code == 0 && c.stderr == "" && stderr != "" {
				t.Errorf("a success with words on standard error: %s", stderr)
			}
		})
	}
}

func TestHashPassword(t *testing.T) {
	code, stdout, _ := call("secret\n", "hash-password")
	if code != 0 || bcrypt.CompareHashAndPassword([]byte(strings.TrimSpace(stdout)), []byte("secret")) != nil {
		t.Errorf("exit %d: %s", code, stdout)
	}
}
