package bench

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	gpb "github.com/openconfig/gnmi/proto/gnmi"
	"golang.org/x/crypto/ssh"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/metadata"
)

// Where an agent with --dev listens.
const (
	gnmiAddress    = "127.0.0.1:9339"
	netconfAddress = "127.0.0.1:8300"
)

// gnmi connects over TLS and returns a context with credentials.
func (n *namespace) gnmi(b *testing.B) (gpb.GNMIClient, context.Context) {
	b.Helper()
	conn, err := grpc.NewClient("passthrough:///"+gnmiAddress, grpc.WithContextDialer(n.dial),
		grpc.WithTransportCredentials(credentials.NewTLS(&tls.Config{InsecureSkipVerify: true}))) // made anew with each start
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { conn.Close() })
	return gpb.NewGNMIClient(conn), metadata.AppendToOutgoingContext(b.Context(), "username", "admin", "password", "admin")
}

// path reads /a/b[k=v]/c.
func path(text string) *gpb.Path {
	p := &gpb.Path{}
	for _, step := range strings.Split(strings.TrimPrefix(text, "/"), "/") {
		name, rest, ok := strings.Cut(step, "[")
		e := &gpb.PathElem{Name: name}
		if ok {
			k, v, _ := strings.Cut(strings.TrimSuffix(rest, "]"), "=")
			e.Key = map[string]string{k: v}
		}
		p.Elem = append(p.Elem, e)
	}
	return p
}

// session is a NETCONF session of base:1.0, which ends a message with a mark.
type session struct {
	b   *testing.B
	in  *bufio.Reader
	out io.Writer
}

const endOfMessage = "]]>]]>"

func (n *namespace) netconf(b *testing.B) *session {
	b.Helper()
	conn, err := n.dial(b.Context(), netconfAddress)
	if err != nil {
		b.Fatal(err)
	}
	transport, channels, requests, err := ssh.NewClientConn(conn, netconfAddress, &ssh.ClientConfig{
		User: "admin", Auth: []ssh.AuthMethod{ssh.Password("admin")},
		HostKeyCallback: ssh.InsecureIgnoreHostKey(), // made anew with each start
	})
	if err != nil {
		b.Fatal(err)
	}
	client := ssh.NewClient(transport, channels, requests)
	b.Cleanup(func() { client.Close() })
	channel, err := client.NewSession()
	if err != nil {
		b.Fatal(err)
	}
	c := &session{b: b}
	if c.out, err = channel.StdinPipe(); err != nil {
		b.Fatal(err)
	}
	in, err := channel.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	c.in = bufio.NewReaderSize(in, 1<<20)
	if err := channel.RequestSubsystem("netconf"); err != nil {
		b.Fatal(err)
	}
	c.write(`<hello xmlns="urn:ietf:params:xml:ns:netconf:base:1.0"><capabilities>` +
		`<capability>urn:ietf:params:netconf:base:1.0</capability></capabilities></hello>`)
	c.read()
	return c
}

func (c *session) write(message string) {
	c.b.Helper()
	if _, err := io.WriteString(c.out, message+endOfMessage); err != nil {
		c.b.Fatal(err)
	}
}

func (c *session) read() []byte {
	c.b.Helper()
	var message []byte
	for {
		part, err := c.in.ReadBytes('>')
		message = append(message, part...)
		if bytes.HasSuffix(message, []byte(endOfMessage)) {
			return message
		}
		if err != nil {
			c.b.Fatal(err)
		}
	}
}

// rpc wants an answer without an error.
func (c *session) rpc(operation string) {
	c.b.Helper()
	c.write(`<rpc xmlns="urn:ietf:params:xml:ns:netconf:base:1.0" message-id="1">` + operation + `</rpc>`)
	if reply := c.read(); bytes.Contains(reply, []byte("rpc-error")) {
		c.b.Fatalf("%.2000s", reply)
	}
}

// manyInterfaces is an edit-config of n interfaces with four leaves each.
func manyInterfaces(n int) string {
	var s strings.Builder
	s.WriteString(`<edit-config><target><running/></target><config>` +
		`<interfaces xmlns="urn:ietf:params:xml:ns:yang:ietf-interfaces" xmlns:ianaift="urn:ietf:params:xml:ns:yang:iana-if-type">`)
	for i := range n {
		fmt.Fprintf(&s, "<interface><name>eth%d</name><description>interface number %d</description>"+
			"<type>ianaift:ethernetCsmacd</type><enabled>true</enabled></interface>", i, i)
	}
	s.WriteString("</interfaces></config></edit-config>")
	return s.String()
}

// latencies reports the median and the 99th percentile in milliseconds.
func latencies(b *testing.B, all []time.Duration) {
	b.Helper()
	slices.Sort(all)
	ms := func(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
	b.ReportMetric(ms(all[len(all)/2]), "p50-ms")
	b.ReportMetric(ms(all[(len(all)*99-1)/100]), "p99-ms")
}
