package store

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// A journal file begins with this line; the records follow. Another format has
// another number.
const journalMagic = "outrigger journal 1\n"

const journalPrefix = "journal-"

// journalName names the journal whose first record is first.
func journalName(first uint64) string { return fmt.Sprintf("%s%020d", journalPrefix, first) }

// journalFirst is the number in a journal's name.
func journalFirst(name string) (uint64, bool) {
	digits, ok := strings.CutPrefix(name, journalPrefix)
	if !ok || len(digits) != 20 {
		return 0, false
	}
	first, err := strconv.ParseUint(digits, 10, 64)
	return first, err == nil
}

// journal is the file that records are appended to.
type journal struct {
	name string
	file File
	size int64 // up to the end of the last whole record
	// torn says that there may be something behind size, which has to go before
	// the next record.
	torn bool
}

// createJournal makes the journal whose first record will be first, durably.
func createJournal(fs FS, first uint64) (*journal, error) {
	j := &journal{name: journalName(first), size: int64(len(journalMagic))}
	var err error
	if j.file, err = fs.Create(j.name); err != nil {
		return nil, err
	}
	if _, err = j.file.Write([]byte(journalMagic)); err == nil {
		err = j.file.Sync()
	}
	if err == nil {
		err = fs.SyncDir()
	}
	if err != nil {
		return nil, errors.Join(err, j.file.Close(), fs.Remove(j.name))
	}
	return j, nil
}

// append makes one record durable, or leaves the journal as it was.
func (j *journal) append(frame []byte) error {
	if j.torn {
		if err := j.mend(); err != nil {
			return err
		}
	}
	_, err := j.file.Write(frame)
	if err == nil {
		err = j.file.Sync()
	}
	if err != nil {
		j.torn = true
		return errors.Join(err, j.mend())
	}
	j.size += int64(len(frame))
	return nil
}

// mend cuts off what a failed append left behind.
func (j *journal) mend() error {
	if err := j.file.Truncate(j.size); err != nil {
		return err
	}
	if err := j.file.Sync(); err != nil {
		return err
	}
	j.torn = false
	return nil
}

// DamageError says that a file of the store is not what was written.
type DamageError struct {
	File   string // its full path
	Offset int64  // where what cannot be read begins
	Seq    uint64 // the last save that can be read
	Reason string
}

func (e *DamageError) Error() string {
	return fmt.Sprintf("store: %s is damaged at offset %d: %s; nothing has been changed. "+
		"The last save before the damage is %d. Restore the directory from a copy, "+
		"or move it away to begin with an empty configuration", e.File, e.Offset, e.Reason, e.Seq)
}

// records calls yield with each record of a journal's content, which follow save
// seq, and returns how much of the content is whole. With last, a record that was
// being written when the writer died may stand at the end.
func records(file string, data []byte, seq uint64, last bool, yield func(seq uint64, payload []byte) error) (good int64, err error) {
	if !bytes.HasPrefix(data, []byte(journalMagic)) {
		return 0, &DamageError{file, 0, seq, "it does not begin as a journal of this version does"}
	}
	at := len(journalMagic)
	for at < len(data) {
		number, payload, size, state := readFrame(data[at:])
		switch {
		case state != whole && last && !wholeFrameIn(data[at+1:], seq):
			return int64(at), nil
		case state != whole: // whole records behind it say that it had been acknowledged
			return int64(at), &DamageError{file, int64(at), seq, "a record is not whole, and others follow it"}
		case number != seq+1:
			return int64(at), &DamageError{file, int64(at), seq, fmt.Sprintf("it goes on with save %d", number)}
		}
		if err := yield(number, payload); err != nil {
			return int64(at), err
		}
		seq = number
		at += size
	}
	return int64(at), nil
}
