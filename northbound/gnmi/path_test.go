package gnmi_test

import (
	"strings"
	"testing"

	gpb "github.com/openconfig/gnmi/proto/gnmi"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"

	"github.com/outrigger-cnf/outrigger/northbound/gnmi"
)

func TestBind(t *testing.T) {
	s := gnmi.New(gnmi.Config{Schema: testSchema(t)})
	tests := []struct {
		name         string
		prefix, path *gpb.Path
		paths        string // in the form of RFC 7951; + where the path goes on with wildcards
		reply        string // of the first; empty: not looked at
	}{
		{"1 empty origin is openconfig", nil, gp("/interfaces"), "/openconfig-interfaces:interfaces", "/interfaces"},
		{"2 explicit openconfig", nil, gp("openconfig:/interfaces"), "/openconfig-interfaces:interfaces", "openconfig:/interfaces"},
		{"3 module as origin", nil, gp("openconfig-interfaces:/interfaces"), "/openconfig-interfaces:interfaces", "openconfig-interfaces:/interfaces"},
		{"3 other module as origin", nil, gp("ietf-interfaces:/interfaces"), "/ietf-interfaces:interfaces", "ietf-interfaces:/interfaces"},
		{"4 module in the element", nil, gp("/openconfig-interfaces:interfaces"), "/openconfig-interfaces:interfaces", "/openconfig-interfaces:interfaces"},
		{"4 other module in the element", nil, gp("/ietf-interfaces:interfaces"), "/ietf-interfaces:interfaces", "/ietf-interfaces:interfaces"},
		{"4 prefix in the element", nil, gp("/oc-if:interfaces"), "/openconfig-interfaces:interfaces", "/openconfig-interfaces:interfaces"},
		{"4 module further down", nil, gp("/interfaces/interface[name=a]/openconfig-if-ip:addresses"), "/openconfig-interfaces:interfaces/interface[name='a']/openconfig-if-ip:addresses", "/interfaces/interface[name=a]/addresses"},
		{"4 module of a key", nil, gp("/interfaces/interface[openconfig-interfaces:name=a]"), "/openconfig-interfaces:interfaces/interface[name='a']", ""},
		{"5 nil path", nil, nil, "/openconfig-interfaces:interfaces /openconfig-network-instance:network-instances /openconfig-zoo:zoo", ""},
		{"5 empty prefix", &gpb.Path{}, gp("/interfaces"), "/openconfig-interfaces:interfaces", ""},
		{"6 target in the prefix", &gpb.Path{Target: "x"}, gp("/interfaces"), "/openconfig-interfaces:interfaces", ""},
		{"7 origin in the prefix", &gpb.Path{Origin: "openconfig", Elem: gp("/interfaces").Elem}, gp("/interface[name=a]"), "/openconfig-interfaces:interfaces/interface[name='a']", ""},
		{"14 special characters", nil, gp(`/interfaces/interface[name=a\/b\[c\]\\d:1]/config`), `/openconfig-interfaces:interfaces/interface[name='a/b[c]\d:1']/config`, `/interfaces/interface[name=a/b[c]\d:1]/config`},
		{"14 IPv6", nil, gp("/interfaces/interface[name=a]/addresses/address[ip=2001:db8::/64][zone=]"), "/openconfig-interfaces:interfaces/interface[name='a']/openconfig-if-ip:addresses/address[ip='2001:db8::/64'][zone='']", ""},
		{"15 omitted key", nil, gp("/interfaces/interface/config"), "+/openconfig-interfaces:interfaces/interface", ""},
		{"15 omitted key at the end", nil, gp("/interfaces/interface"), "/openconfig-interfaces:interfaces/interface", ""},
		{"15 star for a key", nil, gp("/interfaces/interface[name=*]/config"), "+/openconfig-interfaces:interfaces/interface", ""},
		{"15 some of the keys", nil, gp("/interfaces/interface[name=a]/addresses/address[zone=z]/config"), "+/openconfig-interfaces:interfaces/interface[name='a']/openconfig-if-ip:addresses", ""},
		{"star for a name", nil, gp("/interfaces/interface[name=a]/*/mtu"), "/openconfig-interfaces:interfaces/interface[name='a']/config/mtu /openconfig-interfaces:interfaces/interface[name='a']/state/mtu", ""},
		{"star for a list with keys", nil, gp("/interfaces/*[name=a]/config"), "/openconfig-interfaces:interfaces/interface[name='a']/config", ""},
		{"any depth", nil, gp("/interfaces/.../prefix-length"), "+/openconfig-interfaces:interfaces/interface", ""},
		{"any depth at the end", nil, gp("/interfaces/interface[name=a]/..."), "/openconfig-interfaces:interfaces/interface[name='a']", ""},
		{"identity without its module", nil, gp("/network-instances/network-instance[name=d]/protocols/protocol[identifier=STATIC][name=s]"), "/openconfig-network-instance:network-instances/network-instance[name='d']/protocols/protocol[identifier='openconfig-types:STATIC'][name='s']", "/network-instances/network-instance[name=d]/protocols/protocol[identifier=STATIC][name=s]"},
		{"identity with its module", nil, gp("/network-instances/network-instance[name=d]/protocols/protocol[identifier=openconfig-types:STATIC][name=s]"), "/openconfig-network-instance:network-instances/network-instance[name='d']/protocols/protocol[identifier='openconfig-types:STATIC'][name='s']", "/network-instances/network-instance[name=d]/protocols/protocol[identifier=openconfig-types:STATIC][name=s]"},
		{"16 root of everything", nil, &gpb.Path{Origin: "rfc7951"}, "/", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b, err := s.Bind(tt.prefix, tt.path)
			if err != nil {
				t.Fatal(err)
			}
			var paths []string
			for i, p := range b.Paths {
				text := p.String()
				if !b.Concrete[i] {
					text = "+" + text
				}
				paths = append(paths, text)
			}
			if got := strings.Join(paths, " "); got != tt.paths {
				t.Errorf("got  %s\nwant %s", got, tt.paths)
			}
			if tt.reply != "" && pathText(nil, b.Replies[0]) != tt.reply {
				t.Errorf("reply %s, want %s", pathText(nil, b.Replies[0]), tt.reply)
			}
		})
	}
}

