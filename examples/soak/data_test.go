package soak

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// data is configuration: the path of each leaf and its value. Steps have a module
// where it differs from their parent's, as in RFC 7951, and lists their keys; the
// keys are leafs too. A presence container has the value "{}".
type data map[string]string

// keysOf are the keys of lists, by the list's name.
var keysOf = map[string][]string{
	"interface": {"name"}, "subinterface": {"index"}, "address": {"ip"}, "neighbor": {"ip"},
	"network-instance": {"name"}, "protocol": {"identifier", "name"}, "static": {"prefix"}, "next-hop": {"index"},
	"control-plane-protocol": {"type", "name"}, "route": {"destination-prefix"},
}

// notLists are containers of a list's name.
var notLists = []string{"/next-hop/next-hop-list"}

var namespaces = map[string]string{
	"openconfig-interfaces":             "http://openconfig.net/yang/interfaces",
	"openconfig-if-ip":                  "http://openconfig.net/yang/interfaces/ip",
	"openconfig-if-ethernet":            "http://openconfig.net/yang/interfaces/ethernet",
	"openconfig-network-instance":       "http://openconfig.net/yang/network-instance",
	"openconfig-policy-types":           "http://openconfig.net/yang/policy-types",
	"openconfig-network-instance-types": "http://openconfig.net/yang/network-instance-types",
	"openconfig-local-routing":          "http://openconfig.net/yang/local-routing",
	"ietf-interfaces":                   "urn:ietf:params:xml:ns:yang:ietf-interfaces",
	"ietf-ip":                           "urn:ietf:params:xml:ns:yang:ietf-ip",
	"ietf-routing":                      "urn:ietf:params:xml:ns:yang:ietf-routing",
	"ietf-ipv4-unicast-routing":         "urn:ietf:params:xml:ns:yang:ietf-ipv4-unicast-routing",
	"ietf-ipv6-unicast-routing":         "urn:ietf:params:xml:ns:yang:ietf-ipv6-unicast-routing",
	"iana-if-type":                      "urn:ietf:params:xml:ns:yang:iana-if-type",
	"outrigger-ext":                     "https://outrigger.dev/yang/ext",
}

func moduleOf(namespace string) string {
	for m, ns := range namespaces {
		if ns == namespace {
			return m
		}
	}
	return namespace
}

// step is one step of a path.
type step struct {
	name string // with its module, if it has one
	keys [][2]string
	text string // the path up to here
}

func (s *step) local() string { return s.name[strings.LastIndexByte(s.name, ':')+1:] }

// steps cuts a path into its steps. A key's value may have anything but brackets.
func steps(path string) []step {
	var out []step
	for i := 0; i < len(path); {
		begin := i + 1 // after the slash
		end := begin
		for end < len(path) && path[end] != '/' && path[end] != '[' {
			end++
		}
		s := step{name: path[begin:end]}
		for end < len(path) && path[end] == '[' {
			close := end + strings.IndexByte(path[end:], ']')
			name, value, _ := strings.Cut(path[end+1:close], "=")
			s.keys = append(s.keys, [2]string{name, value})
			end = close + 1
		}
		s.text = path[:end]
		out = append(out, s)
		i = end
	}
	return out
}

// at reports whether path is p or below it.
func at(path, p string) bool {
	return strings.HasPrefix(path, p) && (len(path) == len(p) || path[len(p)] == '/' || path[len(p)] == '[')
}

// ancestors makes the list entries and presence containers on the way to path.
func (d data) ancestors(path string) {
	for _, s := range steps(path) {
		if s.text == path && len(s.keys) == 0 {
			break // path itself
		}
		for _, k := range s.keys {
			d[s.text+"/"+k[0]] = k[1]
		}
		if presence(s.text) {
			d[s.text] = "{}"
		}
	}
}

var presencePath = regexp.MustCompile(`^/ietf-interfaces:interfaces/interface\[[^]]*\]/ietf-ip:ipv[46]$`)

func presence(path string) bool { return presencePath.MatchString(path) }

// exists reports whether there is anything at or below path.
func (d data) exists(path string) bool {
	if _, ok := d[path]; ok {
		return true
	}
	for p := range d {
		if at(p, path) {
			return true
		}
	}
	return false
}

// remove takes out all that is at or below path.
func (d data) remove(path string) {
	maps.DeleteFunc(d, func(p, _ string) bool { return at(p, path) })
}

