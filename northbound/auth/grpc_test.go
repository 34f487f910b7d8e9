package auth

import (
	"bytes"
	"log/slog"
	"net"
	"strings"
	"testing"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/peer"
	"google.golang.org/grpc/status"
	"google.golang.org/grpc/tap"
)

// TestTap: by the headers alone a call is let in or refused, and the log is told
// who was refused, without the password.
func TestTap(t *testing.T) {
	users, err := NewUsers([]User{{Name: "ann", PasswordHash: hashOf(t, "secret")}})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		md   metadata.MD
		log  string // "": the call is let in
	}{
		{"right", metadata.Pairs("username", "ann", "password", "secret"), ""},
		{"wrong password", metadata.Pairs("username", "ann", "password", "guess"), "user=ann remote=192.0.2.7:5 method=/gnmi.gNMI/Set\n"},
		{"nobody", nil, `user="" remote=192.0.2.7:5 method=/gnmi.gNMI/Set` + "\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var log bytes.Buffer
			ctx := metadata.NewIncomingContext(t.Context(), c.md)
			ctx = peer.NewContext(ctx, &peer.Peer{Addr: &net.TCPAddr{IP: net.IPv4(192, 0, 2, 7), Port: 5}})
			got, err := Tap(users, slog.New(slog.NewTextHandler(&log, nil)))(ctx, &tap.Info{FullMethodName: "/gnmi.gNMI/Set"})
			if !strings.HasSuffix(log.String(), c.log) || c.log == "" && log.Len() > 0 || strings.Contains(log.String(), "guess") {
				t.Errorf("the log is %q", log.String())
			}
			if c.log != "" {
				if status.Code(err) != codes.Unauthenticated {
					t.Errorf("got %v", err)
				}
				return
			}
			if id, ok := FromContext(got); err != nil || !ok || id.User != "ann" {
				t.Errorf("%+v %v %v", id, ok, err)
			}
		})
	}
}
