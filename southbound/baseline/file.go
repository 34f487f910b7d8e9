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
	Version   int      `json:"version"`
	Dataplane string   `json:"dataplane"`
	Baselines []record `json:"baselines"`
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
		r := record{Index: one.Index, Follows: one.Follows, Attributes: make(map[object.Attr]json.RawMessage, len(one.Attrs))}
		switch o := one.Object.(type) {
		case *object.Link:
			r.Link = o.Name
		case *object.Setting:
			r.Link, r.Setting, r.Family = o.Link, o.Name, o.Family.String()
		default:
			return nil, fmt.Errorf("%s has no baseline", one.Object.ID())
		}
		for _, a := range one.Attrs {
			text, err := object.Write(one.Object, a)
			if err != nil {
				return nil, err
			}
			r.Attributes[a] = text
		}
		doc.Baselines = append(doc.Baselines, r)
	}
	text, err := json.MarshalIndent(doc, "", " ")
	return append(text, '\n'), err
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
	return b, nil
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
	if len(r.Attributes) == 0 {
		return one, errors.New("it has no attributes")
	}
	read := 0
	for _, a := range object.Attrs(one.Object) {
		text, ok := r.Attributes[a]
		if !ok {
			continue
		}
		o, err := object.Read(one.Object, a, text)
		if err != nil {
			return one, err
		}
		one.Object, one.Attrs, read = o, append(one.Attrs, a), read+1
	}
	if read < len(r.Attributes) {
		return one, fmt.Errorf("some of its attributes are not those of a %s", one.Object.ID().Kind)
	}
	return one, nil
}
