package conn

import (
	"fmt"
	"slices"
	"strings"

	"go.fd.io/govpp/api"
	"go.fd.io/govpp/binapi/memclnt"
	"go.fd.io/govpp/binapi/vpe"

	"github.com/outrigger-cnf/outrigger/southbound"
)

// nameLimit is how much of a message's name and CRC VPP's table shows.
const nameLimit = 63

// message names a message in one version of its definition.
type message struct{ name, crc string }

func messageOf(m api.Message) message { return message{m.GetMessageName(), m.GetCrcString()} }

// table has the numbers of a VPP's messages, and what was found wanting.
type table struct {
	numbers map[message]uint16
	crcs    map[string]string  // of each message by its name
	off     map[message]string // messages that only features that are off have; the reason
	missing []string           // the features that are off, with the reason
	lacking map[string]bool    // the same by name
	useless string             // why nothing can be done with this VPP
}

// core are the messages that the connection itself needs.
func core() Feature {
	return Feature{Name: "connection", Needed: true, Messages: []api.Message{
		&memclnt.ControlPing{}, &memclnt.ControlPingReply{},
		&vpe.ShowVersion{}, &vpe.ShowVersionReply{},
	}}
}

// newTable reads a message table and compares it with what is wanted.
func newTable(entries []memclnt.MessageTableEntry, features []Feature) *table {
	t := &table{
		numbers: make(map[message]uint16, len(entries)), crcs: make(map[string]string, len(entries)),
		off: make(map[message]string), lacking: make(map[string]bool),
	}
	for _, e := range entries {
		i := strings.LastIndexByte(e.Name, '_')
		if i < 0 {
			continue
		}
		t.numbers[message{e.Name[:i], e.Name[i+1:]}] = e.Index
		t.crcs[e.Name[:i]] = e.Name[i+1:]
	}
	on := make(map[message]bool)
	for _, f := range append([]Feature{core()}, features...) {
		reason := t.lacks(f)
		for _, m := range f.Messages {
			if reason == "" {
				on[messageOf(m)] = true
			} else {
				t.off[messageOf(m)] = f.Name + ": " + reason
			}
		}
		if reason == "" {
			continue
		}
		t.missing = append(t.missing, f.Name+": "+reason)
		t.lacking[f.Name] = true
		if f.Needed && t.useless == "" {
			t.useless = f.Name + ": " + reason
		}
	}
	for m := range on {
		delete(t.off, m)
	}
	return t
}

// lacks says what of a feature is not there; empty: it is all there.
func (t *table) lacks(f Feature) string {
	var absent, other []string
	for _, m := range f.Messages {
		name := m.GetMessageName()
		if _, ok := t.find(messageOf(m)); ok {
			continue
		}
		if crc, ok := t.crcs[name]; ok {
			other = append(other, fmt.Sprintf("%s in version %s instead of %s", name, crc, m.GetCrcString()))
		} else {
			absent = append(absent, name)
		}
	}
	reasons := few("this VPP has ", other, "and so with %d others")
	return strings.Join(append(reasons, few("this VPP has no message ", absent, "nor %d others: is its plugin loaded?")...), "; ")
}

// numbered is the message of which the number was asked for last: in a row of many it
// is that of the next one, too.
type numbered struct {
	message
	id uint16
}

func (n *numbered) number(t *table, m api.Message) (uint16, error) {
	key := messageOf(m)
	if key == n.message {
		return n.id, nil
	}
	id, err := t.number(m)
	if err == nil {
		*n = numbered{key, id}
	}
	return id, err
}

func (t *table) difference(m api.Message) string {
	crc, ok := t.crcs[m.GetMessageName()]
	if !ok {
		return "this VPP has no message " + m.GetMessageName()
	}
	return fmt.Sprintf("this VPP has %s in version %s instead of %s", m.GetMessageName(), crc, m.GetCrcString())
}

// few names the first of many: a VPP without a plugin lacks all its messages.
func few(what string, names []string, others string) []string {
	slices.Sort(names)
	names = slices.Compact(names)
	switch n := len(names); {
	case n == 0:
		return nil
	case n > 2:
		return []string{what + names[0] + ", " + fmt.Sprintf(others, n-1)}
	default:
		return []string{what + strings.Join(names, ", ")}
	}
}

func (t *table) find(m message) (uint16, bool) {
	id, ok := t.numbers[m]
	if !ok && len(m.name)+1+len(m.crc) > nameLimit {
		cut := (m.name + "_" + m.crc)[:nameLimit]
		if i := strings.LastIndexByte(cut, '_'); i >= 0 {
			id, ok = t.numbers[message{cut[:i], cut[i+1:]}]
		}
	}
	return id, ok
}

// number is a message's number. Where it has none, or is of a feature that is
// off, the error wraps southbound.ErrUnsupported.
func (t *table) number(m api.Message) (uint16, error) {
	key := messageOf(m)
	if reason, ok := t.off[key]; ok {
		return 0, fmt.Errorf("%s: %w (%s)", key.name, southbound.ErrUnsupported, reason)
	}
	id, ok := t.find(key)
	if !ok {
		return 0, fmt.Errorf("%s: %w (%s)", key.name, southbound.ErrUnsupported, t.difference(m))
	}
	return id, nil
}
