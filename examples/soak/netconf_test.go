package soak

import (
	"bufio"
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"time"

	"golang.org/x/crypto/ssh"
)

const netconfAddress = "127.0.0.1:8300"

// netconfClient is a NETCONF client of its own making (RFC 6242, base:1.1). It is
// for one goroutine.
type netconfClient struct {
	conn    net.Conn
	client  *ssh.Client
	in      io.WriteCloser
	out     *bufio.Reader
	session string // the session-id of the hello
	id      int
}

func sshConfig() *ssh.ClientConfig {
	return &ssh.ClientConfig{
		User: "admin", Auth: []ssh.AuthMethod{ssh.Password("admin")},
		HostKeyCallback: ssh.InsecureIgnoreHostKey(), // it is new with each namespace
		Timeout:         patience,
	}
}

// openNETCONF opens a session and exchanges hellos.
func (ns *namespace) openNETCONF() (*netconfClient, error) {
	conn, err := ns.dial(context.Background(), netconfAddress)
	if err != nil {
		return nil, err
	}
	c := &netconfClient{conn: conn}
	if err := c.begin(); err != nil {
		conn.Close()
		return nil, err
	}
	return c, nil
}

func (c *netconfClient) begin() error {
	inner, chans, reqs, err := ssh.NewClientConn(c.conn, netconfAddress, sshConfig())
	if err != nil {
		return err
	}
	c.client = ssh.NewClient(inner, chans, reqs)
	s, err := c.client.NewSession()
	if err != nil {
		return err
	}
	if c.in, err = s.StdinPipe(); err != nil {
		return err
	}
	out, err := s.StdoutPipe()
	if err != nil {
		return err
	}
	c.out = bufio.NewReaderSize(out, 1<<16)
	if err := s.RequestSubsystem("netconf"); err != nil {
		return err
	}
	const hello = `<hello xmlns="urn:ietf:params:xml:ns:netconf:base:1.0"><capabilities><capability>urn:ietf:params:netconf:base:1.1</capability></capabilities></hello>]]>]]>`
	if _, err := io.WriteString(c.in, hello); err != nil {
		return err
	}
	text, err := readUntil(c.out, "]]>]]>")
	if err != nil {
		return err
	}
	var theirs struct {
		Session string `xml:"session-id"`
	}
	if err := xml.Unmarshal(text, &theirs); err != nil {
		return err
	}
	c.session = theirs.Session
	return nil
}

func readUntil(r *bufio.Reader, end string) ([]byte, error) {
	var text []byte
	for !bytes.HasSuffix(text, []byte(end)) {
		b, err := r.ReadByte()
		if err != nil {
			return nil, err
		}
		text = append(text, b)
	}
	return text[:len(text)-len(end)], nil
}

func (c *netconfClient) close() { c.client.Close() }

// rpcError is an rpc-error as an error.
type rpcError struct {
	Tag     string `xml:"error-tag"`
	AppTag  string `xml:"error-app-tag"`
	Path    string `xml:"error-path"`
	Message string `xml:"error-message"`
	Info    struct {
		Text string `xml:",innerxml"`
	} `xml:"error-info"`
}

func (e *rpcError) Error() string { return fmt.Sprintf("%s at %s: %s", e.Tag, e.Path, e.Message) }

// call sends an operation and returns what is in its reply. An rpc-error is
// returned as *rpcError, any other error means that the session is lost.
func (c *netconfClient) call(operation string) ([]byte, error) {
	c.id++
	text := fmt.Sprintf(`<rpc message-id="%d" xmlns="urn:ietf:params:xml:ns:netconf:base:1.0">%s</rpc>`, c.id, operation)
	if _, err := fmt.Fprintf(c.in, "\n#%d\n%s\n##\n", len(text), text); err != nil {
		return nil, err
	}
	reply, err := readChunks(c.out)
	if err != nil {
		return nil, err
	}
	var parsed struct {
		ID     string      `xml:"message-id,attr"`
		Errors []*rpcError `xml:"rpc-error"`
	}
	if err := xml.Unmarshal(reply, &parsed); err != nil {
		return nil, fmt.Errorf("%w in %q", err, reply)
	}
	if parsed.ID != strconv.Itoa(c.id) {
		return nil, fmt.Errorf("the reply to %d has the message-id %q", c.id, parsed.ID)
	}
	if len(parsed.Errors) > 0 {
		return nil, parsed.Errors[0]
	}
	return reply, nil
}

// readChunks reads one message (RFC 6242 §4.2).
func readChunks(r *bufio.Reader) ([]byte, error) {
	var text []byte
	for {
		line, err := r.ReadString('\n')
		if err == nil && line == "\n" {
			line, err = r.ReadString('\n')
		}
		if err != nil {
			return nil, err
		}
		size, isChunk := strings.CutPrefix(strings.TrimSuffix(line, "\n"), "#")
		if !isChunk {
			return nil, fmt.Errorf("%q is no chunk header", line)
		}
		if size == "#" {
			return text, nil
		}
		n, err := strconv.Atoi(size)
		if err != nil {
			return nil, err
		}
		chunk := make([]byte, n)
		if _, err := io.ReadFull(r, chunk); err != nil {
			return nil, err
		}
		text = append(text, chunk...)
	}
}

// running is get-config of a datastore as data.
func (c *netconfClient) config(datastore string) (data, error) {
	reply, err := c.call("<get-config><source><" + datastore + "/></source></get-config>")
	if err != nil {
		return nil, err
	}
	return fromXML(reply)
}

// edit sends an edit-config.
func (c *netconfClient) edit(datastore, config string) error {
	_, err := c.call("<edit-config><target><" + datastore + "/></target><config>" + config + "</config></edit-config>")
	return err
}

// do sends an operation whose reply has no data.
func (c *netconfClient) do(operation string) error {
	_, err := c.call(operation)
	return err
}

// tagOf is the error-tag of a refusal; empty for any other error.
func tagOf(err error) string {
	if e, ok := errors.AsType[*rpcError](err); ok {
		return e.Tag
	}
	return ""
}

// within fails if f does not return in time.
func within(d time.Duration, f func() error) error {
	done := make(chan error, 1)
	go func() { done <- f() }()
	select {
	case err := <-done:
		return err
	case <-time.After(d):
		return fmt.Errorf("no answer within %v", d)
	}
}
