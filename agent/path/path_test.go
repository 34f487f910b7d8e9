package path

import "testing"

func elem(module, name string, keys ...string) Elem {
	e := Elem{Module: module, Name: name}
	for i := 0; i < len(keys); i += 2 {
		e.Keys = append(e.Keys, Key{keys[i], keys[i+1]})
	}
	return e
}

func TestString(t *testing.T) {
	for _, c := range []struct {
		p    Path
		want string
	}{
		{nil, "/"},
		{Path{elem("a", "x"), elem("a", "y"), elem("b", "z"), elem("a", "w")}, "/a:x/y/b:z/a:w"},
		{Path{elem("a", "l", "k", "v")}, "/a:l[k='v']"},
		{Path{elem("a", "l", "k", "v", "m", "")}, "/a:l[k='v'][m='']"},
		{Path{elem("a", "l", "k", "it's")}, `/a:l[k="it's"]`},
		{Path{elem("a", "l", "k", `"it's\`)}, `/a:l[k="\"it's\\"]`},
		{Path{elem("a", "ll", ".", "v")}, "/a:ll[.='v']"},
		{Path{elem("a", "keyless", "", "3")}, "/a:keyless[3]"},
	} {
		if got := c.p.String(); got != c.want {
			t.Errorf("%#v: %s, want %s", c.p, got, c.want)
		}
	}
}

func TestRelations(t *testing.T) {
	p := Path{elem("a", "x"), elem("a", "l", "k", "1")}
	list := Path{elem("a", "x"), elem("a", "l")}
	for _, c := range []struct {
		p, q          Path
		equal, prefix bool
	}{
		{p, p, true, true},
		{p, nil, false, true},
		{nil, p, false, false},
		{p, list, false, false}, // a list is not its entry
		{p.Child(elem("a", "y")), p, false, true},
		{p, Path{elem("b", "x")}, false, false},
	} {
		if c.p.Equal(c.q) != c.equal || c.p.HasPrefix(c.q) != c.prefix {
			t.Errorf("%s and %s: Equal %v, HasPrefix %v", c.p, c.q, c.p.Equal(c.q), c.p.HasPrefix(c.q))
		}
	}
}

// Two children of one path must not write into each other's memory, however
// much spare capacity the parent has.
func TestChildrenAreApart(t *testing.T) {
	parent := make(Path, 0, 8)
	parent = append(parent, elem("a", "x"))
	first, second := parent.Child(elem("a", "y")), parent.Child(elem("a", "z"))
	joined := parent.Join(Path{elem("a", "w")})
	if first.String() != "/a:x/y" || second.String() != "/a:x/z" || joined.String() != "/a:x/w" {
		t.Errorf("%s, %s, %s", first, second, joined)
	}
	if up := first.Parent().Child(elem("a", "v")); first.String() != "/a:x/y" || up.String() != "/a:x/v" {
		t.Errorf("%s, %s", first, up)
	}
}

func TestEnds(t *testing.T) {
	var root Path
	if root.Parent() != nil || root.Last().Name != "" {
		t.Error("the root has a parent or a last step")
	}
	e := elem("a", "l", "k", "v")
	if v, ok := e.Key("k"); v != "v" || !ok {
		t.Error("Key does not find k")
	}
	if _, ok := e.Key("m"); ok {
		t.Error("Key finds what is not there")
	}
}
