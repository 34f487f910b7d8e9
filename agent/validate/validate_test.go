package validate_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/outrigger-cnf/outrigger/agent/fault"
	"github.com/outrigger-cnf/outrigger/agent/schema"
	"github.com/outrigger-cnf/outrigger/agent/tree"
	"github.com/outrigger-cnf/outrigger/agent/validate"
	"github.com/outrigger-cnf/outrigger/yang/compile/compiletest"
)

const moduleT = `
module t {
  yang-version 1.1;
  namespace "urn:t";
  prefix t;
  identity kind;
  identity phys { base kind; }
  identity virt { base kind; }
  container ifs {
    list if {
      key name;
      unique "alias box/tag";
      leaf name { type leafref { path "../config/name"; } }
      container config {
        leaf name { type string; }
        leaf type { type identityref { base kind; } mandatory true; }
        leaf mtu {
          type uint16; default 1500;
          must ". <= 9000 or derived-from-or-self(../type, 't:virt')" {
            error-message "too large for a physical one"; error-app-tag "mtu-too-large";
          }
        }
      }
      leaf alias { type string; }
      container box { leaf tag { type string; default none; } }
      container phys {
        when "../config/type = 't:phys'";
        leaf speed { type uint8; mandatory true; }
        leaf duplex { type string; default full; must "../speed < 100 or . = 'full'"; }
      }
      leaf parent {
        type leafref { path "/ifs/if/name"; }
        must "/ifs/if[name=current()]/config/type = 't:phys'";
      }
      leaf peer { when "../parent"; type string; }
      list unit {
        key id; max-elements 3;
        leaf id { type uint8; }
        leaf after { type leafref { path "../../unit/id"; } }
      }
      leaf-list vlan { type uint8; max-elements 2; }
    }
  }
  container refs {
    list ref {
      key id; min-elements 0;
      leaf id { type uint8; }
      leaf if { type leafref { path "/ifs/if/config/name"; } }
      leaf unit { type leafref { path "/ifs/if[name=current()/../if]/unit/id"; } }
      leaf loose { type leafref { path "/ifs/if/name"; require-instance false; } }
      leaf either { type union { type leafref { path "/ifs/if/name"; } type enumeration { enum all; } } }
      leaf alias { type leafref { path "/ifs/if/alias"; } }
    }
    leaf main { type string; must "deref(../first)/../config/name = ."; }
    leaf first { type leafref { path "/ifs/if/name"; } }
    leaf-list many { type leafref { path "/ifs/if/name"; } }
    leaf where { type instance-identifier; }
  }
  container strict {
    presence "there is something to be strict about";
    must "count(a) + count(b) < 2";
    leaf a { type string; }
    leaf b { type string; }
    leaf-list few { type string; min-elements 1; }
    choice how {
      mandatory true;
      case one { leaf one { type string; } leaf one-more { type string; mandatory true; } }
      case two { container two { leaf x { type string; mandatory true; } } }
      leaf three { type string; }
    }
  }
  choice mode {
    default m1;
    case m1 { leaf level { type uint8; default 5; must "not(../strict) or . > 3"; } }
    case m2 { leaf other { type string; } }
  }
  leaf flag { type boolean; default false; }
  container flagged {
    when "../flag = 'true'";
    leaf needed { type string; mandatory true; }
    leaf extra { type string; when "../needed = 'go'"; }
    leaf pace { type uint8; default 9; when "../needed = 'stop'"; }
  }
  leaf slow { type string; must "not(/flagged/pace > 8)"; }
}`

type fixture struct {
	t testing.TB
	s *schema.Schema
	v *validate.Validator
}

func newFixture(t testing.TB) fixture {
	t.Helper()
	s := compiletest.Schema(t, moduleT)
	v, err := validate.New(s)
	if err != nil {
		t.Fatal(err)
	}
	return fixture{t, s, v}
}

// edit applies lines: "path = value", "path" for a container or entry, "-path"
// to delete.
func (f fixture) edit(base tree.Tree, lines ...string) tree.Tree {
	f.t.Helper()
	x := base.Txn()
	for _, l := range lines {
		gone := strings.HasPrefix(l, "-")
		at, value, isLeaf := strings.Cut(strings.TrimPrefix(l, "-"), " = ")
		p, n, err := f.s.Resolve(at)
		if err != nil {
			f.t.Fatal(err)
		}
		switch {
		case gone:
			_, err = x.Delete(p)
		case isLeaf:
			v, e := n.Parse(value, f.s.ModuleNames())
			if e != nil {
				f.t.Fatal(l, e)
			}
			err = x.Set(p, v)
		default:
			err = x.Ensure(p)
		}
		if err != nil {
			f.t.Fatal(l, err)
		}
	}
	return x.Tree()
}

