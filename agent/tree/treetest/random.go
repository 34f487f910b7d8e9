package treetest

import (
	"encoding/base64"
	"fmt"
	"math"
	"math/rand/v2"
	"strconv"
	"strings"

	"github.com/outrigger-cnf/outrigger/agent/schema"
	"github.com/outrigger-cnf/outrigger/agent/tree"
)

// Random makes a tree whose values their types allow. Constraints between nodes
// (must, when, leafref, unique, min- and max-elements, mandatory) are not looked
// at. It depends on nothing but rng and the schema.
func Random(rng *rand.Rand, s *schema.Schema) tree.Tree {
	return tree.FromRoot(s, Instance(rng, s.Root))
}

// Instance makes an instance of a container, a list entry, an input, output,
// notification or the schema's root; nil where it came out with nothing in it.
func Instance(rng *rand.Rand, def *schema.Node) *tree.Node {
	g := generator{rng: rng, builder: tree.NewBuilder()}
	return g.inner(def, 0)
}

type generator struct {
	rng     *rand.Rand
	builder *tree.Builder
}

// chance is true in one of n cases.
func (g *generator) chance(n int) bool { return g.rng.IntN(n) == 0 }

func (g *generator) must(n *tree.Node, err error) *tree.Node {
	if err != nil {
		panic("treetest: " + err.Error())
	}
	return n
}

func (g *generator) inner(def *schema.Node, depth int) *tree.Node {
	var kids []*tree.Node
	for _, k := range def.Keys {
		key := g.leaf(k)
		if key == nil {
			return nil
		}
		kids = append(kids, key)
	}
	for _, c := range g.chosen(def) {
		if c.IsKey() || depth > 0 && g.rng.IntN(depth+2) > 1 {
			continue
		}
		kids = append(kids, g.child(c, depth+1))
	}
	if def.Kind == schema.List {
		return g.must(g.builder.Entry(def, kids))
	}
	return g.must(g.builder.Container(def, kids))
}

// chosen returns the data nodes below def, of one case of each choice.
func (g *generator) chosen(def *schema.Node) []*schema.Node {
	var out []*schema.Node
	for _, c := range def.Children {
		switch c.Kind {
		case schema.Case:
			out = append(out, g.chosen(c)...)
		case schema.Choice:
			if c = c.Children[g.rng.IntN(len(c.Children))]; c.Kind == schema.Case {
				out = append(out, g.chosen(c)...)
				continue
			}
			out = append(out, c)
		case schema.Container, schema.List, schema.Leaf, schema.LeafList, schema.AnyData, schema.AnyXML:
			out = append(out, c)
		}
	}
	return out
}

func (g *generator) child(def *schema.Node, depth int) *tree.Node {
	switch def.Kind {
	case schema.Leaf:
		return g.leaf(def)
	case schema.LeafList:
		var values []schema.Value
		seen := map[string]bool{}
		for range g.rng.IntN(5) {
			if v, ok := g.value(def, def.Type); ok && !seen[v.Text] {
				seen[v.Text] = true
				values = append(values, v)
			}
		}
		return g.must(g.builder.LeafList(def, values))
	case schema.List:
		var entries []*tree.Node
		seen := map[string]bool{}
		for range g.rng.IntN(4) {
			e := g.inner(def, depth)
			if e == nil {
				continue
			}
			if k := strings.Join(e.Keys(), "\x00"); len(def.Keys) == 0 || !seen[k] {
				seen[k] = true
				entries = append(entries, e)
			}
		}
		return g.must(g.builder.List(def, entries))
	case schema.AnyData:
		return g.builder.Opaque(def, []byte(`{"base:interfaces":{"interface":[{"name":"a é"},{"name":"b<"}]},"more:other":{"é":""}}`))
	case schema.AnyXML:
		return g.builder.Opaque(def, []byte(`"a<b>&\\ \"c\" é"`))
	default:
		return g.inner(def, depth)
	}
}

func (g *generator) leaf(def *schema.Node) *tree.Node {
	v, ok := g.value(def, def.Type)
	if !ok {
		return nil
	}
	return g.builder.Leaf(def, v)
}

// value finds a text that the type takes.
func (g *generator) value(def *schema.Node, t *schema.Type) (schema.Value, bool) {
	for range 12 {
		text, ok := g.text(def, t)
		if !ok {
			break
		}
		// What a member of a union takes, a member before it may take too.
		if v, err := def.Parse(text, def.Module.Schema().ModuleNames()); err == nil {
			return v, true
		}
	}
	return schema.Value{}, false
}

