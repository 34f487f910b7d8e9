package netconf

import (
	"context"
	"strconv"
	"time"

	"github.com/outrigger-cnf/outrigger/agent"
	"github.com/outrigger-cnf/outrigger/agent/codec/xmlcodec"
)

// opCommit is RFC 6241 §8.3.4.1 and, with the parameters of a confirmed commit,
// §8.4.5.1.
func opCommit(c *call, r *xmlcodec.Reader) (action, error) {
	var confirmed bool
	var timeout, persist, persistID string
	if err := parameters(r, baseNamespace,
		emptyParam("confirmed", &confirmed),
		textParam("confirm-timeout", false, &timeout),
		textParam("persist", false, &persist),
		textParam("persist-id", false, &persistID),
	); err != nil {
		return nil, err
	}
	q := agent.Request{Target: agent.Running, From: agent.Candidate, PersistID: persistID}
	switch {
	case confirmed:
		q.Confirm = &agent.Confirm{Persist: persist}
		if timeout != "" {
			seconds, err := strconv.ParseUint(timeout, 10, 32)
			if err != nil || seconds == 0 {
				return nil, invalidValue("confirm-timeout", strconv.Quote(timeout)+" is no number of seconds from 1 to 4294967295")
			}
			q.Confirm.Timeout = time.Duration(seconds) * time.Second
		}
	case timeout != "" || persist != "":
		return nil, missingElement("confirmed", "<confirm-timeout> and <persist> belong to a <confirmed/> commit")
	}
	return c.commit(q), nil
}

// opCancelCommit is RFC 6241 §8.4.4.1.
func opCancelCommit(c *call, r *xmlcodec.Reader) (action, error) {
	var persistID string
	if err := parameters(r, baseNamespace, textParam("persist-id", false, &persistID)); err != nil {
		return nil, err
	}
	return func(ctx context.Context) error { return c.srv.agent.Cancel(ctx, c.agent, persistID) }, nil
}

// opDiscardChanges is RFC 6241 §8.3.4.2.
func opDiscardChanges(c *call, r *xmlcodec.Reader) (action, error) {
	if err := parameters(r, baseNamespace); err != nil {
		return nil, err
	}
	return func(context.Context) error { return c.agent.Discard() }, nil
}
