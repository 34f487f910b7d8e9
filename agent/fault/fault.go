// Package fault holds the one error type of the management plane.
//
// Every layer from the value parser to the driver says what is wrong, where, and
// what would be right in an *Error; each protocol maps its Tag by one table (to
// rpc-error, gRPC codes, HTTP status). agent.Error is this type.
package fault

import (
	"errors"
	"fmt"
	"strings"

	"github.com/outrigger-cnf/outrigger/agent/path"
)

// Tag is an error-tag of RFC 6241 Appendix A.
type Tag string

// The error-tags.
const (
	InUse                 Tag = "in-use"
	InvalidValue          Tag = "invalid-value"
	TooBig                Tag = "too-big"
	MissingAttribute      Tag = "missing-attribute"
	BadAttribute          Tag = "bad-attribute"
	UnknownAttribute      Tag = "unknown-attribute"
	MissingElement        Tag = "missing-element"
	BadElement            Tag = "bad-element"
	UnknownElement        Tag = "unknown-element"
	UnknownNamespace      Tag = "unknown-namespace"
	AccessDenied          Tag = "access-denied"
	LockDenied            Tag = "lock-denied"
	ResourceDenied        Tag = "resource-denied"
	RollbackFailed        Tag = "rollback-failed"
	DataExists            Tag = "data-exists"
	DataMissing           Tag = "data-missing"
	OperationNotSupported Tag = "operation-not-supported"
	OperationFailed       Tag = "operation-failed"
	MalformedMessage      Tag = "malformed-message"
)

// Application tags that RFC 7950 §15 fixes.
const (
	DataNotUnique    = "data-not-unique"
	TooManyElements  = "too-many-elements"
	TooFewElements   = "too-few-elements"
	MustViolation    = "must-violation"
	InstanceRequired = "instance-required"
	MissingChoice    = "missing-choice"
	MissingInstance  = "missing-instance" // a before/after point that is not there
)

// Layer is an error-type of RFC 6241 §4.3.
type Layer string

// The layers; the zero Layer means Application.
const (
	Transport   Layer = "transport"
	RPC         Layer = "rpc"
	Protocol    Layer = "protocol"
	Application Layer = "application"
)

// Error is one thing that is wrong.
type Error struct {
	Tag    Tag
	AppTag string // error-app-tag, or empty
	Layer  Layer
	Path   path.Path // the node concerned; nil where there is none
	// Message says what is wrong and what would be right, without the path.
	Message string
	Info    []Info // error-info
	Err     error  // the cause, or nil
}

// Info is one element of error-info (RFC 6241 Appendix A): bad-element,
// bad-attribute, bad-namespace, session-id, or, for data-not-unique, non-unique.
type Info struct{ Name, Value string }

// New makes an Error; the message is formatted as by fmt.Sprintf.
func New(tag Tag, p path.Path, format string, args ...any) *Error {
	return &Error{Tag: tag, Path: p, Message: fmt.Sprintf(format, args...)}
}

// Wrap makes an Error from a cause, whose text follows the message.
func Wrap(tag Tag, p path.Path, err error, format string, args ...any) *Error {
	return &Error{Tag: tag, Path: p, Message: fmt.Sprintf(format, args...), Err: err}
}

// Error gives the path, the message and the cause.
func (e *Error) Error() string {
	var b strings.Builder
	if len(e.Path) > 0 {
		b.WriteString(e.Path.String())
		b.WriteString(": ")
	}
	b.WriteString(e.Message)
	if e.Err != nil {
		b.WriteString(": ")
		b.WriteString(e.Err.Error())
	}
	return b.String()
}

func (e *Error) Unwrap() error { return e.Err }

// WithAppTag returns e with its application tag set.
func (e *Error) WithAppTag(tag string) *Error { e.AppTag = tag; return e }

// WithInfo returns e with one more element of error-info.
func (e *Error) WithInfo(name, value string) *Error {
	e.Info = append(e.Info, Info{name, value})
	return e
}

// Errors is more than one Error, none of them nil: what a validation found.
type Errors []*Error

func (es Errors) Error() string {
	lines := make([]string, len(es))
	for i, e := range es {
		lines[i] = e.Error()
	}
	return strings.Join(lines, "\n")
}

// Unwrap lets errors.Is and errors.As look at each.
func (es Errors) Unwrap() []error {
	out := make([]error, len(es))
	for i, e := range es {
		out[i] = e
	}
	return out
}

// All returns every Error in err. An error of another type becomes one
// operation-failed Error, so that no error goes unreported.
func All(err error) []*Error {
	if err == nil {
		return nil
	}
	if es, ok := errors.AsType[Errors](err); ok {
		return es
	}
	if e, ok := errors.AsType[*Error](err); ok {
		return []*Error{e}
	}
	return []*Error{{Tag: OperationFailed, Message: err.Error()}}
}
