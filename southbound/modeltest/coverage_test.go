package modeltest_test

import (
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/outrigger-cnf/outrigger/agent"
	"github.com/outrigger-cnf/outrigger/agent/fault"
	"github.com/outrigger-cnf/outrigger/agent/path"
	"github.com/outrigger-cnf/outrigger/agent/schema"
	"github.com/outrigger-cnf/outrigger/gen"
	"github.com/outrigger-cnf/outrigger/southbound"
	"github.com/outrigger-cnf/outrigger/southbound/applied"
	"github.com/outrigger-cnf/outrigger/southbound/ietf"
	"github.com/outrigger-cnf/outrigger/southbound/modeltest"
	"github.com/outrigger-cnf/outrigger/southbound/object"
	"github.com/outrigger-cnf/outrigger/southbound/openconfig"
)

func models(t *testing.T, s *schema.Schema) (*openconfig.Model, *ietf.Model) {
	t.Helper()
	oc, err := openconfig.New(s)
	if err != nil {
		t.Fatal(err)
	}
	twin, err := ietf.New(s)
	if err != nil {
		t.Fatal(err)
	}
	return oc, twin
}

// leaves are the leafs of the modules that models realize.
func leaves(s *schema.Schema, config bool) []*schema.Node {
	var found []*schema.Node
	var walk func(n *schema.Node)
	walk = func(n *schema.Node) {
		for _, c := range n.Data {
			if (c.Kind == schema.Leaf || c.Kind == schema.LeafList) && c.Config == config && !c.IsKey() {
				found = append(found, c)
			}
			walk(c)
		}
	}
	for _, top := range s.Root.Data {
		switch top.Module.Name {
		case "openconfig-interfaces", "openconfig-network-instance", "outrigger-ext", "ietf-interfaces", "ietf-routing":
			walk(top)
		}
	}
	return found
}

// Whatever state the schema has is rendered of a dataplane that has everything;
// what cannot be rendered must not be in the schema.
func TestEveryStateLeafIsRendered(t *testing.T) {
	s := gen.Schema()
	oc, twin := models(t, s)
	screen := modeltest.NewScreen(t, s, oc, twin)
	screen.Show(modeltest.Everything()...)
	screen.Tables()
	screen.Publish(oc.Backend("netlink"))
	screen.Publish(oc.Dataplane(object.Dataplane{Version: "1.0", Connected: true, Since: time.Unix(1, 0), Restarts: 1, Resyncs: 2, Missing: []string{"memif: no such message"}}))
	apply(t, oc, screen, `{
	  "openconfig-network-instance:network-instances": {"network-instance": [{
	    "name": "DEFAULT",
	    "config": {"name": "DEFAULT", "type": "openconfig-network-instance-types:DEFAULT_INSTANCE"},
	    "interfaces": {"interface": [{"id": "x", "config": {"id": "x", "interface": "eth0", "subinterface": 0}}]},
	    "protocols": {"protocol": [{
	      "identifier": "openconfig-policy-types:STATIC", "name": "static",
	      "config": {"identifier": "openconfig-policy-types:STATIC", "name": "static", "enabled": true},
	      "static-routes": {"static": [{
	        "prefix": "198.51.100.0/24", "config": {"prefix": "198.51.100.0/24"},
	        "next-hops": {"next-hop": [{
	          "index": "0", "config": {"index": "0", "next-hop": "192.0.2.2", "metric": 10},
	          "interface-ref": {"config": {"interface": "eth0", "subinterface": 0}}
	        }]}
	      }]}
	    }]}
	  }]}
	}`)
	shown := map[string]bool{}
	for p := range screen.Leaves() {
		shown[p] = true
	}
	for _, leaf := range leaves(s, false) {
		if p := leaf.SchemaPath().String(); !shown[p] {
			t.Errorf("%s is in the schema, but nothing renders it: render it or deviate it", p)
		}
	}
}

// apply shows a configuration as applied.
func apply(t *testing.T, oc *openconfig.Model, screen *modeltest.Screen, config string) {
	t.Helper()
	s := screen.Tree().Schema()
	root, containers := oc.Applied()
	f, err := applied.New(s, root, containers...)
	if err != nil {
		t.Fatal(err)
	}
	shown := f.Follow(modeltest.Tree(t, s, config))
	screen.Publish([]agent.StateChange{{Path: root, Node: shown.Node(root), Merge: true}})
}

