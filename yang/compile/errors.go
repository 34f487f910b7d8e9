package compile

import (
	"errors"
	"fmt"

	"github.com/openconfig/goyang/pkg/yang"
)

// maxErrors bounds the errors of one compilation.
const maxErrors = 100

// errorList gathers errors, each once: a grouping that is used many times has
// its mistakes many times.
type errorList struct {
	list []error
	seen map[string]bool
}

func (l *errorList) add(err error) {
	text := err.Error()
	if l.seen[text] || len(l.list) > maxErrors {
		return
	}
	if l.seen == nil {
		l.seen = map[string]bool{}
	}
	l.seen[text] = true
	if len(l.list) == maxErrors {
		err = errors.New("there are more errors")
	}
	l.list = append(l.list, err)
}

func (l *errorList) err() error { return errors.Join(l.list...) }

// errorf reports an error at a statement; nil is none, for what the caller of
// Compile asked.
func (c *compiler) errorf(at *yang.Statement, format string, args ...any) {
	err := fmt.Errorf(format, args...)
	if at != nil {
		err = fmt.Errorf("%s: %w", at.Location(), err)
	}
	c.errs.add(err)
}
