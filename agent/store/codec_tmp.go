package store

import (
	"encoding/json"

	"github.com/outrigger-cnf/outrigger/agent/schema"
	"github.com/outrigger-cnf/outrigger/agent/tree"
)

func enc(n *tree.Node) any {
	switch n.Schema().Kind {
	case schema.Leaf:
		return n.Value().Text
	case schema.LeafList:
		var o []string
		for _, v := range n.Values() {
			o = append(o, v.Text)
		}
		return o
	case schema.List:
		if !n.IsEntry() {
			var o []any
			for e := range n.Entries() {
				o = append(o, enc(e))
			}
			return o
		}
	}
	m := map[string]any{}
	for c := range n.Children() {
		m[c.Schema().Module.Name+":"+c.Schema().Name] = enc(c)
	}
	return m
}

func encodeNode(b []byte, n *tree.Node) []byte {
	t, _ := json.Marshal(enc(n))
	return append(b, t...)
}

func decodeNode(data []byte, def *schema.Node, keys []string) (*tree.Node, error) {
	var v any
	if err := json.Unmarshal(data, &v); err != nil {
		return nil, err
	}
	return dec(tree.NewBuilder(), v, def, keys != nil && len(keys) > 0)
}

func dec(b *tree.Builder, v any, def *schema.Node, entry bool) (*tree.Node, error) {
	switch def.Kind {
	case schema.Leaf:
		x, err := def.Parse(v.(string), def.Module.Schema().ModuleNames())
		if err != nil {
			return nil, err
		}
		return b.Leaf(def, x), nil
	case schema.LeafList:
		var vals []schema.Value
		for _, t := range v.([]any) {
			x, err := def.Parse(t.(string), def.Module.Schema().ModuleNames())
			if err != nil {
				return nil, err
			}
			vals = append(vals, x)
		}
		return b.LeafList(def, vals)
	case schema.List:
		if !entry {
			var es []*tree.Node
			for _, t := range v.([]any) {
				e, err := dec(b, t, def, true)
				if err != nil {
					return nil, err
				}
				es = append(es, e)
			}
			return b.List(def, es)
		}
	}
	var kids []*tree.Node
	for _, c := range def.Data {
		if x, ok := v.(map[string]any)[c.Module.Name+":"+c.Name]; ok {
			k, err := dec(b, x, c, false)
			if err != nil {
				return nil, err
			}
			kids = append(kids, k)
		}
	}
	if def.Kind == schema.List {
		return b.Entry(def, kids)
	}
	return b.Container(def, kids)
}
