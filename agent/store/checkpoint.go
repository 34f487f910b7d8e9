package store

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/outrigger-cnf/outrigger/agent/schema"
	"github.com/outrigger-cnf/outrigger/agent/tree"
)

const (
	// A checkpoint file begins with this line; the sections follow, in order.
	checkpointMagic = "outrigger checkpoint 1\n"
	checkpointName  = "checkpoint"
	checkpointTemp  = "checkpoint.tmp"
)

// The sections of a checkpoint are frames with these numbers. The trees are
// RFC 7951 JSON; an empty section is the same tree as running.
const (
	sectionHead = iota + 1
	sectionRunning
	sectionStartup
	sectionRollback
	sectionEnd
)

// head is the JSON of the first section.
type head struct {
	Seq        uint64    `json:"seq"`
	Entry      uint64    `json:"entry"`
	Commit     uint64    `json:"commit"`
	Changed    time.Time `json:"changed"`
	HasRunning bool      `json:"has-running"`
	Pending    *pending  `json:"pending"`
	History    []Entry   `json:"history"`
}

// encodeCheckpoint renders the whole of st, which takes about size bytes.
func encodeCheckpoint(st State, size int64) ([]byte, error) {
	text, err := json.Marshal(head{st.Seq, st.Entry, st.Commit, st.Changed, st.HasRunning, pendingOf(st.Pending), st.History})
	if err != nil {
		return nil, err
	}
	buf := append(make([]byte, 0, size+size/8), checkpointMagic...)
	section := func(number uint64, write func([]byte) []byte) {
		start := len(buf)
		buf = write(reserveHeader(buf))
		sealFrame(buf, start, number)
	}
	section(sectionHead, func(b []byte) []byte { return append(b, text...) })
	section(sectionRunning, func(b []byte) []byte { return encodeNode(b, st.Running.Root()) })
	other := func(number uint64, t tree.Tree) {
		section(number, func(b []byte) []byte {
			if t.Root() == st.Running.Root() {
				return b
			}
			return encodeNode(b, t.Root())
		})
	}
	other(sectionStartup, st.Startup)
	if st.Pending != nil {
		other(sectionRollback, st.Pending.Rollback)
	}
	section(sectionEnd, func(b []byte) []byte { return b })
	return buf, nil
}

// decodeCheckpoint reads what encodeCheckpoint has written. A checkpoint is
// renamed into place when it is whole, so whatever is wrong with it is damage.
func decodeCheckpoint(s *schema.Schema, file string, data []byte) (State, error) {
	damage := func(at int, format string, args ...any) error {
		return &DamageError{File: file, Offset: int64(at), Reason: fmt.Sprintf(format, args...)}
	}
	if !strings.HasPrefix(string(data[:min(len(data), len(checkpointMagic))]), checkpointMagic) {
		return State{}, damage(0, "it does not begin as a checkpoint of this version does")
	}
	var h head
	st := State{Running: tree.New(s), Startup: tree.New(s)}
	for at := len(checkpointMagic); ; {
		number, payload, size, state := readFrame(data[at:])
		if state != whole {
			return State{}, damage(at, "a section is cut short or its checksum is wrong")
		}
		if number == sectionHead {
			if err := json.Unmarshal(payload, &h); err != nil {
				return State{}, damage(at, "%v", err)
			}
			st.Seq, st.Entry, st.Commit, st.Changed, st.HasRunning, st.History = h.Seq, h.Entry, h.Commit, h.Changed, h.HasRunning, h.History
			at += size
			continue
		}
		if number == sectionEnd {
			return st, nil
		}
		t := st.Running
		if len(payload) > 0 {
			root, err := decodeNode(payload, s.Root, nil)
			if err != nil {
				return State{}, fmt.Errorf("store: %s, section %d: %w; it was saved under another schema, perhaps", file, number, err)
			}
			t = tree.FromRoot(s, root)
		}
		switch number {
		case sectionRunning:
			st.Running = t
		case sectionStartup:
			st.Startup = t
		case sectionRollback:
			if h.Pending == nil {
				return State{}, damage(at, "there is a rollback, but no confirmed commit")
			}
			st.Pending = h.Pending.with(t)
		default:
			return State{}, damage(at, "there is no section %d in this version", number)
		}
		at += size
	}
}

// writeCheckpoint puts a checkpoint in the place of the one before, durably.
func writeCheckpoint(fs FS, data []byte) error {
	f, err := fs.Create(checkpointTemp)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err == nil {
		err = fs.Rename(checkpointTemp, checkpointName)
	}
	if err != nil {
		return errors.Join(err, fs.Remove(checkpointTemp))
	}
	return fs.SyncDir()
}