// port makes the lines of an interface.
func port(name, kind string, more ...string) []string {
	at := fmt.Sprintf("/t:ifs/if[name='%s']/", name)
	out := []string{at + "config/name = " + name, at + "config/type = t:" + kind}
	if kind == "phys" {
		out = append(out, at+"phys/speed = 10")
	}
	for _, m := range more {
		out = append(out, at+m)
	}
	return out
}

// show writes errors as tag app-tag path, sorted.
func show(err error) []string {
	var out []string
	for _, e := range fault.All(err) {
		out = append(out, strings.Join(strings.Fields(fmt.Sprintf("%s %s %s", e.Tag, e.AppTag, e.Path)), " "))
	}
	slices.Sort(out)
	return out
}

func TestCheck(t *testing.T) {
	f := newFixture(t)
	base := f.edit(tree.New(f.s), slices.Concat(port("a", "phys"), port("b", "virt", "parent = a", "peer = x", "alias = bb"), port("c", "virt"))...)
	if err := f.v.All(base); err != nil {
		t.Fatal(err)
	}
	ifA, ifB := "/t:ifs/if[name='a']", "/t:ifs/if[name='b']"
	strictOne := []string{"/t:strict", "/t:strict/one = x", "/t:strict/one-more = y", "/t:strict/few = f"}
	ref := "/t:refs/ref[id='1']/"
	for _, c := range []struct {
		name  string
		setup []string // valid
		edit  []string
		want  []string
	}{
		{name: "nothing"},
		{name: "a plain leaf", edit: []string{ifA + "/alias = x"}},
		// mandatory
		{name: "mandatory missing in a new entry", edit: []string{"/t:ifs/if[name='n']/config/name = n"},
			want: []string{"data-missing /t:ifs/if[name='n']/config/type"}},
		{name: "mandatory deleted", edit: []string{"-" + ifB + "/config/type"},
			want: []string{"data-missing " + ifB + "/config/type"}},
		{name: "container with the mandatory leaf deleted", edit: []string{"-" + ifB + "/config"},
			want: []string{"data-missing " + ifB + "/config/type", "data-missing instance-required " + ifB + "/name"}},
		{name: "mandatory under a when", edit: []string{"-" + ifA + "/phys"},
			want: []string{"data-missing " + ifA + "/phys/speed"}},
		{name: "mandatory comes with the when", edit: []string{"/t:flag = true"},
			want: []string{"data-missing /t:flagged/needed"}},
		{name: "choice", edit: []string{"/t:strict", "/t:strict/few = f"},
			want: []string{"data-missing missing-choice /t:strict"}},
		{name: "mandatory in a case", edit: []string{"/t:strict/one = x", "/t:strict/few = f"},
			want: []string{"data-missing /t:strict/one-more"}},
		{name: "case changed", setup: strictOne, edit: []string{"/t:strict/three = z"}},
		{name: "case removed", setup: strictOne, edit: []string{"-/t:strict/one", "-/t:strict/one-more"},
			want: []string{"data-missing missing-choice /t:strict"}},
		{name: "case of a container", setup: strictOne, edit: []string{"/t:strict/two/x = z"}},
		// min, max
		{name: "too few", setup: strictOne, edit: []string{"-/t:strict/few"},
			want: []string{"operation-failed too-few-elements /t:strict/few"}},
		{name: "too few at once", edit: []string{"/t:strict/three = x"},
			want: []string{"operation-failed too-few-elements /t:strict/few"}},
		{name: "too many entries", edit: []string{ifA + "/unit[id='1']", ifA + "/unit[id='2']", ifA + "/unit[id='3']", ifA + "/unit[id='4']"},
			want: []string{"operation-failed too-many-elements " + ifA + "/unit"}},
		{name: "too many values", setup: []string{ifA + "/vlan = 1", ifA + "/vlan = 2"}, edit: []string{ifA + "/vlan = 3"},
			want: []string{"operation-failed too-many-elements " + ifA + "/vlan"}},
		// unique
		{name: "unique", edit: []string{ifA + "/alias = bb"},
			want: []string{"operation-failed data-not-unique " + ifB}},
		{name: "unique but for one leaf", edit: []string{ifA + "/alias = bb", ifA + "/box/tag = z"}},
		{name: "unique by a default", setup: []string{ifA + "/alias = bb", ifA + "/box/tag = z"}, edit: []string{"-" + ifA + "/box/tag"},
			want: []string{"operation-failed data-not-unique " + ifB}},
		{name: "unique in a new entry", edit: port("n", "virt", "alias = bb"),
			want: []string{"operation-failed data-not-unique /t:ifs/if[name='n']"}},
		// must
		{name: "must", edit: []string{ifA + "/config/mtu = 9001"},
			want: []string{"operation-failed mtu-too-large " + ifA + "/config/mtu"}},
		{name: "must holds elsewhere", edit: []string{ifB + "/config/mtu = 9001"}},
		{name: "must fails by another leaf", setup: []string{ifB + "/config/mtu = 9001"}, edit: []string{ifB + "/config/type = t:phys", ifB + "/phys/speed = 1"},
			want: []string{"operation-failed mtu-too-large " + ifB + "/config/mtu"}},
		{name: "must on a default", edit: []string{ifA + "/phys/speed = 100"}},
		{name: "must on what is no default", setup: []string{ifA + "/phys/duplex = half"}, edit: []string{ifA + "/phys/speed = 100"},
			want: []string{"operation-failed must-violation " + ifA + "/phys/duplex"}},
		{name: "must far away", edit: []string{ifA + "/config/type = t:virt", "-" + ifA + "/phys"},
			want: []string{"operation-failed must-violation " + ifB + "/parent"}},
		{name: "must on a container", setup: append(strictOne, "/t:strict/a = 1"), edit: []string{"/t:strict/b = 2"},
			want: []string{"operation-failed must-violation /t:strict"}},
		{name: "must on a default in a default case", setup: []string{"/t:level = 3"}, edit: strictOne,
			want: []string{"operation-failed must-violation /t:level"}},
		{name: "must in a case that is not there", setup: []string{"/t:other = 3"}, edit: strictOne},
		// leafref
		{name: "leafref to nothing", edit: []string{ref + "if = zz"},
			want: []string{"data-missing instance-required " + ref + "if"}},
		{name: "leafref", edit: []string{ref + "if = a", ref + "either = all", ref + "loose = zz"}},
		{name: "union of leafref", edit: []string{ref + "either = a"}},
		{name: "union of leafref to nothing", setup: []string{ref + "either = c"}, edit: []string{"-/t:ifs/if[name='c']"},
			want: []string{"data-missing instance-required " + ref + "either"}},
		{name: "target deleted", setup: []string{ref + "if = c", "/t:refs/many = c", "/t:refs/many = a", "/t:refs/first = a", "/t:refs/ref[id='2']/if = c"},
			edit: []string{"-/t:ifs/if[name='c']"},
			want: []string{"data-missing instance-required /t:refs/many[.='c']", "data-missing instance-required " + ref + "if", "data-missing instance-required /t:refs/ref[id='2']/if"}},
		{name: "target and referrer deleted", setup: []string{ref + "if = c"}, edit: []string{"-/t:ifs/if[name='c']", "-/t:refs/ref[id='1']"}},
		{name: "all targets deleted", setup: []string{ref + "if = c"}, edit: []string{"-/t:ifs"},
			want: []string{"data-missing instance-required " + ref + "if"}},
		{name: "target changed", edit: []string{ifA + "/config/name = q"},
			want: []string{"data-missing instance-required " + ifA + "/name"}},
		{name: "leafref with a predicate", setup: []string{ifA + "/unit[id='1']"}, edit: []string{ref + "if = a", ref + "unit = 1"}},
		{name: "predicate leads elsewhere", setup: []string{ifA + "/unit[id='1']", ref + "if = a", ref + "unit = 1"}, edit: []string{ref + "if = b"},
			want: []string{"data-missing instance-required " + ref + "unit"}},
		{name: "predicate's target deleted", setup: []string{ifA + "/unit[id='1']", ref + "if = a", ref + "unit = 1"}, edit: []string{"-" + ifA + "/unit[id='1']"},
			want: []string{"data-missing instance-required " + ref + "unit"}},
		{name: "leafref among siblings", setup: []string{ifA + "/unit[id='1']", ifA + "/unit[id='2']/after = 1"}, edit: []string{"-" + ifA + "/unit[id='1']"},
			want: []string{"data-missing instance-required " + ifA + "/unit[id='2']/after"}},
		{name: "leafref to no key", setup: []string{ref + "alias = bb"}, edit: []string{ifB + "/alias = cc"},
			want: []string{"data-missing instance-required " + ref + "alias"}},
		{name: "leafref to no key, still there", setup: []string{ref + "alias = bb", ifA + "/alias = bb", ifA + "/box/tag = z"}, edit: []string{ifB + "/alias = cc"}},
		{name: "must by deref", setup: []string{"/t:refs/first = a", "/t:refs/main = a"}, edit: []string{"/t:refs/first = b"},
			want: []string{"operation-failed must-violation /t:refs/main"}},
		{name: "instance-identifier", setup: []string{"/t:refs/where = /t:ifs/if[name='c']/config/mtu"}, edit: []string{"-/t:ifs/if[name='c']"},
			want: []string{"data-missing instance-required /t:refs/where"}},
		{name: "instance-identifier to nothing", edit: []string{"/t:refs/where = /t:ifs/if[name='q']"},
			want: []string{"data-missing instance-required /t:refs/where"}},
		// when
		{name: "data under a false when", edit: []string{ifB + "/phys/speed = 1"},
			want: []string{"unknown-element " + ifB + "/phys"}},
		{name: "when turns false", edit: []string{"-" + ifB + "/parent"},
			want: []string{"unknown-element " + ifB + "/peer"}},
		{name: "when comes true with the data", edit: []string{"/t:flag = true", "/t:flagged/needed = go", "/t:flagged/extra = x"}},
		{name: "a default under a when", setup: []string{"/t:slow = x", "/t:flag = true", "/t:flagged/needed = go"}, edit: []string{"/t:flagged/needed = stop"},
			want: []string{"operation-failed must-violation /t:slow"}},
		{name: "a default under a false when", setup: []string{"/t:flag = true", "/t:flagged/needed = go"}, edit: []string{"/t:slow = x"}},
		{name: "two errors at once", edit: []string{ifA + "/alias = bb", ref + "if = zz"},
			want: []string{"data-missing instance-required " + ref + "if", "operation-failed data-not-unique " + ifB}},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := fixture{t, f.s, f.v}
			old := f.edit(base, c.setup...)
			if err := f.v.All(old); err != nil {
				t.Fatal("setup:", err)
			}
			new := f.edit(old, c.edit...)
			slices.Sort(c.want)
			if got := show(f.v.Check(context.Background(), old, new)); !slices.Equal(got, c.want) {
				t.Errorf("Check says\n %s\nwant\n %s", strings.Join(got, "\n "), strings.Join(c.want, "\n "))
			}
			if got := show(f.v.All(new)); !slices.Equal(got, c.want) {
				t.Errorf("All says\n %s\nwant\n %s", strings.Join(got, "\n "), strings.Join(c.want, "\n "))
			}
		})
	}
}

