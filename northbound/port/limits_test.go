package port

import (
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
)

// Of what somebody unknown sends not even the size is looked at.
func TestUnknownCallerIsNotRead(t *testing.T) {
	addr := serve(t, nil, testUsers(t))
	c, err := grpc.NewClient(addr, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	for _, who := range []struct {
		password string
		want     codes.Code
	}{{"no", codes.Unauthenticated}, {"pw", codes.ResourceExhausted}} {
		ctx, cancel := context.WithTimeout(metadata.AppendToOutgoingContext(context.Background(), "username", "alice", "password", who.password), 10*time.Second)
		_, err := healthpb.NewHealthClient(c).Check(ctx, &healthpb.HealthCheckRequest{Service: strings.Repeat("x", 2*maxMessage)})
		cancel()
		if status.Code(err) != who.want {
			t.Errorf("password %q: %v, want %v", who.password, err, who.want)
		}
	}
}

func TestMaxConnections(t *testing.T) {
	const limit = 2
	addr := serve(t, nil, testUsers(t), func(p *Port) { p.MaxConnections = limit })
	dial := func() net.Conn {
		t.Helper()
		c, err := net.Dial("tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { c.Close() })
		return c
	}
	// livez reports whether the connection is served.
	livez := func(c net.Conn) bool {
		t.Helper()
		c.SetDeadline(time.Now().Add(10 * time.Second))
		if _, err := io.WriteString(c, "GET /livez HTTP/1.1\r\nHost: x\r\n\r\n"); err != nil {
			return false
		}
		b := make([]byte, 12)
		if _, err := io.ReadFull(c, b); err != nil {
			if errors.Is(err, context.DeadlineExceeded) {
				t.Fatal(err)
			}
			return false
		}
		return string(b) == "HTTP/1.1 200"
	}
	open := []net.Conn{dial(), dial()}
	for i, c := range open {
		if !livez(c) {
			t.Fatalf("connection %d of %d is not served", i+1, limit)
		}
	}
	if livez(dial()) {
		t.Fatalf("connection %d is served", limit+1)
	}
	open[0].Close()
	for deadline := time.Now().Add(10 * time.Second); !livez(dial()); { // until the server has seen the end
		if time.Now().After(deadline) {
			t.Fatal("no place after a connection has been closed")
		}
	}
}