// samples are texts that patterns of common types take.
var samples = strings.Fields(`192.0.2.1 198.51.100.0/24 2001:db8::1 2001:db8::/32 00:00:5e:00:53:01 example.net eth0 eth0.100
	2026-01-02T03:04:05Z 65000:1 a 0 1 10 100..200 80 IPV4 *:1 1.3.6.1 fe80::1%eth0 00:11:22:33 urn:x SECONDS /etc/x 1500`)

// awkward is what a codec might stumble over.
var awkward = []string{"", " ", " a b ", "<&>\"'", "]]>", "a\nb\r\nc\t", "\n##\n", "é 漢 \U0001F600", `\`, "null", "5", "true", "a:b", "--"}

func (g *generator) text(def *schema.Node, t *schema.Type) (string, bool) {
	switch t.Kind {
	case schema.Boolean:
		return strconv.FormatBool(g.chance(2)), true
	case schema.Empty:
		return "", true
	case schema.Enumeration:
		return t.Enums[g.rng.IntN(len(t.Enums))].Name, len(t.Enums) > 0
	case schema.Bits:
		var set []string
		for _, b := range t.Bits {
			if g.chance(2) {
				set = append(set, b.Name)
			}
		}
		return strings.Join(set, " "), true
	case schema.Binary:
		b := make([]byte, g.rng.IntN(20))
		for i := range b {
			b[i] = byte(g.rng.Uint32())
		}
		return base64.StdEncoding.EncodeToString(b), true
	case schema.Identityref:
		return g.identity(def, t)
	case schema.InstanceIdentifier:
		return g.instance(def)
	case schema.Leafref:
		if t.Target == nil || t.Target.Type == nil {
			return "", false
		}
		return g.text(t.Target, t.Target.Type)
	case schema.Union:
		return g.text(def, t.Members[g.rng.IntN(len(t.Members))])
	case schema.String:
		switch g.rng.IntN(3) {
		case 0:
			return awkward[g.rng.IntN(len(awkward))], true
		case 1:
			return samples[g.rng.IntN(len(samples))], true
		}
		return fmt.Sprintf("n%d", g.rng.IntN(1000)), true
	}
	return g.number(t), true
}

// number writes an integer or decimal64 in the type's range, extremes not rarely.
func (g *generator) number(t *schema.Type) string {
	n := g.rng.Uint64() >> g.rng.IntN(64)
	if len(t.Ranges) > 0 {
		r := t.Ranges[g.rng.IntN(len(t.Ranges))]
		switch g.rng.IntN(3) {
		case 0:
			n = r.Lo
		case 1:
			n = r.Hi
		default:
			if span := r.Hi - r.Lo + 1; span != 0 {
				n = r.Lo + g.rng.Uint64N(span)
			}
		}
	}
	switch t.Kind {
	case schema.Decimal64:
		scale := math.Pow10(int(t.FractionDigits))
		return strconv.FormatFloat(float64(int64(n)>>12)/scale, 'f', int(t.FractionDigits), 64)
	case schema.Int8, schema.Int16, schema.Int32, schema.Int64:
		return strconv.FormatInt(int64(n), 10)
	}
	return strconv.FormatUint(n, 10)
}

func (g *generator) identity(def *schema.Node, t *schema.Type) (string, bool) {
	var names []string
	for _, m := range def.Module.Schema().Modules {
	identities:
		for _, id := range m.Identities {
			for _, b := range t.Bases {
				if !id.DerivedFrom(b) {
					continue identities
				}
			}
			names = append(names, m.Name+":"+id.Name)
		}
	}
	if len(names) == 0 {
		return "", false
	}
	return names[g.rng.IntN(len(names))], true
}

// instance names some leaf or container, with keys of its own making.
func (g *generator) instance(def *schema.Node) (string, bool) {
	n := def.Module.Schema().Root
	var b strings.Builder
	for depth := 0; len(n.Data) > 0 && (depth == 0 || !g.chance(4)); depth++ {
		n = n.Data[g.rng.IntN(len(n.Data))]
		b.WriteString("/" + n.Module.Name + ":" + n.Name)
		if n.Kind == schema.LeafList || n.Kind == schema.List && len(n.Keys) == 0 {
			return "", false
		}
		for _, k := range n.Keys {
			v, ok := g.value(k, k.Type)
			if !ok || strings.Contains(v.Text, "'") {
				return "", false
			}
			fmt.Fprintf(&b, "[%s='%s']", k.Name, v.Text)
		}
	}
	return b.String(), true
}