// withoutEffect are the leafs of configuration that claim nothing of the
// dataplane, with the reason.
var withoutEffect = map[string]string{
	"/openconfig-interfaces:interfaces/interface/config/name":                                                                             "the key again",
	"/openconfig-interfaces:interfaces/interface/subinterfaces/subinterface/config/index":                                                 "the key again",
	"/openconfig-interfaces:interfaces/interface/subinterfaces/subinterface/openconfig-if-ip:ipv4/config/enabled":                         "must be true",
	"/openconfig-interfaces:interfaces/interface/subinterfaces/subinterface/openconfig-if-ip:ipv4/addresses/address/config/ip":            "the key again",
	"/openconfig-interfaces:interfaces/interface/subinterfaces/subinterface/openconfig-if-ip:ipv6/addresses/address/config/ip":            "the key again",
	"/openconfig-interfaces:interfaces/interface/subinterfaces/subinterface/openconfig-if-ip:ipv4/neighbors/neighbor/config/ip":           "the key again",
	"/openconfig-interfaces:interfaces/interface/subinterfaces/subinterface/openconfig-if-ip:ipv6/neighbors/neighbor/config/ip":           "the key again",
	"/openconfig-network-instance:network-instances/network-instance/config/name":                                                         "the key again",
	"/openconfig-network-instance:network-instances/network-instance/interfaces/interface/config/id":                                      "the key again",
	"/openconfig-network-instance:network-instances/network-instance/protocols/protocol/config/identifier":                                "must be right",
	"/openconfig-network-instance:network-instances/network-instance/protocols/protocol/config/name":                                      "the key again",
	"/openconfig-network-instance:network-instances/network-instance/protocols/protocol/config/enabled":                                   "must be true",
	"/openconfig-network-instance:network-instances/network-instance/protocols/protocol/static-routes/static/config/prefix":               "the key again",
	"/ietf-interfaces:interfaces/interface/ietf-ip:ipv4/enabled":                                                                          "must be true",
	"/ietf-routing:routing/control-plane-protocols/control-plane-protocol/static-routes/ietf-ipv4-unicast-routing:ipv4/route/description": "for people",
	"/ietf-routing:routing/control-plane-protocols/control-plane-protocol/static-routes/ietf-ipv6-unicast-routing:ipv6/route/description": "for people",
}

// Whatever configuration the schema has is the source of a claim in one of the
// models' goldens, or is known to claim nothing.
func TestEveryConfigurationLeafIsClaimed(t *testing.T) {
	s := gen.Schema()
	oc, twin := models(t, s)
	var sources []path.Path
	for _, pattern := range []string{"../openconfig/testdata/claims/*.txtar", "../ietf/testdata/claims/*.txtar"} {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			t.Fatalf("no files match %s: %v", pattern, err)
		}
		for _, file := range files {
			archive, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range archive.Files {
				if !strings.HasSuffix(f.Name, ".json") {
					continue
				}
				claims, err := modeltest.Claims(modeltest.Tree(t, s, string(f.Data)), oc, twin)
				if err != nil {
					continue // a case of what is refused
				}
				for _, c := range claims {
					for _, from := range c.From {
						def, err := s.Find(from.Path())
						if err != nil {
							t.Fatalf("%s claims from a node that is not there: %v", c.ID(), err)
						}
						sources = append(sources, def.SchemaPath())
					}
				}
			}
		}
	}
	for _, leaf := range leaves(s, true) {
		p := leaf.SchemaPath()
		claimed := slices.ContainsFunc(sources, p.HasPrefix)
		reason, free := withoutEffect[p.String()]
		switch {
		case !claimed && !free:
			t.Errorf("%s is in the schema, but claims nothing: realize it or deviate it", p)
		case claimed && free:
			t.Errorf("%s claims something, but is listed as: %s", p, reason)
		}
		delete(withoutEffect, p.String())
	}
	for p := range withoutEffect {
		t.Errorf("%s is listed, but not in the schema", p)
	}
}

