package store

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/outrigger-cnf/outrigger/agent/codec/jsoncodec"
	"github.com/outrigger-cnf/outrigger/agent/schema"
	"github.com/outrigger-cnf/outrigger/agent/tree"
)

// record is the JSON of one save: how the State differs from the one before.
type record struct {
	Entry      *Entry   `json:"entry,omitempty"`
	HasRunning bool     `json:"has-running,omitempty"`
	Running    *delta   `json:"running,omitempty"` // nil: as it was
	Startup    *delta   `json:"startup,omitempty"`
	Pending    *pending `json:"pending,omitempty"` // nil: as it was
}

// delta makes a tree of another one.
type delta struct {
	// From names the tree that Changes start from, which is then shared; empty is
	// the one that was there.
	From    origin   `json:"from,omitempty"`
	Changes []change `json:"changes,omitempty"`
}

// origin names a tree of the State before, or the running of the State after.
type origin string

const (
	oldRunning  origin = "running"
	oldStartup  origin = "startup"
	oldRollback origin = "rollback"
	newRunning  origin = "new-running"
)

// change is one difference: Value replaces what is at Path, and none deletes it.
type change struct {
	Path  string          `json:"path"`
	Value json.RawMessage `json:"value,omitempty"`
	Meta  json.RawMessage `json:"meta,omitempty"` // RFC 7952 metadata of the node at Path
}

// pending is a Pending; one without a Deadline says that there is none now.
type pending struct {
	Rollback *delta        `json:"rollback,omitempty"` // in a checkpoint, a section has it
	Session  uint32        `json:"session,omitempty"`
	User     string        `json:"user,omitempty"`
	Persist  string        `json:"persist,omitempty"`
	Timeout  time.Duration `json:"timeout,omitempty"`
	Deadline *time.Time    `json:"deadline,omitempty"`
	Boot     string        `json:"boot,omitempty"`
}

func pendingOf(p *Pending) *pending {
	if p == nil {
		return &pending{}
	}
	return &pending{nil, p.Session, p.User, p.Persist, p.Timeout, &p.Deadline, p.Boot}
}

// with returns p as a Pending that goes back to rollback; nil where p says none.
func (p *pending) with(rollback tree.Tree) *Pending {
	if p.Deadline == nil {
		return nil
	}
	return &Pending{rollback, p.Session, p.User, p.Persist, p.Timeout, *p.Deadline, p.Boot}
}

// encodeRecord appends the record that takes old to new. What a change brings may
// be large, and is written where it belongs at once.
func encodeRecord(buf []byte, old, new State, e *Entry) ([]byte, error) {
	buf = append(buf, '{')
	if e != nil {
		text, err := json.Marshal(e)
		if err != nil {
			return nil, fmt.Errorf("store: encoding an entry of the history: %w", err)
		}
		buf = append(appendName(buf, "entry"), text...)
	}
	if new.HasRunning {
		buf = append(appendName(buf, "has-running"), "true"...)
	}
	from := map[origin]tree.Tree{oldRunning: old.Running, oldStartup: old.Startup}
	if old.Pending != nil {
		from[oldRollback] = old.Pending.Rollback
	}
	buf = appendDelta(buf, "running", old.Running, new.Running, from)
	from[newRunning] = new.Running
	buf = appendDelta(buf, "startup", old.Startup, new.Startup, from)
	if new.Pending != old.Pending {
		text, err := json.Marshal(pendingOf(new.Pending))
		if err != nil {
			return nil, fmt.Errorf("store: encoding a confirmed commit: %w", err)
		}
		buf = append(appendName(buf, "pending"), text[:len(text)-1]...)
		if new.Pending != nil {
			buf = appendDelta(buf, "rollback", old.Running, new.Pending.Rollback, from)
		}
		buf = append(buf, '}')
	}
	return append(buf, '}'), nil
}

// appendName begins a member of the object that buf ends in.
func appendName(buf []byte, name string) []byte {
	if buf[len(buf)-1] != '{' {
		buf = append(buf, ',')
	}
	return append(append(append(buf, '"'), name...), '"', ':')
}

