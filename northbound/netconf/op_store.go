package netconf

import (
	"context"

	"github.com/outrigger-cnf/outrigger/agent"
	"github.com/outrigger-cnf/outrigger/agent/codec"
	"github.com/outrigger-cnf/outrigger/agent/codec/xmlcodec"
	"github.com/outrigger-cnf/outrigger/agent/tree"
)

// opCopyConfig is RFC 6241 §7.3.
func opCopyConfig(c *call, r *xmlcodec.Reader) (action, error) {
	var source, target place
	// RFC 6243 §4.5.3: defaults matter only where the target is a URL.
	var defaults codec.Defaults
	if err := parameters(r, baseNamespace,
		placeParam(c, "target", false, &target, "", agent.Running, agent.Candidate, agent.Startup),
		placeParam(c, "source", true, &source, "", agent.Running, agent.Candidate, agent.Startup),
		withDefaultsParam(&defaults),
	); err != nil {
		return nil, err
	}
	if source.store == target.store {
		return nil, invalidValue("source", "source and target are both "+source.store.String())
	}
	return c.commit(agent.Request{Target: target.store, From: source.store, Edits: source.inline}), nil
}

// opDeleteConfig is RFC 6241 §7.4. What it deletes becomes empty: there is
// always a startup datastore.
func opDeleteConfig(c *call, r *xmlcodec.Reader) (action, error) {
	var target place
	if err := parameters(r, baseNamespace,
		placeParam(c, "target", false, &target, "only startup can be deleted", agent.Startup),
	); err != nil {
		return nil, err
	}
	return c.commit(agent.Request{Target: target.store, Edits: []agent.Edit{
		{Op: agent.Replace, Node: tree.New(c.srv.schema).Root()},
	}}), nil
}

// opValidate is RFC 6241 §8.6.4.1.
func opValidate(c *call, r *xmlcodec.Reader) (action, error) {
	var source place
	if err := parameters(r, baseNamespace,
		placeParam(c, "source", true, &source, "", agent.Running, agent.Candidate, agent.Startup),
	); err != nil {
		return nil, err
	}
	q := agent.Request{Target: agent.Running, From: source.store, Edits: source.inline, Test: agent.TestOnly}
	if source.store == agent.Running {
		q.Target = agent.Startup // validating is copying without doing it
	}
	return c.commit(q), nil
}

// commit makes an action of a request of this session.
func (c *call) commit(q agent.Request) action {
	q.Session = c.agent
	return func(ctx context.Context) error {
		_, err := c.srv.agent.Commit(ctx, q)
		return err
	}
}

// opLock is RFC 6241 §7.5.
func opLock(c *call, r *xmlcodec.Reader) (action, error) {
	return lockAction(c, r, (*agent.Session).Lock)
}

// opUnlock is RFC 6241 §7.6.
func opUnlock(c *call, r *xmlcodec.Reader) (action, error) {
	return lockAction(c, r, (*agent.Session).Unlock)
}

func lockAction(c *call, r *xmlcodec.Reader, do func(*agent.Session, agent.Datastore) error) (action, error) {
	var target place
	if err := parameters(r, baseNamespace,
		placeParam(c, "target", false, &target, "", agent.Running, agent.Candidate, agent.Startup),
	); err != nil {
		return nil, err
	}
	return func(context.Context) error { return do(c.agent, target.store) }, nil
}
