package netconf

import (
	"context"
	"strconv"

	"github.com/outrigger-cnf/outrigger/agent/codec/xmlcodec"
)

// opCloseSession is RFC 6241 §7.8: ok, and then the end.
func opCloseSession(c *call, r *xmlcodec.Reader) (action, error) {
	if err := parameters(r, baseNamespace); err != nil {
		return nil, err
	}
	return func(context.Context) error {
		c.last = true
		return nil
	}, nil
}

// opKillSession is RFC 6241 §7.9.
func opKillSession(c *call, r *xmlcodec.Reader) (action, error) {
	var text string
	if err := parameters(r, baseNamespace, textParam("session-id", true, &text)); err != nil {
		return nil, err
	}
	id, err := strconv.ParseUint(text, 10, 32)
	if err != nil || id == 0 {
		return nil, invalidValue("session-id", strconv.Quote(text)+" is no session-id, which is a number from 1 to 4294967295")
	}
	return func(context.Context) error { return c.srv.agent.Kill(c.agent, uint32(id)) }, nil
}