// appendDelta appends the member that makes new of base, or of a tree that new
// shares entirely; nothing where new is base.
func appendDelta(buf []byte, name string, base, new tree.Tree, from map[origin]tree.Tree) []byte {
	if new.Root() == base.Root() {
		return buf
	}
	before := len(buf)
	buf = append(appendName(buf, name), '{')
	for name, t := range from {
		if t.Root() == new.Root() {
			buf = jsoncodec.AppendString(appendName(buf, "from"), string(name))
			return append(buf, '}')
		}
	}
	buf = append(appendName(buf, "changes"), '[')
	none := len(buf)
	for c := range tree.Diff(base, new, nil) {
		if len(buf) > none {
			buf = append(buf, ',')
		}
		buf = appendChange(buf, c)
	}
	if len(buf) == none {
		return buf[:before]
	}
	return append(buf, ']', '}')
}

func appendChange(buf []byte, c tree.Change) []byte {
	buf = jsoncodec.AppendString(appendName(append(buf, '{'), "path"), c.Path.String())
	if c.New != nil {
		meta := c.New.Meta()
		if c.Meta && meta == nil {
			meta = []byte("{}")
		}
		if !c.Meta {
			buf = encodeNode(appendName(buf, "value"), c.New)
		}
		if meta != nil {
			buf = append(appendName(buf, "meta"), meta...)
		}
	}
	return append(buf, '}')
}

// decodeRecord is the State that the record makes of old.
func decodeRecord(s *schema.Schema, seq uint64, old State, text []byte) (State, error) {
	var r record
	if err := json.Unmarshal(text, &r); err != nil {
		return old, err
	}
	from := map[origin]tree.Tree{oldRunning: old.Running, oldStartup: old.Startup}
	if old.Pending != nil {
		from[oldRollback] = old.Pending.Rollback
	}
	new := old
	var err error
	if new.Running, err = r.Running.apply(s, old.Running, from); err != nil {
		return old, err
	}
	from[newRunning] = new.Running
	if new.Startup, err = r.Startup.apply(s, old.Startup, from); err != nil {
		return old, err
	}
	if r.Pending != nil {
		rollback, err := r.Pending.Rollback.apply(s, old.Running, from)
		if err != nil {
			return old, err
		}
		new.Pending = r.Pending.with(rollback)
	}
	new.HasRunning = r.HasRunning
	new = old.next(new, r.Entry)
	new.Seq = seq
	return new, nil
}

// apply makes the tree that d describes.
func (d *delta) apply(s *schema.Schema, base tree.Tree, from map[origin]tree.Tree) (tree.Tree, error) {
	if d == nil {
		return base, nil
	}
	if d.From != "" {
		t, ok := from[d.From]
		if !ok {
			return base, fmt.Errorf("it begins from %q, which does not exist", d.From)
		}
		base = t
	}
	x := base.Txn()
	for _, c := range d.Changes {
		if err := c.apply(s, x); err != nil {
			return base, fmt.Errorf("%s: %w", c.Path, err)
		}
	}
	return x.Tree(), nil
}

func (c change) apply(s *schema.Schema, x *tree.Txn) error {
	p, def, err := s.Resolve(c.Path)
	if err != nil {
		return err
	}
	switch {
	case c.Value != nil:
		keys := make([]string, 0, len(p.Last().Keys))
		for _, k := range p.Last().Keys {
			keys = append(keys, k.Value)
		}
		n, err := decodeNode(c.Value, def, keys)
		if err != nil {
			return err
		}
		if err := x.Replace(p, n); err != nil {
			return err
		}
	case c.Meta == nil:
		_, err := x.Delete(p)
		return err
	}
	if c.Meta == nil {
		return nil
	}
	if string(c.Meta) == "{}" {
		return x.SetMeta(p, nil)
	}
	return x.SetMeta(p, c.Meta)
}
