package fault

import (
	"errors"
	"fmt"
	"io"
	"testing"

	"github.com/outrigger-cnf/outrigger/agent/path"
)

func TestError(t *testing.T) {
	p := path.Path{{Module: "m", Name: "leaf"}}
	for _, c := range []struct {
		err  *Error
		want string
	}{
		{New(InvalidValue, p, "%q is too long", "x"), `/m:leaf: "x" is too long`},
		{New(InUse, nil, "locked"), "locked"},
		{Wrap(OperationFailed, p, io.ErrUnexpectedEOF, "reading"), "/m:leaf: reading: unexpected EOF"},
	} {
		if got := c.err.Error(); got != c.want {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
	if !errors.Is(Wrap(OperationFailed, p, io.EOF, "reading"), io.EOF) {
		t.Error("the cause is lost")
	}
}

func TestAll(t *testing.T) {
	one, two := New(DataMissing, nil, "one"), New(DataExists, nil, "two")
	for _, c := range []struct {
		err  error
		want []*Error
	}{
		{nil, nil},
		{one, []*Error{one}},
		{fmt.Errorf("around: %w", one), []*Error{one}},
		{Errors{one, two}, []*Error{one, two}},
		{fmt.Errorf("around: %w", Errors{one, two}), []*Error{one, two}},
	} {
		got := All(c.err)
		if len(got) != len(c.want) {
			t.Fatalf("All(%v) has %d errors, want %d", c.err, len(got), len(c.want))
		}
		for i := range got {
			if got[i] != c.want[i] {
				t.Errorf("All(%v)[%d] = %v", c.err, i, got[i])
			}
		}
	}
	if got := All(io.EOF); len(got) != 1 || got[0].Tag != OperationFailed || got[0].Message != "EOF" {
		t.Errorf("All(EOF) = %v", got)
	}
}
