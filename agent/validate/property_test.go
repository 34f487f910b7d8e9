package validate_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/outrigger-cnf/outrigger/agent/tree"
)

// randomLine makes an edit of the schema moduleT, right or wrong.
func randomLine(r *rand.Rand) string {
	pick := func(words ...string) string { return words[r.IntN(len(words))] }
	name := func() string { return pick("a", "b", "c", "d") }
	digit := func() string { return pick("1", "2", "3", "4") }
	port, ref := fmt.Sprintf("/t:ifs/if[name='%s']", name()), fmt.Sprintf("/t:refs/ref[id='%s']", digit())
	if r.IntN(4) == 0 {
		return "-" + pick("/t:ifs", port, port, port+"/config", port+"/config/type", port+"/config/name", port+"/config/mtu",
			port+"/alias", port+"/box", port+"/phys", port+"/phys/speed", port+"/phys/duplex", port+"/parent", port+"/peer", port+"/unit",
			port+"/unit[id='"+digit()+"']", port+"/unit[id='"+digit()+"']/after", port+"/vlan",
			"/t:refs", ref, ref+"/if", ref+"/unit", ref+"/either", ref+"/alias", "/t:refs/main", "/t:refs/first", "/t:refs/many", "/t:refs/where",
			"/t:strict", "/t:strict/a", "/t:strict/few", "/t:strict/one", "/t:strict/one-more", "/t:strict/two", "/t:strict/three",
			"/t:level", "/t:other", "/t:flag", "/t:flagged", "/t:flagged/needed", "/t:flagged/extra", "/t:flagged/pace", "/t:slow")
	}
	n := name()
	named := fmt.Sprintf("/t:ifs/if[name='%s']/config/name = %s", n, n)
	return pick(named, named, named,
		port+"/config/type = t:phys", port+"/config/type = t:virt", port+"/config/name = "+name(),
		port+"/config/mtu = "+pick("1500", "9000", "9001"), port+"/alias = "+name(), port+"/box/tag = "+pick("none", "x"),
		port+"/phys/speed = "+pick("1", "100"), port+"/phys/duplex = "+pick("full", "half"),
		port+"/parent = "+name(), port+"/peer = p", port+"/unit[id='"+digit()+"']", port+"/unit[id='"+digit()+"']/after = "+digit(), port+"/vlan = "+digit(),
		ref, ref+"/if = "+name(), ref+"/unit = "+digit(), ref+"/loose = "+name(), ref+"/either = "+pick("all", name()), ref+"/alias = "+name(),
		"/t:refs/main = "+name(), "/t:refs/first = "+name(), "/t:refs/many = "+name(),
		"/t:refs/where = "+pick(port, port+"/config/mtu", port+"/phys/duplex", "/t:flag", "/t:level"),
		"/t:strict", "/t:strict/a = 1", "/t:strict/b = 1", "/t:strict/few = f", "/t:strict/one = x", "/t:strict/one-more = y", "/t:strict/two/x = z", "/t:strict/three = w",
		"/t:level = "+pick("3", "4"), "/t:other = o", "/t:flag = true", "/t:flag = false", "/t:flagged/needed = "+pick("go", "stop"), "/t:flagged/extra = e", "/t:flagged/pace = 8", "/t:slow = s")
}

// From a valid tree on, Check says of any edit what All says of its result.
func TestCheckAgreesWithAll(t *testing.T) {
	f := newFixture(t)
	for seed := range uint64(8) {
		r := rand.New(rand.NewPCG(seed, 7))
		old := tree.New(f.s)
		valid, invalid := 0, 0
		for range 1000 {
			lines := make([]string, 1+r.IntN(6))
			for k := range lines {
				lines[k] = randomLine(r)
			}
			edited, ok := f.try(old, lines...)
			if !ok {
				continue
			}
			settled, err := f.v.Settle(old, edited)
			if err != nil {
				t.Fatal(err)
			}
			for _, new := range []tree.Tree{edited, settled} {
				check, all := show(f.v.Check(context.Background(), old, new)), show(f.v.All(new))
				if !slices.Equal(check, all) {
					t.Fatalf("seed %d, edit\n %s\nCheck says\n %s\nAll says\n %s", seed, strings.Join(lines, "\n "),
						strings.Join(check, "\n "), strings.Join(all, "\n "))
				}
			}
			if f.v.All(settled) == nil {
				old = settled
				valid++
			} else {
				invalid++
			}
		}
		if valid < 30 || invalid < 30 {
			t.Errorf("seed %d: %d edits were valid and %d were not; the test shows little", seed, valid, invalid)
		}
	}
}

// try is edit for lines that may contradict the tree, such as another name for a
// key.
func (f fixture) try(base tree.Tree, lines ...string) (tree.Tree, bool) {
	x := base.Txn()
	for _, l := range lines {
		gone := strings.HasPrefix(l, "-")
		at, value, isLeaf := strings.Cut(strings.TrimPrefix(l, "-"), " = ")
		p, n, err := f.s.Resolve(at)
		if err != nil {
			f.t.Fatal(l, err)
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
			return base, false
		}
	}
	return x.Tree(), true
}
