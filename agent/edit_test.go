package agent_test

import (
	"context"
	"strings"
	"testing"

	"github.com/outrigger-cnf/outrigger/agent"
	"github.com/outrigger-cnf/outrigger/agent/agenttest"
	"github.com/outrigger-cnf/outrigger/agent/fault"
)

func TestEdits(t *testing.T) {
	const (
		eth0 = "/t:interfaces/interface[name='eth0']"
		eth1 = "/t:interfaces/interface[name='eth1']"
	)
	name := func(entry string) string { return entry + "/name=" + entry[len(entry)-6:len(entry)-2] }
	tests := []struct {
		name   string
		before []string
		edits  []string
		want   []string // nil: as before
		tag    fault.Tag
		app    string
		at     string // the path of the error
	}{
		{name: "merge creates ancestors",
			edits: []string{"merge " + eth0 + "/mtu=9000"},
			want:  []string{name(eth0), eth0 + "/mtu=9000"}},
		{name: "merge of a bare entry", edits: []string{"merge " + eth0}, want: []string{name(eth0)}},
		{name: "merge of a bare container without presence", edits: []string{"merge /t:system"}, want: []string{}},
		{name: "replace clears the rest",
			before: []string{eth0 + "/mtu=9000", eth0 + "/description=a"},
			edits:  []string{"replace " + eth0},
			want:   []string{name(eth0)}},
		{name: "replace the root by nothing",
			before: []string{eth0 + "/mtu=9000", "/t:system/mtu=1400"}, edits: []string{"replace /"}, want: []string{}},
		{name: "create what is not there", edits: []string{"create " + eth0 + "/mtu=9000"},
			want: []string{name(eth0), eth0 + "/mtu=9000"}},
		{name: "create an entry that exists", before: []string{eth0}, edits: []string{"create " + eth0},
			tag: fault.DataExists, at: eth0},
		{name: "create what is only a default", edits: []string{"create /t:system/mtu=1500"},
			want: []string{"/t:system/mtu=1500"}},
		{name: "create what is explicitly its default", before: []string{"/t:system/mtu=1500"},
			edits: []string{"create /t:system/mtu=1500"}, tag: fault.DataExists, at: "/t:system/mtu"},
		{name: "delete what is there", before: []string{eth0, eth1}, edits: []string{"delete " + eth0},
			want: []string{name(eth1)}},
		{name: "delete what is not there", edits: []string{"delete " + eth0}, tag: fault.DataMissing, at: eth0},
		{name: "delete a default in use", before: []string{"/t:system/hostname=a"},
			edits: []string{"delete /t:system/mtu"}, tag: fault.DataMissing, at: "/t:system/mtu"},
		{name: "remove what is not there", edits: []string{"remove " + eth0}, want: []string{}},
		{name: "delete the root", before: []string{eth0}, edits: []string{"delete /"}, want: []string{}},
		{name: "delete the empty root", edits: []string{"delete /"}, want: []string{}},
		{name: "delete a key", before: []string{eth0}, edits: []string{"delete " + eth0 + "/name"},
			tag: fault.BadElement, at: eth0 + "/name"},
		{name: "none of what exists", before: []string{eth0}, edits: []string{"none " + eth0}},
		{name: "none of what does not exist", edits: []string{"none " + eth0}, tag: fault.DataMissing, at: eth0},
		{name: "none of a container that needs no saying", edits: []string{"none /t:system", "none /t:interfaces"}, want: []string{}},
		{name: "none below an entry that does not exist", edits: []string{"none " + eth0 + "/mtu"},
			tag: fault.DataMissing, at: eth0 + "/mtu"},
		{name: "none of a container with presence", edits: []string{"none /t:system/debug"},
			tag: fault.DataMissing, at: "/t:system/debug"},
		{name: "a later edit fails", before: []string{eth0 + "/mtu=1"},
			edits: []string{"merge " + eth0 + "/mtu=2", "delete " + eth1}, tag: fault.DataMissing, at: eth1},
		{name: "in order", edits: []string{"create " + eth0, "delete " + eth0, "create " + eth0 + "/mtu=3"},
			want: []string{name(eth0), eth0 + "/mtu=3"}},
		{name: "the other case goes", before: []string{"/t:system/manual=x"},
			edits: []string{"merge /t:system/auto="}, want: []string{"/t:system/auto="}},

		{name: "leaf-list: a value merged, deleted", before: []string{"/t:system/tag=a", "/t:system/tag=c"},
			edits: []string{"merge /t:system/tag[.='b']", "delete /t:system/tag[.='a']"},
			want:  []string{"/t:system/tag=b,c"}},
		{name: "leaf-list: create a value that is there", before: []string{"/t:system/tag=a"},
			edits: []string{"create /t:system/tag[.='a']"}, tag: fault.DataExists, at: "/t:system/tag[.='a']"},
		{name: "leaf-list: create as a whole", before: []string{"/t:system/tag=a"},
			edits: []string{"create /t:system/tag=a"}, tag: fault.DataExists, at: "/t:system/tag[.='a']"},
		{name: "leaf-list: create another as a whole", before: []string{"/t:system/tag=a"},
			edits: []string{"create /t:system/tag=b"}, want: []string{"/t:system/tag=a,b"}},
		{name: "leaf-list: delete a value that is not there", before: []string{"/t:system/tag=a"},
			edits: []string{"delete /t:system/tag[.='b']"}, tag: fault.DataMissing, at: "/t:system/tag[.='b']"},
		{name: "leaf-list: insert", before: []string{"/t:system/search=a", "/t:system/search=b"},
			edits: []string{"create /t:system/search[.='c'] before=b", "merge /t:system/search=d first", "merge /t:system/search[.='a'] last"},
			want:  []string{"/t:system/search=d,c,b,a"}},
		{name: "leaf-list: insert at a value that is not there", before: []string{"/t:system/search=a"},
			edits: []string{"create /t:system/search[.='c'] after=b"},
			tag:   fault.BadAttribute, app: fault.MissingInstance, at: "/t:system/search[.='c']"},

		{name: "list: insert", before: []string{"/t:rule[id='1']", "/t:rule[id='2']"},
			edits: []string{"create /t:rule[id='3'] first", "merge /t:rule[id='1'] after=2", "merge /t:rule[id='4'] before=2"},
			want:  []string{"/t:rule[id='3']/id=3", "/t:rule[id='4']/id=4", "/t:rule[id='2']/id=2", "/t:rule[id='1']/id=1"}},
		{name: "list: replace keeps the place", before: []string{"/t:rule[id='1']/action=a", "/t:rule[id='2']"},
			edits: []string{"replace /t:rule[id='1']"},
			want:  []string{"/t:rule[id='1']/id=1", "/t:rule[id='2']/id=2"}},
		{name: "list: insert at an entry that is not there", before: []string{"/t:rule[id='1']"},
			edits: []string{"create /t:rule[id='2'] before=9"},
			tag:   fault.BadAttribute, app: fault.MissingInstance, at: "/t:rule[id='2']"},
		{name: "insert into a list ordered by the system", edits: []string{"create " + eth0 + " first"},
			tag: fault.BadAttribute, at: eth0},
	}
	f := newFixture(t)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := fixture{t, f.s}
			d := agenttest.NewDriver(f.s)
			a := agenttest.New(t, f.s, d)
			if _, err := a.Commit(t.Context(), agent.Request{Target: agent.Running,
				Edits: []agent.Edit{{Op: agent.Replace, Node: f.tree(tt.before...).Root()}}}); err != nil {
				t.Fatal(err)
			}
			before := a.Snapshot()
			_, err := f.try(a, nil, agent.Running, tt.edits...)
			after := a.Snapshot()
			if tt.tag == "" {
				if err != nil {
					t.Fatal(err)
				}
				want := strings.Join(tt.want, "\n")
				if tt.want == nil {
					want = dump(before.Running)
				}
				if got := dump(after.Running); got != want {
					t.Errorf("running is\n%s\nwant\n%s", got, want)
				}
			} else {
				if err == nil {
					t.Fatal("the edit was accepted")
				}
				e := fault.All(err)[0]
				if e.Tag != tt.tag || e.AppTag != tt.app || e.Path.String() != tt.at {
					t.Errorf("error %s %s at %s (%v), want %s %s at %s", e.Tag, e.AppTag, e.Path, e, tt.tag, tt.app, tt.at)
				}
				if after != before {
					t.Error("a refused edit made a new snapshot")
				}
			}
			if dump(d.Applied()) != dump(after.Running) {
				t.Errorf("the driver is at\n%s\nand not at running", dump(d.Applied()))
			}
		})
	}
}

func TestContinueOnError(t *testing.T) {
	f := newFixture(t)
	a := agenttest.New(t, f.s)
	snap, err := a.Commit(context.Background(), agent.Request{Target: agent.Running, ContinueOnError: true,
		Edits: f.edits("merge /t:system/mtu=1", "delete /t:rule[id='1']", "merge /t:system/hostname=h", "delete /t:rule[id='2']")})
	if n := len(fault.All(err)); n != 2 {
		t.Errorf("%d errors, want 2: %v", n, err)
	}
	if snap == nil {
		t.Fatal("no snapshot")
	}
	f.want("running", snap.Running, "/t:system/hostname=h", "/t:system/mtu=1")
}
