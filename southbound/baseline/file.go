// Package baseline keeps on disk what the attributes of links and settings were
// before they were configured: a southbound.Memory.
//
// It is one small file of JSON that is written anew as a whole, durably, when an
// attribute is configured for the first time and when one has gone back. What it
// costs grows with the number of attributes that were changed on what somebody
// else made, or on what was made by an earlier commit: a handful in a container.
package baseline

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/outrigger-cnf/outrigger/southbound"
	"github.com/outrigger-cnf/outrigger/southbound/object"
)

// Name is the name of the file in its directory.
const Name = "baselines.json"

// version is that of the format. Another one is refused, not guessed at.
const version = 1

// File is the file in a directory. It belongs to one process at a time.
type File struct{ dir string }

var _ southbound.Memory = (*File)(nil)

// In is the file in a directory, which need not be there before Save.
func In(dir string) *File { return &File{dir} }

type document struct {
	Version   int        `json:"version"`
	Dataplane string     `json:"dataplane"`
	Baselines []record   `json:"baselines"`
	Replaced  []replaced `json:"replaced,omitempty"`
}

// record is of a link, or if it has a setting of that: of a link or, without one,
// of the whole.
type record struct {
	Link       string                          `json:"link,omitempty"`
	Index      uint32                          `json:"index,omitempty"`
	Setting    object.SettingName              `json:"setting,omitempty"`
	Family     string                          `json:"family,omitempty"`
	Follows    bool                            `json:"follows,omitempty"`
	Attributes map[object.Attr]json.RawMessage `json:"attributes"`
}

// replaced is a link that a change has made in the place of another, and the settings on it.
type replaced struct {
	Link       string                          `json:"link"`
	Attributes map[object.Attr]json.RawMessage `json:"attributes"`
	Settings   []string                        `json:"settings,omitempty"` // names of their IDs
}

// Load reads the file. That there is none is no error; that it is damaged is.
func (f *File) Load() (southbound.Baselines, error) {
	name := filepath.Join(f.dir, Name)
	text, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		return southbound.Baselines{}, nil
	}
	if err != nil {
		return southbound.Baselines{}, err
	}
	b, err := decode(text)
	if err != nil {
		return b, fmt.Errorf("%s cannot be read: %w; without the file, attributes that are not configured any more stay as they are", name, err)
	}
	return b, nil
}