func TestBindErrors(t *testing.T) {
	s := gnmi.New(gnmi.Config{Schema: testSchema(t), Limits: gnmi.Limits{MaxBranches: 20}})
	tests := []struct {
		name         string
		prefix, path *gpb.Path
		code         codes.Code
		words        []string
	}{
		{"7 origin twice", &gpb.Path{Origin: "openconfig"}, gp("openconfig:/interfaces"), codes.InvalidArgument, []string{"origin"}},
		{"unknown origin", nil, gp("cisco:/interfaces"), codes.InvalidArgument, []string{"cisco", "openconfig"}},
		{"command lines", nil, gp("xros_cli:/"), codes.Unimplemented, []string{"xros_cli"}},
		{"target in the path", nil, &gpb.Path{Target: "x"}, codes.InvalidArgument, []string{"target"}},
		{"deprecated field", nil, &gpb.Path{Element: []string{"interfaces"}}, codes.InvalidArgument, []string{"elem"}},
		{"unknown node", nil, gp("/interfaces/interface[name=a]/confg"), codes.NotFound, []string{`"confg"`, "config", "/interfaces/interface[name=a]"}},
		{"unknown root", nil, gp("/routing"), codes.NotFound, []string{`"routing"`, "network-instances"}},
		{"module of another origin", nil, gp("openconfig:/ietf-interfaces:interfaces"), codes.NotFound, []string{"interfaces"}},
		{"unknown module", nil, gp("/nowhere:interfaces"), codes.NotFound, []string{"nowhere"}},
		{"empty name", nil, &gpb.Path{Elem: []*gpb.PathElem{{}}}, codes.InvalidArgument, []string{"name"}},
		{"nil element", nil, &gpb.Path{Elem: []*gpb.PathElem{nil}}, codes.InvalidArgument, []string{"name"}},
		{"not a key", nil, gp("/interfaces/interface[id=a]"), codes.InvalidArgument, []string{`"id"`, "name"}},
		{"key twice", nil, gp("/interfaces/interface[name=a][oc-if:name=b]"), codes.InvalidArgument, []string{"twice"}},
		{"keys of a container", nil, gp("/interfaces[name=a]"), codes.InvalidArgument, []string{"container"}},
		{"below a leaf", nil, gp("/interfaces/interface[name=a]/config/mtu/x"), codes.NotFound, []string{"leaf"}},
		{"bad key value", nil, gp("/network-instances/network-instance[name=d]/protocols/protocol[identifier=OSPF][name=s]"), codes.InvalidArgument, []string{"OSPF", "STATIC"}},
		{"below a list without keys", nil, gp("/zoo/log/line"), codes.InvalidArgument, []string{"no keys"}},
		{"any depth with keys", nil, gp("/interfaces/...[name=a]"), codes.InvalidArgument, []string{"..."}},
		{"star that matches nothing", nil, gp("/zoo/flag/*"), codes.NotFound, []string{"*"}},
		{"too many branches", nil, gp("/.../*"), codes.ResourceExhausted, []string{"20"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := s.Bind(tt.prefix, tt.path)
			wantCode(t, err, tt.code, tt.words...)
		})
	}
}

// FuzzPath binds any path: it must not panic, and what it binds is in the schema.
func FuzzPath(f *testing.F) {
	schema := testSchema(f)
	s := gnmi.New(gnmi.Config{Schema: schema})
	for _, text := range []string{
		"/interfaces", "ietf-interfaces:/interfaces", "/interfaces/interface[name=a]/config",
		"/.../config", "/*/*[name=*]/state", "rfc7951:/zoo/log",
		"/network-instances/network-instance[name=d]/protocols/protocol[identifier=STATIC][name=s]",
	} {
		wire, err := proto.Marshal(gp(text))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(wire)
	}
	f.Fuzz(func(t *testing.T, wire []byte) {
		p := &gpb.Path{}
		if proto.Unmarshal(wire, p) != nil {
			return
		}
		b, err := s.Bind(nil, p)
		if err != nil {
			return
		}
		for i, at := range b.Paths {
			if _, err := schema.Find(at); err != nil {
				t.Fatalf("%v is bound to %s: %v", p, at, err)
			}
			if !b.Concrete[i] {
				continue
			}
			again, err := s.Bind(nil, b.Replies[i])
			if err != nil || len(again.Paths) != 1 || !again.Paths[0].Equal(at) {
				t.Fatalf("%s is written %v in replies, which is bound to %v, %v", at, b.Replies[i], again.Paths, err)
			}
		}
	})
}
