package netconf

import (
	"github.com/outrigger-cnf/outrigger/agent"
	"github.com/outrigger-cnf/outrigger/agent/codec/xmlcodec"
)

// opEditConfig is RFC 6241 §7.2.
//
// testDefault stands for an edit-config without a test-option.
const testDefault = ^agent.Test(0)

// The agent makes every request a transaction, so stop-on-error leaves no more
// behind than rollback-on-error does: RFC 6241 lets a server stop before it has
// done anything.
func opEditConfig(c *call, r *xmlcodec.Reader) (action, error) {
	var target place
	var edits []agent.Edit
	q := agent.Request{}
	operation, used := agent.Merge, agent.Merge
	given := false
	config := parameter{local: "config", parse: func(r *xmlcodec.Reader, e *xmlcodec.Element) (err error) {
		given = true
		used = operation
		edits, err = c.parseConfig(r, operation)
		return err
	}}
	url := parameter{local: "url", parse: func(*xmlcodec.Reader, *xmlcodec.Element) error {
		return notSupported("the capability :url is not supported")
	}}
	test := testDefault
	if err := parameters(r, baseNamespace,
		placeParam(c, "target", false, &target, "startup is changed by copy-config, not by edit-config", agent.Running, agent.Candidate),
		enumParam("default-operation", &operation, map[string]agent.Op{
			"merge": agent.Merge, "replace": agent.Replace, "none": agent.None,
		}),
		enumParam("test-option", &test, map[string]agent.Test{
			"test-then-set": agent.TestThenSet, "set": agent.Set, "test-only": agent.TestOnly,
		}),
		enumParam("error-option", &q.ContinueOnError, map[string]bool{
			"stop-on-error": false, "continue-on-error": true, "rollback-on-error": false,
		}),
		config, url,
	); err != nil {
		return nil, err
	}
	if given && operation != used {
		// RFC 7950 §7.14.4: parameters come in the order of their definition.
		return nil, badElement("default-operation", "<default-operation> must come before <config>")
	}
	if !given {
		return nil, missingElement("config", "the parameter <config> is missing")
	}
	q.Target, q.Edits, q.Test = target.store, edits, test
	if test == testDefault {
		// RFC 7950 §8.3.3 delays the constraints of the candidate to <commit> and
		// <validate>; running has them at once.
		q.Test = agent.TestThenSet
		if q.Target == agent.Candidate {
			q.Test = agent.Set
		}
	}
	return c.commit(q), nil
}
