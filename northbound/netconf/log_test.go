package netconf

import (
	"io"
	"log/slog"
	"strings"
	"testing"
)

// TestLogOfSessions: the log says for a person why a session ended, and from
// where, in text.
func TestLogOfSessions(t *testing.T) {
	lines := make(chan string, 64)
	f := newFixture(t, func(c *Config) {
		c.Log = slog.New(slog.NewJSONHandler(lineWriter(lines), nil))
	})
	c := f.dial(f.listen())
	f.session(c)
	c.Close()
	for line := range lines {
		if !strings.Contains(line, "session ended") {
			continue
		}
		if !strings.Contains(line, `"reason":"the connection is gone"`) && !strings.Contains(line, `"reason":"EOF"`) || !strings.Contains(line, `"remote":"127.0.0.1:`) {
			t.Errorf("got %s", line)
		}
		return
	}
}

type lineWriter chan string

func (w lineWriter) Write(b []byte) (int, error) {
	select {
	case w <- string(b):
	default:
	}
	return len(b), nil
}

var _ io.Writer = lineWriter(nil)
