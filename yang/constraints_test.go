package yang_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/outrigger-cnf/outrigger/gen"
	"github.com/outrigger-cnf/outrigger/internal/prereq"
)

// The product's own constraints, in outrigger-ext and in the deviations, accept
// what can be carried out and refuse what cannot, in the eyes of yanglint.
func TestConstraints(t *testing.T) {
	program := prereq.Program(t, "yanglint")
	args := []string{"-p", ".", "-t", "config"}
	files := []string{"outrigger-deviations.yang"}
	for _, m := range gen.Schema().Modules {
		if m.Implemented && m.Name != "outrigger-deviations" {
			args = append(args, "-F", m.Name+":"+strings.Join(m.Features, ","))
			files = append(files, m.Name+".yang")
		}
	}
	valid, err := os.ReadFile("testdata/valid.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name, old, new string
		want           string // in yanglint's answer; empty: valid
	}{
		{name: "valid"},
		{"veth without peer", `"peer": "v1"`, ``, "a veth needs the name of its peer"},
		{"veth that is its own peer", `"peer": "v1"`, `"peer": "v0"`, "the peer of a veth is another interface"},
		{"settings of another kind", `"kind": "veth"`, `"kind": "tap"`, "../../config/kind = 'veth'"},
		{"vxlan without identifier", `"vni": 10,`, ``, "a vxlan needs its network identifier"},
		{"macvlan without parent", `"parent": "eth1"`, ``, "a macvlan needs its parent"},
		{"subinterface 1", `"index": 0`, `"index": 1`, "a subinterface other than 0 needs its VLAN"},
		{"VLAN on subinterface 0", `"index": 101`, `"index": 0`, "subinterface 0 is the interface itself, which has no VLAN"},
		{"subinterface 0 described", `"index": 0
`, `"index": 0, "description": "twice"
`, "subinterface 0 is the interface itself: describe it"},
		{"master of subinterface 0", `"index": 0
              },`, `"index": 0
              }, "outrigger-ext:link": {"config": {"master": "vx0"}},`, "name its master at the interface's link/config/master"},
		{"one VLAN twice", `"vlan-id": 1
`, `"vlan-id": 4094
`, "Unique data leaf(s)"},
		{"no VLAN", `"vlan-id": 1
`, `"vlan-id": 4095
`, "out of the allowed range"},
		{"tunnel without source", `"src": "192.0.2.1",`, ``, "a tunnel needs its source address"},
		{"tunnel without destination", `,
            "dst": "2001:db8::2"`, ``, "a tunnel needs its destination address"},
		{"tunnel of two families", `"dst": "192.0.2.3"`, `"dst": "2001:db8::2"`, "both ends of a tunnel are of one address family"},
		{"tunnel by no kind", `"kind": "ipip"`, `"kind": "loopback"`, "an interface is a tunnel by its kind"},
		{"key of what has none", `"kind": "gre"`, `"kind": "ipip"`, "a tunnel of the kind gre has a key"},
		{"key 0", `"gre-key": 4294967295`, `"gre-key": 0`, "key 0 cannot be told from no key"},
		{"memif without socket", `"socket": "/run/vpp/memif.sock",`, ``, "a memif needs the socket"},
		{"memif with a relative socket", `"/run/vpp/memif.sock"`, `"memif.sock"`, "the socket is named by an absolute path"},
		{"memif without role", `"role": "server",`, ``, "a memif needs its role"},
		{"memif with an odd ring", `"ring-size": 1024`, `"ring-size": 1000`, "a ring has a power of two of slots"},
		{"af-packet without interface", `"host-interface": "eth3"`, ``, "an af-packet needs the kernel's interface"},
		{"address without length", `"prefix-length": 24,`, ``, `Mandatory node "prefix-length"`},
		{"IPv4 switched off", `"ietf-ip:ipv4": {`, `"ietf-ip:ipv4": { "enabled": false,`, "IPv4 cannot be switched off"},
		{"another type of DEFAULT", "DEFAULT_INSTANCE", "L3VRF", "the type of network instance DEFAULT"},
		{"another type of VRF", "L3VRF", "L2VSI", "the type of a network instance other than DEFAULT"},
		{"VRF with an interface's name", `"red"`, `"v0"`, "a network instance cannot have the name of an interface"},
		{"forwarding of a VRF", `"DEFAULT"`, `"blue"`, "../oc-netinst:name = 'DEFAULT'"},
		{"member without interface", `"id": "v0",
                "interface": "v0"`, `"id": "v0"`, `Mandatory node "interface"`},
		{"member that is not configured", `"interface": "v0"`, `"interface": "v9"`, "Invalid leafref value"},
		{"unnumbered without lender", `"interface": "eth0"`, ``, "an unnumbered interface needs the interface"},
		{"another protocol", "STATIC", "BGP", "oc-pol-types:STATIC"},
		{"protocol switched off", `"enabled": true`, `"enabled": false`, "delete the protocol"},
		{"route without next hop", `"next-hop": [`, `"none": [`, `Node "none" not found`},
		{"what is not supported", `"index": "0",
                            "next-hop"`, `"recurse": true, "index": "0",
                            "next-hop"`, `Node "recurse" not found`},
		{"another special next hop", `"blackhole"`, `"unreachable"`, `Invalid enumeration value "unreachable"`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			data := strings.ReplaceAll(string(valid), tt.old, tt.new)
			if tt.old == "" {
				data = string(valid)
			} else if data == string(valid) {
				t.Fatalf("testdata/valid.json has no %q", tt.old)
			}
			file := filepath.Join(t.TempDir(), "data.json")
			if err := os.WriteFile(file, []byte(data), 0o600); err != nil {
				t.Fatal(err)
			}
			command := append(append(append([]string{}, args...), files...), file)
			out, err := exec.CommandContext(t.Context(), program, command...).CombinedOutput()
			switch {
			case tt.want == "" && err != nil:
				t.Errorf("refused: %v\n%s", err, out)
			case tt.want != "" && (err == nil || !strings.Contains(string(out), tt.want)):
				t.Errorf("%v, want a refusal that says %q:\n%s", err, tt.want, last(string(out), 3))
			}
		})
	}
}

// last returns the last lines of a text.
func last(text string, lines int) string {
	all := strings.Split(strings.TrimSpace(text), "\n")
	return strings.Join(all[max(0, len(all)-lines):], "\n")
}