// Save replaces the file.
func (f *File) Save(b southbound.Baselines) error {
	text, err := encode(b)
	if err != nil {
		return err
	}
	name := filepath.Join(f.dir, Name)
	next := name + ".new"
	file, err := os.OpenFile(next, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = file.Write(text)
	if err == nil {
		err = file.Sync()
	}
	if err = errors.Join(err, file.Close()); err == nil {
		err = os.Rename(next, name)
	}
	if err != nil {
		return errors.Join(err, os.Remove(next))
	}
	dir, err := os.Open(f.dir)
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}

func encode(b southbound.Baselines) ([]byte, error) {
	doc := document{Version: version, Dataplane: b.Incarnation, Baselines: make([]record, 0, len(b.List))}
	for _, one := range b.List {
		r := record{Index: one.Index, Follows: one.Follows}
		switch o := one.Object.(type) {
		case *object.Link:
			r.Link = o.Name
		case *object.Setting:
			r.Link, r.Setting, r.Family = o.Link, o.Name, o.Family.String()
		default:
			return nil, fmt.Errorf("%s has no baseline", one.Object.ID())
		}
		var err error
		if r.Attributes, err = write(one.Object, one.Attrs); err != nil {
			return nil, err
		}
		doc.Baselines = append(doc.Baselines, r)
	}
	for _, m := range b.Replaced {
		attributes, err := write(m.Link, m.Attrs)
		if err != nil {
			return nil, err
		}
		one := replaced{Link: m.Link.Name, Attributes: attributes}
		for _, id := range m.Settings {
			one.Settings = append(one.Settings, id.Name)
		}
		doc.Replaced = append(doc.Replaced, one)
	}
	text, err := json.MarshalIndent(doc, "", " ")
	return append(text, '\n'), err
}

func write(o object.Object, attrs []object.Attr) (map[object.Attr]json.RawMessage, error) {
	all := make(map[object.Attr]json.RawMessage, len(attrs))
	for _, a := range attrs {
		text, err := object.Write(o, a)
		if err != nil {
			return nil, err
		}
		all[a] = text
	}
	return all, nil
}

func decode(text []byte) (southbound.Baselines, error) {
	var b southbound.Baselines
	var v struct {
		Version int `json:"version"`
	}
	if err := json.Unmarshal(text, &v); err != nil {
		return b, err
	}
	if v.Version != version {
		return b, fmt.Errorf("its version is %d, and this release reads version %d", v.Version, version)
	}
	var doc document
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&doc); err != nil {
		return b, err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return b, errors.New("something follows the end")
	}
	b.Incarnation = doc.Dataplane
	seen := make(map[object.ID]bool)
	for i, r := range doc.Baselines {
		one, err := r.baseline()
		if err != nil {
			return southbound.Baselines{}, fmt.Errorf("baseline %d: %w", i+1, err)
		}
		if id := one.Object.ID(); seen[id] {
			return southbound.Baselines{}, fmt.Errorf("baseline %d: %s is there twice", i+1, id)
		}
		seen[one.Object.ID()] = true
		b.List = append(b.List, one)
	}
	named := make(map[string]bool)
	for i, m := range doc.Replaced {
		one, err := m.replaced()
		if err == nil && named[m.Link] {
			err = fmt.Errorf("link %s is there twice", m.Link)
		}
		if err != nil {
			return southbound.Baselines{}, fmt.Errorf("replaced link %d: %w", i+1, err)
		}
		named[m.Link] = true
		b.Replaced = append(b.Replaced, one)
	}
	return b, nil
}

func (m replaced) replaced() (one southbound.Replaced, err error) {
	if m.Link == "" {
		return one, errors.New("it has no name")
	}
	o, attrs, err := read(&object.Link{Name: m.Link}, m.Attributes)
	if err != nil {
		return one, err
	}
	one.Link, one.Attrs = o.(*object.Link), attrs
	for _, name := range m.Settings {
		one.Settings = append(one.Settings, object.ID{Kind: object.KindSetting, Name: name})
	}
	return one, nil
}

// read puts the values of attributes into an object, and returns their names in
// order.
func read(o object.Object, attributes map[object.Attr]json.RawMessage) (object.Object, []object.Attr, error) {
	if len(attributes) == 0 {
		return nil, nil, errors.New("it has no attributes")
	}
	var attrs []object.Attr
	for _, a := range object.Attrs(o) {
		text, ok := attributes[a]
		if !ok {
			continue
		}
		var err error
		if o, err = object.Read(o, a, text); err != nil {
			return nil, nil, err
		}
		attrs = append(attrs, a)
	}
	if len(attrs) < len(attributes) {
		return nil, nil, fmt.Errorf("some of its attributes are not those of a %s", o.ID().Kind)
	}
	return o, attrs, nil
}

func (r record) baseline() (southbound.Baseline, error) {
	one := southbound.Baseline{Index: r.Index, Follows: r.Follows}
	switch {
	case r.Setting == "" && r.Link == "":
		return one, errors.New("it names neither a link nor a setting")
	case r.Setting == "" && r.Family != "":
		return one, errors.New("a link has no family")
	case r.Follows && (r.Setting == "" || r.Link == ""):
		return one, errors.New("only a link's setting follows another")
	case r.Setting == "":
		one.Object = &object.Link{Name: r.Link}
	default:
		s := &object.Setting{Name: r.Setting, Link: r.Link}
		switch r.Family {
		case object.IPv4.String():
			s.Family = object.IPv4
		case object.IPv6.String():
			s.Family = object.IPv6
		default:
			return one, fmt.Errorf("%q is no family: it is %s or %s", r.Family, object.IPv4, object.IPv6)
		}
		one.Object = s
	}
	var err error
	one.Object, one.Attrs, err = read(one.Object, r.Attributes)
	return one, err
}
