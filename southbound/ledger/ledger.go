// Package ledger keeps on disk what was made of the kinds of objects that a
// dataplane has no mark of ownership for: a southbound.Ledger.
//
// It is a file of JSON lines: the first names the dataplane, each of the others
// says of one object that it was made or is gone. What is made is appended and
// synced before the dataplane is asked for it, so that it costs the same however
// many there are; once most lines are history, the file is written anew. A last
// line that a crash has torn is as if it had never been.
package ledger

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/outrigger-cnf/outrigger/southbound"
	"github.com/outrigger-cnf/outrigger/southbound/object"
)

// Name is the name of the file in its directory.
const Name = "made.jsonl"

// version is that of the format. Another one is refused, not guessed at.
const version = 1

// File is the file in a directory. It belongs to one process at a time.
type File struct {
	name  string
	held  held
	size  int64 // of what is sound; negative: the file must be written anew
	lines int
}

var _ southbound.Ledger = (*File)(nil)

// held is what the lines of a file come to.
type held struct {
	dataplane string
	made      map[object.ID]southbound.Made
}

// In is the file in a directory, which need not be there before Note.
func In(dir string) *File { return &File{name: filepath.Join(dir, Name), size: -1} }

type header struct {
	Version   int    `json:"version"`
	Dataplane string `json:"dataplane"`
}

type line struct {
	Made *record `json:"made,omitempty"`
	Gone *record `json:"gone,omitempty"`
}

type record struct {
	Kind  string `json:"kind"`
	Name  string `json:"name"`
	Link  string `json:"link,omitempty"`
	Index uint32 `json:"index,omitempty"`
}

// Load reads the file. That there is none is no error; that it is damaged is.
func (f *File) Load() (southbound.Ledgered, error) {
	text, err := os.ReadFile(f.name)
	if errors.Is(err, fs.ErrNotExist) {
		return southbound.Ledgered{}, nil
	}
	if err != nil {
		return southbound.Ledgered{}, err
	}
	h, lines, size, err := decode(text)
	if err != nil {
		return southbound.Ledgered{}, fmt.Errorf("%s cannot be read: %w; without the file, what is as configured is taken for ours", f.name, err)
	}
	f.held, f.lines, f.size = h, lines, size
	return southbound.Ledgered{Incarnation: h.dataplane, List: h.list()}, nil
}

func (h held) list() []southbound.Made {
	list := make([]southbound.Made, 0, len(h.made))
	for _, m := range h.made {
		list = append(list, m)
	}
	slices.SortFunc(list, func(a, b southbound.Made) int { return a.ID.Compare(b.ID) })
	return list
}

// decode reads what is sound of a file: all but a torn last line. Of what has no
// sound line, nothing was ever noted.
func decode(text []byte) (h held, lines int, size int64, err error) {
	h.made = make(map[object.ID]southbound.Made)
	for ; ; lines++ {
		rest := text[size:]
		end := bytes.IndexByte(rest, '\n')
		if end < 0 {
			break
		}
		if lines == 0 {
			err = h.begin(rest[:end])
		} else {
			err = h.take(rest[:end])
		}
		if err != nil {
			return held{}, 0, 0, fmt.Errorf("line %d: %w", lines+1, err)
		}
		size += int64(end) + 1
	}
	if lines == 0 {
		size = -1
	}
	return h, lines, size, nil
}

func (h *held) begin(text []byte) error {
	var first header
	if err := json.Unmarshal(text, &first); err != nil {
		return err
	}
	if first.Version != version {
		return fmt.Errorf("its version is %d, and this release reads version %d", first.Version, version)
	}
	h.dataplane = first.Dataplane
	return nil
}

func (h *held) take(text []byte) error {
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	var l line
	if err := d.Decode(&l); err != nil {
		return err
	}
	switch {
	case l.Made != nil && l.Gone == nil:
		id, err := l.Made.id()
		h.made[id] = southbound.Made{ID: id, Link: l.Made.Link, Index: l.Made.Index}
		return err
	case l.Gone != nil && l.Made == nil:
		id, err := l.Gone.id()
		delete(h.made, id)
		return err
	}
	return errors.New("it says neither what was made nor what is gone")
}

func (r *record) id() (object.ID, error) {
	for k := object.KindLink; k <= object.KindRoute; k++ {
		if k.String() == r.Kind && r.Name != "" {
			return object.ID{Kind: k, Name: r.Name}, nil
		}
	}
	return object.ID{}, fmt.Errorf("%s %q is no object", r.Kind, r.Name)
}

// Note appends what is new, or begins anew with another dataplane.
func (f *File) Note(incarnation string, made []southbound.Made, gone []object.ID) error {
	next := f.held
	if next.made == nil || next.dataplane != incarnation {
		next = held{dataplane: incarnation, made: make(map[object.ID]southbound.Made)}
		f.size = -1
	}
	f.held = next
	for _, m := range made {
		next.made[m.ID] = m
	}
	for _, id := range gone {
		delete(next.made, id)
	}
	added := len(made) + len(gone)
	if f.size < 0 || f.lines+added > 2*len(next.made)+1024 {
		return f.rewrite()
	}
	return f.append(made, gone)
}

// append adds lines to the file. After a failure the file is written anew at the
// next time.
func (f *File) append(made []southbound.Made, gone []object.ID) error {
	var text bytes.Buffer
	lines := json.NewEncoder(&text)
	for _, m := range made {
		if err := lines.Encode(line{Made: &record{m.ID.Kind.String(), m.ID.Name, m.Link, m.Index}}); err != nil {
			return err
		}
	}
	for _, id := range gone {
		if err := lines.Encode(line{Gone: &record{Kind: id.Kind.String(), Name: id.Name}}); err != nil {
			return err
		}
	}
	size := f.size
	f.size = -1
	file, err := os.OpenFile(f.name, os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	if err = file.Truncate(size); err == nil { // a torn line goes
		_, err = file.WriteAt(text.Bytes(), size)
	}
	if err == nil {
		err = file.Sync()
	}
	if err = errors.Join(err, file.Close()); err != nil {
		return err
	}
	f.size, f.lines = size+int64(text.Len()), f.lines+len(made)+len(gone)
	return nil
}

// rewrite puts a file that holds no history in the place of the one that does.
func (f *File) rewrite() error {
	var text bytes.Buffer
	lines := json.NewEncoder(&text)
	if err := lines.Encode(header{version, f.held.dataplane}); err != nil {
		return err
	}
	for _, m := range f.held.list() {
		if err := lines.Encode(line{Made: &record{m.ID.Kind.String(), m.ID.Name, m.Link, m.Index}}); err != nil {
			return err
		}
	}
	f.size = -1
	next := f.name + ".new"
	if err := write(next, text.Bytes()); err != nil {
		return errors.Join(err, os.Remove(next))
	}
	if err := os.Rename(next, f.name); err != nil {
		return errors.Join(err, os.Remove(next))
	}
	f.size, f.lines = int64(text.Len()), 1+len(f.held.made)
	dir, err := os.Open(filepath.Dir(f.name))
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}

func write(name string, text []byte) error {
	file, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = file.Write(text)
	if err == nil {
		err = file.Sync()
	}
	return errors.Join(err, file.Close())
}
