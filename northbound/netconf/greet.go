package netconf

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/outrigger-cnf/outrigger/agent/codec/xmlcodec"
)

// greet sends the server's hello, without waiting for the client's: some clients
// wait for it. Then it reads the client's. What is wrong with that is no error
// that could be answered; the session ends (RFC 6241 §8.1).
func (n *session) greet() error {
	id := strconv.FormatUint(uint64(n.agent.ID()), 10)
	if err := n.send(appendHello(make([]byte, headRoom), n.srv.capabilities(), id)); err != nil {
		return err
	}
	n.arm(n.srv.limits.HelloTimeout, errNoHello)
	message, err := n.in.next(nil)
	n.watchdog.Stop()
	if err != nil {
		return err
	}
	chunked, err := readHello(message, n.srv.limits)
	if err != nil {
		n.srv.stats.inBadHellos.Add(1)
		return fmt.Errorf("bad hello: %w", err)
	}
	n.in.chunked = chunked
	return nil
}

// readHello reads a client's hello and reports whether base:1.1 is what both
// peers speak.
func readHello(message []byte, l Limits) (chunked bool, err error) {
	r := newReader(message, l)
	root, err := r.Root()
	if err != nil {
		return false, err
	}
	if root.Local != "hello" || root.Space != baseNamespace {
		return false, fmt.Errorf("the first message is <%s> in the namespace %q", root.Local, root.Space)
	}
	var old, listed bool
	for {
		e, err := r.Child()
		if err != nil {
			return false, err
		}
		if e == nil {
			break
		}
		switch {
		case e.Space != baseNamespace:
			if err := r.Skip(); err != nil {
				return false, err
			}
		case e.Local == "session-id":
			return false, errors.New("a client's hello has no session-id")
		case e.Local == "capabilities" && !listed:
			listed = true
			if old, chunked, err = readCapabilities(r); err != nil {
				return false, err
			}
		default:
			return false, fmt.Errorf("unexpected <%s>", e.Local)
		}
	}
	if err := r.End(); err != nil {
		return false, err
	}
	if !old && !chunked {
		return false, errors.New("no base protocol in common: this server speaks base:1.0 and base:1.1")
	}
	return chunked, nil
}

func readCapabilities(r *xmlcodec.Reader) (has10, has11 bool, err error) {
	for {
		e, err := r.Child()
		if err != nil || e == nil {
			return has10, has11, err
		}
		text, err := r.Text()
		if err != nil {
			return false, false, err
		}
		switch text = strings.TrimSpace(text); {
		case e.Local != "capability" || e.Space != baseNamespace:
			return false, false, fmt.Errorf("unexpected <%s>", e.Local)
		case text == base10:
			has10 = true
		case text == base11:
			has11 = true
		}
	}
}
