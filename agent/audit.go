package agent

import (
	"context"
	"log/slog"

	"github.com/outrigger-cnf/outrigger/agent/store"
)

// logCommitted tells the log who has changed running or startup, a line for each
// commit, with the difference itself at level debug. The entry e is nil where
// only the pending confirmed commit has changed, from was to is.
func (a *Agent) logCommitted(r Request, e *store.Entry, was, is *Pending) {
	ctx := context.Background()
	if !a.log.Enabled(ctx, slog.LevelInfo) {
		return
	}
	message, attrs := "committed", requester(r)
	switch {
	case e != nil:
		attrs = append(attrs, slog.Uint64("commit", e.ID), slog.Int("changes", e.Changes))
		if a.log.Enabled(ctx, slog.LevelDebug) {
			attrs = append(attrs, slog.Any("diff", e.Diff))
		}
	case is != nil:
		message = "the time to confirm begins anew"
	}
	switch {
	case is != nil && is != was:
		attrs = append(attrs, slog.String("to-confirm-within", is.Timeout.String()))
	case was != nil && is == nil:
		attrs = append(attrs, slog.Bool("confirms", true))
	}
	a.log.LogAttrs(ctx, slog.LevelInfo, message, attrs...)
}

// logRefused tells the log what was asked in vain. An edit of the candidate or a
// mere test concerns only who asked: those are for level debug.
func (a *Agent) logRefused(r Request, err error) {
	level := slog.LevelInfo
	if r.Target == Candidate || r.Test == TestOnly {
		level = slog.LevelDebug
	}
	ctx := context.Background()
	if a.log.Enabled(ctx, level) {
		a.log.LogAttrs(ctx, level, "commit refused", append(requester(r), slog.Any("err", err))...)
	}
}

func requester(r Request) []slog.Attr {
	o := r.Session.Options()
	attrs := []slog.Attr{slog.String("datastore", r.Target.String()), slog.String("protocol", o.Protocol)}
	if r.Session != nil {
		attrs = append(attrs, slog.String("user", o.User), slog.String("remote", o.Remote), slog.Uint64("session", uint64(r.Session.ID())))
	}
	if r.Comment != "" {
		attrs = append(attrs, slog.String("comment", r.Comment))
	}
	return attrs
}