// entries are the paths of the entries of a list, in order.
func (d data) entries(list string) []string {
	var out []string
	for p := range d {
		if !strings.HasPrefix(p, list+"[") {
			continue
		}
		if all := steps(p[len(list)-len(lastName(list))-1:]); len(all) > 0 {
			entry := list + all[0].text[len(lastName(list))+1:]
			out = append(out, entry)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func lastName(path string) string { return path[strings.LastIndexByte(path, '/')+1:] }

// key is the value of the last step's only key.
func key(entry string) string {
	i := strings.LastIndexByte(entry, '=')
	return entry[i+1 : len(entry)-1]
}

// Operations of an edit (RFC 6241 §7.2). gNMI has no create, and its delete is
// NETCONF's remove.
type op string

const (
	opMerge   op = "merge"
	opReplace op = "replace"
	opCreate  op = "create"
	opDelete  op = "delete"
	opRemove  op = "remove"
)

// edit is one operation on the node at path. leaves are all that is below it, or
// it itself.
type edit struct {
	op     op
	path   string
	leaves data
}

func (e *edit) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s", e.op, e.path)
	for _, p := range slices.Sorted(maps.Keys(e.leaves)) {
		fmt.Fprintf(&b, "\n\t\t%s = %s", strings.TrimPrefix(p, e.path), e.leaves[p])
	}
	return b.String()
}

// apply carries edits out as the protocol has them, on a copy. The error is one
// of those that the operation itself leads to: data-exists, data-missing.
func (d data) apply(edits []edit, gnmi bool) (data, error) {
	out := maps.Clone(d)
	if gnmi { // deletes, then replaces, then updates: specification §3.4.3
		edits = slices.Clone(edits)
		rank := map[op]int{opDelete: 0, opRemove: 0, opReplace: 1, opMerge: 2, opCreate: 2}
		slices.SortStableFunc(edits, func(a, b edit) int { return rank[a.op] - rank[b.op] })
	}
	var failed error
	for _, e := range edits {
		there := out.exists(e.path)
		switch {
		case e.op == opCreate && there && !gnmi:
			failed = errors.Join(failed, errors.New("data-exists"))
		case e.op == opDelete && !there && !gnmi:
			failed = errors.Join(failed, errors.New("data-missing"))
		}
		switch e.op {
		case opDelete, opRemove:
			if !gnmi {
				out.ancestorsOnly(e.path)
			}
			out.remove(e.path)
			continue
		case opReplace:
			out.remove(e.path)
		}
		out.ancestors(e.path)
		for p, v := range e.leaves {
			out.ancestors(p)
			out[p] = v
		}
	}
	return out, failed
}

// ancestorsOnly makes the entries above path, which NETCONF merges.
func (d data) ancestorsOnly(path string) {
	all := steps(path)
	if len(all) > 1 {
		above := all[len(all)-2].text
		d.ancestors(above + "/x")
	}
}

// difference words how b differs from a.
func difference(a, b data) string {
	var out []string
	for p, v := range a {
		switch w, ok := b[p]; {
		case !ok:
			out = append(out, "- "+p+" = "+v)
		case v != w:
			out = append(out, "- "+p+" = "+v, "+ "+p+" = "+w)
		}
	}
	for p, w := range b {
		if _, ok := a[p]; !ok {
			out = append(out, "+ "+p+" = "+w)
		}
	}
	slices.SortFunc(out, func(x, y string) int { return strings.Compare(x[2:], y[2:]) })
	return strings.Join(out, "\n")
}

// fromJSON adds a document of RFC 7951 to d.
func fromJSON(d data, text []byte) error {
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber()
	var v map[string]any
	if err := dec.Decode(&v); err != nil {
		return err
	}
	return d.object("", v)
}

func (d data) object(path string, v map[string]any) error {
	if path != "" && (len(v) == 0 || presence(path)) {
		d[path] = "{}"
	}
	for name, child := range v {
		p := path + "/" + name
		switch child := child.(type) {
		case map[string]any:
			if err := d.object(p, child); err != nil {
				return err
			}
		case []any:
			for _, e := range child {
				o, ok := e.(map[string]any)
				if !ok {
					return fmt.Errorf("%s: %v in a list", p, e)
				}
				entry := p
				for _, k := range keysOf[lastLocal(p)] {
					entry += fmt.Sprintf("[%s=%v]", k, o[k])
				}
				if err := d.object(entry, o); err != nil {
					return err
				}
			}
		default:
			d[p] = fmt.Sprint(child)
		}
	}
	return nil
}

func lastLocal(path string) string {
	name := lastName(path)
	return name[strings.LastIndexByte(name, ':')+1:]
}

// numbers are leafs that are numbers in JSON, by name.
var numbers = map[string]bool{
	"mtu": true, "prefix-length": true, "metric": true, "vni": true, "port": true, "ttl": true, "ageing-time": true, "forward-delay": true,
}

// booleans likewise.
var booleans = map[string]bool{"enabled": true, "forwarding": true, "stp": true, "vlan-filtering": true, "learning": true}

// toJSON is the RFC 7951 value of the node at path.
func toJSON(path string, leaves data) any {
	if v, ok := leaves[path]; ok && v != "{}" {
		return leafJSON(path, v)
	}
	root := map[string]any{}
	own := steps(path)
	if last := own[len(own)-1]; len(last.keys) > 0 {
		for _, k := range last.keys {
			root[k[0]] = leafJSON(path+"/"+k[0], k[1])
		}
	}
	entries := map[string]map[string]any{}
	for _, p := range slices.Sorted(maps.Keys(leaves)) {
		into := root
		all := steps(p)
		for i, s := range all[len(own):] {
			last := len(own)+i == len(all)-1
			name := s.name
			if i == 0 && !strings.Contains(name, ":") {
				name = moduleAt(all, len(own)) + ":" + name
			}
			switch {
			case last && leaves[p] != "{}":
				if i == 0 {
					delete(into, s.name)
				}
				into[name] = leafJSON(p, leaves[p])
			case len(s.keys) > 0:
				entry, ok := entries[s.text]
				if !ok {
					entry = map[string]any{}
					for _, k := range s.keys {
						entry[k[0]] = leafJSON(s.text+"/"+k[0], k[1])
					}
					entries[s.text] = entry
					list, _ := into[name].([]any)
					into[name] = append(list, entry)
				}
				into = entry
			default:
				child, ok := into[name].(map[string]any)
				if !ok {
					child = map[string]any{}
					into[name] = child
				}
				into = child
			}
		}
	}
	return root
}

// moduleAt is the module of a step.
func moduleAt(all []step, i int) string {
	for ; i >= 0; i-- {
		if m, _, ok := strings.Cut(all[i].name, ":"); ok {
			return m
		}
	}
	return ""
}

func leafJSON(path, v string) any {
	name := lastLocal(path)
	switch {
	case name == "index" && strings.Contains(path, "subinterface"), numbers[name]:
		return json.RawMessage(quoteBad(v))
	case booleans[name] && (v == "true" || v == "false"), strings.Contains(path, "outrigger-ext:forwarding/") && (v == "true" || v == "false"):
		return v == "true"
	}
	return v
}

// quoteBad makes JSON of a number, or of what should have been one.
func quoteBad(v string) string {
	if json.Valid([]byte(v)) {
		return v
	}
	quoted, _ := json.Marshal(v)
	return string(quoted)
}

// element is a node of a document that is written.
type element struct {
	name, module string
	op           op
	text         string
	children     []*element
	entry        string // of a list: the path with keys
}

// toXML is the content of <config> that carries edits out. No edit's path may be
// at or below another's.
func toXML(edits []edit) string {
	root := &element{}
	for _, e := range edits {
		n := root.descend(e.path)
		if e.op != opMerge {
			n.op = e.op
		}
		for _, p := range slices.Sorted(maps.Keys(e.leaves)) {
			leaf := root.descend(p)
			if v := e.leaves[p]; v != "{}" {
				leaf.text = v
			}
		}
	}
	var b strings.Builder
	for _, c := range root.children {
		c.write(&b, "")
	}
	return b.String()
}

func (n *element) descend(path string) *element {
	all := steps(path)
	for i, s := range all {
		n = n.child(s.local(), moduleAt(all, i), s.text)
		if len(n.children) == 0 {
			for _, k := range s.keys {
				n.child(k[0], n.module, s.text+"/"+k[0]).text = k[1]
			}
		}
	}
	return n
}

func (n *element) child(name, module, entry string) *element {
	for _, c := range n.children {
		if c.entry == entry {
			return c
		}
	}
	c := &element{name: name, module: module, entry: entry}
	n.children = append(n.children, c)
	return c
}

var qualifiedValue = regexp.MustCompile(`^([a-zA-Z_][\w.-]*):([a-zA-Z_][\w.-]*)$`)

func (n *element) write(b *strings.Builder, module string) {
	b.WriteString("<" + n.name)
	if n.module != module {
		fmt.Fprintf(b, ` xmlns=%q`, cmpOr(namespaces[n.module], n.module))
	}
	if n.op != "" {
		fmt.Fprintf(b, ` xmlns:nc="urn:ietf:params:xml:ns:netconf:base:1.0" nc:operation=%q`, n.op)
	}
	text := n.text
	if m := qualifiedValue.FindStringSubmatch(text); m != nil {
		fmt.Fprintf(b, ` xmlns:v=%q`, cmpOr(namespaces[m[1]], m[1]))
		text = "v:" + m[2]
	}
	b.WriteString(">")
	xml.EscapeText(b, []byte(text))
	for _, c := range n.children {
		c.write(b, n.module)
	}
	b.WriteString("</" + n.name + ">")
}

func cmpOr(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// fromXML reads what is below <data> of a reply.
func fromXML(text []byte) (data, error) {
	d := data{}
	dec := xml.NewDecoder(bytes.NewReader(text))
	root, err := readXML(dec)
	if err != nil {
		return nil, err
	}
	for _, top := range root.children {
		if top.name != "data" {
			return nil, fmt.Errorf("<%s> where <data> is expected", top.name)
		}
		for _, c := range top.children {
			c.flatten(d, "", "")
		}
	}
	return d, nil
}

// readXML reads the document element.
func readXML(dec *xml.Decoder) (*element, error) {
	var stack []*element
	prefixes := []map[string]string{{}}
	for {
		token, err := dec.Token()
		if err != nil {
			if errors.Is(err, io.EOF) {
				err = io.ErrUnexpectedEOF
			}
			return nil, err
		}
		switch token := token.(type) {
		case xml.StartElement:
			scope := maps.Clone(prefixes[len(prefixes)-1])
			for _, a := range token.Attr {
				if a.Name.Space == "xmlns" {
					scope[a.Name.Local] = a.Value
				}
			}
			prefixes = append(prefixes, scope)
			n := &element{name: token.Name.Local, module: moduleOf(token.Name.Space)}
			if len(stack) > 0 {
				above := stack[len(stack)-1]
				above.children = append(above.children, n)
			}
			stack = append(stack, n)
		case xml.CharData:
			if len(stack) > 0 {
				stack[len(stack)-1].text += string(token)
			}
		case xml.EndElement:
			n := stack[len(stack)-1]
			if m := qualifiedValue.FindStringSubmatch(n.text); m != nil && len(n.children) == 0 {
				if ns, ok := prefixes[len(prefixes)-1][m[1]]; ok {
					n.text = moduleOf(ns) + ":" + m[2]
				}
			}
			prefixes, stack = prefixes[:len(prefixes)-1], stack[:len(stack)-1]
			if len(stack) == 0 {
				return n, nil
			}
		}
	}
}

func (n *element) flatten(d data, path, module string) {
	name := n.name
	if n.module != module {
		name = n.module + ":" + name
	}
	p := path + "/" + name
	if len(n.children) == 0 {
		if presence(p) || n.text == "" {
			d[p] = "{}"
		} else {
			d[p] = n.text
		}
		return
	}
	if !slices.ContainsFunc(notLists, func(s string) bool { return strings.HasSuffix(p, s) }) {
		for _, k := range keysOf[n.name] {
			for _, c := range n.children {
				if c.name == k && c.module == n.module {
					p += "[" + k + "=" + c.text + "]"
				}
			}
		}
	}
	if presence(p) {
		d[p] = "{}"
	}
	for _, c := range n.children {
		c.flatten(d, p, n.module)
	}
}

// withDefaults is d with the defaults in use, which gNMI shows and NETCONF, of
// itself, does not (RFC 6243 explicit).
func (d data) withDefaults() data {
	out := maps.Clone(d)
	as := func(p, v string) {
		if _, ok := out[p]; !ok {
			out[p] = v
		}
	}
	set := func(p string) { as(p, "true") }
	for _, e := range d.entries(ocInterfaces) {
		set(e + "/config/enabled")
		for _, sub := range d.entries(e + "/subinterfaces/subinterface") {
			set(sub + "/config/enabled")
			set(sub + "/openconfig-if-ip:ipv4/config/enabled")
			as(sub+"/openconfig-if-ip:ipv4/unnumbered/config/enabled", "false")
			set(sub + "/openconfig-if-ip:ipv6/config/enabled")
		}
	}
	for _, e := range d.entries(ietfInterfaces) {
		set(e + "/enabled")
		for _, f := range []string{"/ietf-ip:ipv4", "/ietf-ip:ipv6"} {
			if d.exists(e + f) {
				set(e + f + "/enabled")
			}
		}
	}
	return out
}