// What there is of VLANs on an interface is nothing to the interface as such: it is
// not asked when one changes, and says the same without them.
func TestVLANsApart(t *testing.T) {
	s := gen.Schema()
	oc, _ := models(t, s)
	const (
		zero = `{"index": 0, "config": {"index": 0, "enabled": false}}`
		vlan = `{"index": 7, "config": {"index": 7}, "openconfig-vlan:vlan": {"match": {"single-tagged": {"config": {"vlan-id": 7}}}}}`
	)
	units := oc.Units()[:2]
	describe := func(subs string) string {
		t.Helper()
		config := modeltest.Tree(t, s, `{"openconfig-interfaces:interfaces": {"interface": [{"name": "eth0", "config": {"name": "eth0"},
			"subinterfaces": {"subinterface": [`+subs+`]}}]}}`)
		at, _, err := s.Resolve("/openconfig-interfaces:interfaces/interface[name='eth0']")
		if err != nil {
			t.Fatal(err)
		}
		claims, err := units[0].Objects(config, at, config.Node(at))
		if err != nil {
			t.Fatal(err)
		}
		return modeltest.Describe(claims)
	}
	if with, without := describe(zero+","+vlan), describe(zero); with != without {
		t.Errorf("with a VLAN\n%swithout\n%s", with, without)
	}
	for text, except := range map[string]bool{
		"/openconfig-interfaces:interfaces/interface[name='eth0']":                                                                  false,
		"/openconfig-interfaces:interfaces/interface[name='eth0']/config/mtu":                                                       false,
		"/openconfig-interfaces:interfaces/interface[name='eth0']/subinterfaces":                                                    false,
		"/openconfig-interfaces:interfaces/interface[name='eth0']/subinterfaces/subinterface":                                       false,
		"/openconfig-interfaces:interfaces/interface[name='eth0']/subinterfaces/subinterface[index='0']/config/enabled":             false,
		"/openconfig-interfaces:interfaces/interface[name='eth0']/subinterfaces/subinterface[index='7']":                            true,
		"/openconfig-interfaces:interfaces/interface[name='eth0']/subinterfaces/subinterface[index='7']/openconfig-vlan:vlan/match": true,
	} {
		p, _, err := s.Resolve(text)
		if err != nil {
			t.Fatal(err)
		}
		if got := units[0].Except(p); got != except {
			t.Errorf("%s concerns the interface: %t, want %t", text, !got, !except)
		}
	}
}

