package auth

import (
	"context"
	"crypto/tls"
	"log/slog"
	"strings"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/peer"
	"google.golang.org/grpc/status"
	"google.golang.org/grpc/tap"
)

type contextKey struct{}

// NewContext returns ctx with who is calling.
func NewContext(ctx context.Context, id Identity) context.Context {
	return context.WithValue(ctx, contextKey{}, id)
}

// FromContext returns who is calling.
func FromContext(ctx context.Context) (Identity, bool) {
	id, ok := ctx.Value(contextKey{}).(Identity)
	return id, ok
}

// Tap refuses a call by its headers, so that nothing is read, let alone decoded,
// of what somebody unknown sends: the interceptors come after the first message.
// The log is told who was refused.
func Tap(u *Users, log *slog.Logger) tap.ServerInHandle {
	return func(ctx context.Context, call *tap.Info) (context.Context, error) {
		id, err := u.identify(ctx)
		if err != nil {
			logRefused(ctx, log, call.FullMethodName)
			return ctx, err
		}
		return NewContext(ctx, id), nil
	}
}

func logRefused(ctx context.Context, log *slog.Logger, method string) {
	user, remote := "", ""
	if md, ok := metadata.FromIncomingContext(ctx); ok {
		user = strings.Join(md.Get("username"), " ")
	}
	if p, ok := peer.FromContext(ctx); ok {
		remote = p.Addr.String()
	}
	log.Info("gRPC call refused: wrong or no credentials", "user", user, "remote", remote, "method", method)
}

// Unary puts the Identity of each call into its context, or refuses it with
// UNAUTHENTICATED.
func Unary(u *Users) grpc.UnaryServerInterceptor {
	return func(ctx context.Context, req any, _ *grpc.UnaryServerInfo, next grpc.UnaryHandler) (any, error) {
		id, err := u.identify(ctx)
		if err != nil {
			return nil, err
		}
		return next(NewContext(ctx, id), req)
	}
}

// Stream is Unary for streams.
func Stream(u *Users) grpc.StreamServerInterceptor {
	return func(srv any, s grpc.ServerStream, _ *grpc.StreamServerInfo, next grpc.StreamHandler) error {
		id, err := u.identify(s.Context())
		if err != nil {
			return err
		}
		return next(srv, identified{s, NewContext(s.Context(), id)})
	}
}

type identified struct {
	grpc.ServerStream
	ctx context.Context
}

func (s identified) Context() context.Context { return s.ctx }

// identify takes the gNMI metadata username and password (gNMI specification
// §2.8 and gNMI authentication) if there are any, which must then be right, and
// the client certificate otherwise.
func (u *Users) identify(ctx context.Context) (Identity, error) {
	if id, known := FromContext(ctx); known {
		return id, nil
	}
	md, _ := metadata.FromIncomingContext(ctx)
	if names := md.Get("username"); len(names) > 0 {
		passwords := md.Get("password")
		if len(names) != 1 || len(passwords) != 1 || !u.Password(names[0], passwords[0]) {
			return Identity{}, status.Error(codes.Unauthenticated, "wrong username or password in the call's metadata")
		}
		return Identity{User: names[0]}, nil
	}
	if p, ok := peer.FromContext(ctx); ok {
		if info, ok := p.AuthInfo.(credentials.TLSInfo); ok {
			if id, ok := u.identifyTLS(&info.State); ok {
				return id, nil
			}
		}
	}
	return Identity{}, status.Error(codes.Unauthenticated, "no credentials: send the metadata username and password, or a client certificate whose common name is a user")
}

func (u *Users) identifyTLS(state *tls.ConnectionState) (Identity, bool) {
	if state == nil || len(state.VerifiedChains) == 0 {
		return Identity{}, false
	}
	user, ok := u.Certificate(state.VerifiedChains[0][0])
	return Identity{User: user}, ok
}