func TestMessages(t *testing.T) {
	f := newFixture(t)
	base := f.edit(tree.New(f.s), slices.Concat(port("a", "phys"), port("b", "virt", "alias = bb"))...)
	check := func(lines ...string) *fault.Error {
		t.Helper()
		all := fault.All(f.v.Check(context.Background(), base, f.edit(base, lines...)))
		if len(all) != 1 {
			t.Fatalf("%v: %v", lines, all)
		}
		return all[0]
	}
	if e := check("/t:ifs/if[name='a']/config/mtu = 9001"); e.Message != "too large for a physical one" {
		t.Errorf("must: %q", e.Message)
	}
	e := check("/t:ifs/if[name='a']/alias = bb")
	want := []fault.Info{
		{Name: "non-unique", Value: "/t:ifs/if[name='a']/alias"}, {Name: "non-unique", Value: "/t:ifs/if[name='a']/box/tag"},
		{Name: "non-unique", Value: "/t:ifs/if[name='b']/alias"}, {Name: "non-unique", Value: "/t:ifs/if[name='b']/box/tag"},
	}
	if !slices.Equal(e.Info, want) {
		t.Errorf("unique: %v", e.Info)
	}
	e = check("/t:strict", "/t:strict/few = x")
	if !slices.Equal(e.Info, []fault.Info{{Name: "missing-choice", Value: "how"}}) || !strings.Contains(e.Message, "one, two, three") {
		t.Errorf("choice: %v %s", e.Info, e.Message)
	}
	e = check("/t:refs/ref[id='1']/if = zz")
	if !strings.Contains(e.Message, `"zz"`) {
		t.Errorf("leafref: %s", e.Message)
	}
}