// The two families of modules speak of the same objects: agreeing they add up,
// and a contradiction is refused with both places named.
func TestTwins(t *testing.T) {
	s := gen.Schema()
	oc, twin := models(t, s)
	const (
		inOC   = `"openconfig-interfaces:interfaces": {"interface": [{"name": "eth0", "config": {"name": "eth0" %config%}, "subinterfaces": {"subinterface": [{"index": 0, "config": {"index": 0}, "openconfig-if-ip:%family%": {%ip%}}]}}]}`
		inIETF = `"ietf-interfaces:interfaces": {"interface": [{"name": "eth0", "type": "iana-if-type:ethernetCsmacd" %config%, "ietf-ip:%family%": {%ip%}}]}`
		ocEth0 = "/openconfig-interfaces:interfaces/interface[name='eth0']/"
		ocSub0 = ocEth0 + "subinterfaces/subinterface[index='0']/openconfig-if-ip:"
		twin0  = "/ietf-interfaces:interfaces/interface[name='eth0']/"
	)
	for _, tt := range []struct {
		name, family   string
		ocConfig, ocIP string
		config, ip     string
		at, other      string // of the contradiction; empty: there is none
	}{
		{name: "both say nothing"},
		{name: "same description", ocConfig: `, "description": "x"`, config: `, "description": "x"`},
		{name: "another description", ocConfig: `, "description": "x"`, config: `, "description": "y"`, at: twin0 + "description", other: ocEth0 + "config/description"},
		{name: "default against explicit", config: `, "enabled": false`, at: twin0 + "enabled", other: ocEth0 + "config/enabled"},
		{name: "same address", ocIP: `"addresses": {"address": [{"ip": "192.0.2.1", "config": {"ip": "192.0.2.1", "prefix-length": 24}}]}`, ip: `"address": [{"ip": "192.0.2.1", "prefix-length": 24}]`},
		{
			name: "another length", ocIP: `"addresses": {"address": [{"ip": "192.0.2.1", "config": {"ip": "192.0.2.1", "prefix-length": 24}}]}`, ip: `"address": [{"ip": "192.0.2.1", "prefix-length": 25}]`,
			at: twin0 + "ietf-ip:ipv4/address[ip='192.0.2.1']/prefix-length", other: ocSub0 + "ipv4/addresses/address[ip='192.0.2.1']/config/prefix-length",
		},
		{
			name: "one address in two spellings", family: "ipv6", ocIP: `"addresses": {"address": [{"ip": "2001:DB8:0::1", "config": {"ip": "2001:DB8:0::1", "prefix-length": 64}}]}`, ip: `"address": [{"ip": "2001:db8::1", "prefix-length": 65}]`,
			at: twin0 + "ietf-ip:ipv6/address[ip='2001:db8::1']/prefix-length", other: ocSub0 + "ipv6/addresses/address[ip='2001:db8::1']/config/prefix-length",
		},
		{
			name: "another neighbor", ocIP: `"neighbors": {"neighbor": [{"ip": "192.0.2.2", "config": {"ip": "192.0.2.2", "link-layer-address": "02:00:00:00:00:0A"}}]}`, ip: `"neighbor": [{"ip": "192.0.2.2", "link-layer-address": "02:00:00:00:00:0b"}]`,
			at: twin0 + "ietf-ip:ipv4/neighbor[ip='192.0.2.2']/link-layer-address", other: ocSub0 + "ipv4/neighbors/neighbor[ip='192.0.2.2']/config/link-layer-address",
		},
		{name: "MTU", ocConfig: `, "mtu": 1500`, ip: `"mtu": 1400`, at: twin0 + "ietf-ip:ipv4/mtu", other: ocEth0 + "config/mtu"},
		{
			name: "forwarding", ocIP: `"config": {"outrigger-ext:forwarding": true}`, ip: `"forwarding": false`,
			at: twin0 + "ietf-ip:ipv4/forwarding", other: ocSub0 + "ipv4/config/outrigger-ext:forwarding",
		},
		{name: "forwarding left alone", ocIP: `"config": {"outrigger-ext:forwarding": true}`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if tt.family == "" {
				tt.family = "ipv4"
			}
			config := "{" + strings.NewReplacer("%config%", tt.ocConfig, "%family%", tt.family, "%ip%", tt.ocIP).Replace(inOC) + ", " +
				strings.NewReplacer("%config%", tt.config, "%family%", tt.family, "%ip%", tt.ip).Replace(inIETF) + "}"
			err := merged(modeltest.Claims(modeltest.Tree(t, s, config), oc, twin))
			if tt.at == "" {
				if err != nil {
					t.Errorf("refused: %v", err)
				}
				return
			}
			wrong, ok := errors.AsType[*fault.Error](err)
			if !ok || wrong.Tag != fault.InvalidValue || wrong.Path.String() != tt.at || !strings.Contains(wrong.Message, tt.other) {
				t.Errorf("%v, want a refusal at %s that names %s", err, tt.at, tt.other)
			}
		})
	}
}

// merged is what is wrong with claims, each or together.
func merged(claims []object.Claim, err error) error {
	if err != nil {
		return err
	}
	byID := map[object.ID][]object.Claim{}
	for _, c := range claims {
		byID[c.ID()] = append(byID[c.ID()], c)
	}
	for _, same := range byID {
		if _, err := object.Merge(same); err != nil {
			return err
		}
	}
	return nil
}

// Units are in the schema and do not overlap, but where the outer one says whose
// is what, and all configuration that a model takes on is its own.
func TestUnits(t *testing.T) {
	s := gen.Schema()
	oc, twin := models(t, s)
	var seen []southbound.Unit
	for _, m := range []southbound.Model{oc, twin} {
		for _, u := range m.Units() {
			def, err := s.Find(u.Path)
			if err != nil {
				t.Fatal(err)
			}
			if !def.Config {
				t.Errorf("unit %s is no configuration", u.Path)
			}
			for _, other := range seen {
				outer, inner := u, other
				if u.Path.HasPrefix(other.Path) {
					outer, inner = other, u
				}
				if inner.Path.HasPrefix(outer.Path) && outer.Except == nil {
					t.Errorf("units %s and %s overlap", u.Path, other.Path)
				}
			}
			seen = append(seen, u)
			if !slices.ContainsFunc(m.Leaves(), u.Path.HasPrefix) {
				t.Errorf("unit %s is not among the model's leaves", u.Path)
			}
		}
	}
}
