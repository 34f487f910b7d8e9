package conn

import (
	"path/filepath"

	"github.com/fsnotify/fsnotify"
)

// appearance tells when a file is made. It is a help, not a promise: who uses it
// looks from time to time nevertheless.
type appearance struct {
	C       chan struct{}
	dir     string
	watcher *fsnotify.Watcher // nil: the kernel gives none
	done    chan struct{}
}

func watchFor(path string) *appearance {
	a := &appearance{C: make(chan struct{}, 1), dir: filepath.Dir(path), done: make(chan struct{})}
	var err error
	if a.watcher, err = fsnotify.NewWatcher(); err != nil {
		a.watcher = nil
		close(a.done)
		return a
	}
	path = filepath.Clean(path)
	go func() {
		defer close(a.done)
		for {
			select {
			case e, ok := <-a.watcher.Events:
				if !ok {
					return
				}
				if !e.Has(fsnotify.Create) || filepath.Clean(e.Name) != path {
					continue
				}
				select {
				case a.C <- struct{}{}:
				default:
				}
			case _, ok := <-a.watcher.Errors:
				if !ok {
					return
				}
			}
		}
	}()
	a.renew()
	return a
}

// renew watches the folder, which may only just have been made.
func (a *appearance) renew() {
	if a.watcher != nil {
		_ = a.watcher.Add(a.dir)
	}
}

func (a *appearance) close() {
	if a.watcher != nil {
		_ = a.watcher.Close()
	}
	<-a.done
}