func TestErrorsAreLimited(t *testing.T) {
	f := newFixture(t)
	var lines []string
	for i := range 250 {
		lines = append(lines, fmt.Sprintf("/t:ifs/if[name='i%d']/config/name = i%d", i, i))
	}
	empty := tree.New(f.s)
	if n := len(fault.All(f.v.Check(context.Background(), empty, f.edit(empty, lines...)))); n != 100 {
		t.Errorf("%d errors", n)
	}
}

func TestCheckIsCancelled(t *testing.T) {
	f := newFixture(t)
	var lines []string
	for i := range 2000 {
		lines = append(lines, port(fmt.Sprint("i", i), "virt")...)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	empty := tree.New(f.s)
	if err := f.v.Check(ctx, empty, f.edit(empty, lines...)); err != context.Canceled {
		t.Errorf("got %v", err)
	}
}

func TestSettle(t *testing.T) {
	f := newFixture(t)
	base := f.edit(tree.New(f.s), slices.Concat(port("a", "phys", "phys/duplex = half"), port("b", "virt", "parent = a", "peer = x"),
		[]string{"/t:flag = true", "/t:flagged/needed = go", "/t:flagged/extra = e"})...)
	for _, c := range []struct {
		name       string
		edit       []string
		gone, left []string
		refused    bool
	}{
		{name: "a container", edit: []string{"/t:ifs/if[name='a']/config/type = t:virt", "-/t:ifs/if[name='b']/parent"},
			gone: []string{"/t:ifs/if[name='a']/phys", "/t:ifs/if[name='b']/peer"}, left: []string{"/t:ifs/if[name='a']/config/name"}},
		{name: "a leaf", edit: []string{"/t:flagged/needed = stop"}, gone: []string{"/t:flagged/extra"}, left: []string{"/t:flagged/needed"}},
		{name: "one after the other", edit: []string{"/t:flag = false"}, gone: []string{"/t:flagged"}},
		{name: "nothing", edit: []string{"/t:ifs/if[name='a']/alias = q"}, left: []string{"/t:ifs/if[name='a']/phys", "/t:flagged/extra"}},
		{name: "what the edit gives stays", edit: []string{"/t:flagged/needed = stop", "/t:flagged/extra = other"},
			left: []string{"/t:flagged/extra"}, refused: true},
		{name: "new under a false when", edit: []string{"/t:ifs/if[name='b']/phys/speed = 1"},
			left: []string{"/t:ifs/if[name='b']/phys"}, refused: true},
	} {
		t.Run(c.name, func(t *testing.T) {
			new, err := f.v.Settle(base, f.edit(base, c.edit...))
			if err != nil {
				t.Fatal(err)
			}
			for _, g := range c.gone {
				if p, _, _ := f.s.Resolve(g); new.Node(p) != nil {
					t.Errorf("%s is still there", g)
				}
			}
			for _, l := range c.left {
				if p, _, _ := f.s.Resolve(l); new.Node(p) == nil {
					t.Errorf("%s is gone", l)
				}
			}
			if err := f.v.Check(context.Background(), base, new); (err != nil) != c.refused {
				t.Errorf("Check: %v", err)
			}
		})
	}
}

func TestNewRefusesBadExpressions(t *testing.T) {
	s := compiletest.Schema(t, `module a { namespace "urn:a"; prefix a; leaf x { type string; must "nonsense(.)"; } }`)
	if _, err := validate.New(s); err == nil || !strings.Contains(err.Error(), "/a:x") || !strings.Contains(err.Error(), "nonsense") {
		t.Errorf("got %v", err)
	}
}

// Checks run side by side, and share the index of referrers.
func TestCheckConcurrently(t *testing.T) {
	f := newFixture(t)
	var lines []string
	for i := range 20 {
		lines = append(lines, port(fmt.Sprint("i", i), "phys")...)
	}
	old := f.edit(tree.New(f.s), append(lines, "/t:refs/many = i3", "/t:refs/first = i4")...)
	var wg sync.WaitGroup
	for i := range 20 {
		new := f.edit(old, fmt.Sprintf("-/t:ifs/if[name='i%d']", i))
		wg.Go(func() {
			for range 20 {
				err := f.v.Check(context.Background(), old, new)
				if refused := i == 3 || i == 4; (err != nil) != refused {
					t.Errorf("deletion of i%d: %v", i, err)
				}
			}
		})
	}
	wg.Wait()
}
