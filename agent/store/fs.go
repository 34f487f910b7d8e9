package store

import (
	"io"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// FS is the little of a file system that a store needs: names in one directory.
// Tests put failures in.
type FS interface {
	// Create makes an empty file, or empties one, for writing.
	Create(name string) (File, error)
	// Append opens a file for writing at its end.
	Append(name string) (File, error)
	ReadFile(name string) ([]byte, error)
	Names() ([]string, error)
	Rename(from, to string) error
	Remove(name string) error
	// SyncDir makes creations, renames and removals durable.
	SyncDir() error
}

// File is a file open for appending. Writes go to its end, after a Truncate too.
type File interface {
	io.Writer
	// Sync makes what was written durable.
	Sync() error
	Truncate(size int64) error
	Close() error
}

// dirFS is a directory of the operating system.
type dirFS string

func (d dirFS) path(name string) string { return filepath.Join(string(d), name) }

func (d dirFS) Create(name string) (File, error) {
	return open(d.path(name), os.O_CREATE|os.O_TRUNC)
}

func (d dirFS) Append(name string) (File, error) { return open(d.path(name), 0) }

func open(path string, flags int) (File, error) {
	// The configuration holds secrets.
	f, err := os.OpenFile(path, flags|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, err
	}
	return osFile{f}, nil
}

func (d dirFS) ReadFile(name string) ([]byte, error) { return os.ReadFile(d.path(name)) }

func (d dirFS) Names() ([]string, error) {
	entries, err := os.ReadDir(string(d))
	if err != nil {
		return nil, err
	}
	names := make([]string, len(entries))
	for i, e := range entries {
		names[i] = e.Name()
	}
	return names, nil
}

func (d dirFS) Rename(from, to string) error { return os.Rename(d.path(from), d.path(to)) }

func (d dirFS) Remove(name string) error { return os.Remove(d.path(name)) }

func (d dirFS) SyncDir() error {
	f, err := os.Open(string(d))
	if err != nil {
		return err
	}
	defer f.Close()
	return f.Sync()
}

type osFile struct{ *os.File }

// Sync flushes the data and the size: what reading it back needs.
func (f osFile) Sync() error {
	if err := unix.Fdatasync(int(f.Fd())); err != nil {
		return &os.PathError{Op: "fdatasync", Path: f.Name(), Err: err}
	}
	return nil
}
