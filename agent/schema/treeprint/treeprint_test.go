package treeprint_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/outrigger-cnf/outrigger/agent/schema/treeprint"
	"github.com/outrigger-cnf/outrigger/yang/compile/compiletest"
)

var modules = []string{
	`module a {
	yang-version 1.1; namespace "urn:a"; prefix a;
	typedef size { type uint8; }
	container top {
		presence "yes";
		leaf name { type string; mandatory true; }
		leaf long-name { type size; status deprecated; }
		leaf-list ref { type leafref { path "../name"; } }
		choice how { mandatory true; leaf fast { type empty; } case slow { anydata rest; } }
		list item {
			key "id kind";
			leaf kind { type string; }
			leaf id { type uint32; }
			action poke { input { leaf hard { type boolean; } } output { leaf ok { type empty; mandatory true; } } }
			notification gone { leaf why { type string; } }
			leaf last { type string; status obsolete; }
		}
		list bare { config false; leaf x { type string; } }
	}
	rpc simple;
	notification told { container what { leaf x { type string; } } }
}`,
	`module b {
	namespace "urn:b"; prefix b;
	import a { prefix other; }
	augment /other:top/other:how { leaf medium { type empty; } }
	augment /other:top { container more { leaf x { type other:size; } } }
}`,
	`module c { namespace "urn:c"; prefix c; }`,
}

const treeOfA = `module: a
  +--rw top!
     +--rw name         string
     x--rw long-name?   size
     +--rw ref*         -> ../name
     +--rw (how)
     |  +--:(fast)
     |  |  +--rw fast?   empty
     |  +--:(slow)
     |  |  +--rw rest?   anydata
     |  +--:(b:medium)
     |     +--rw b:medium?   empty
     +--rw item* [id kind]
     |  +--rw id      uint32
     |  +--rw kind    string
     |  o--rw last?   string
     |  +---x poke
     |  |  +---w input
     |  |  |  +---w hard?   boolean
     |  |  +--ro output
     |  |     +--ro ok    empty
     |  +---n gone
     |     +--ro why?   string
     +--ro bare*
     |  +--ro x?   string
     +--rw b:more
        +--rw b:x?   other:size

  rpcs:
    +---x simple

  notifications:
    +---n told
       +--ro what
          +--ro x?   string
`

const treeOfB = `module: b

  augment /other:top:
    +--rw more
       +--rw x?   other:size
  augment /other:top/other:how:
    +--:(medium)
       +--rw medium?   empty
`

func TestPrint(t *testing.T) {
	s := compiletest.Schema(t, modules...)
	for _, tc := range []struct {
		modules []string
		want    string
	}{
		{[]string{"a"}, treeOfA},
		{[]string{"b"}, treeOfB},
		{[]string{"c"}, "module: c\n"},
		{[]string{"b", "a"}, treeOfB + "\n" + treeOfA},
		{nil, treeOfA + "\n" + treeOfB}, // c has nothing to show
	} {
		var b strings.Builder
		if err := treeprint.Print(&b, s, tc.modules...); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(tc.want, b.String()); diff != "" {
			t.Errorf("%q (-want +got):\n%s", tc.modules, diff)
		}
	}
}

func TestPrintErrors(t *testing.T) {
	s := compiletest.Schema(t, modules...)
	if err := treeprint.Print(&strings.Builder{}, s, "z"); err == nil || !strings.Contains(err.Error(), `no module "z" is served`) {
		t.Errorf("an unknown module gives %v", err)
	}
	if err := treeprint.Print(full{}, s); !errors.Is(err, errFull) {
		t.Errorf("a writer that fails gives %v", err)
	}
}

var errFull = errors.New("full")

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errFull }
