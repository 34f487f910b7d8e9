package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/health"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/reflection"

	gpb "github.com/openconfig/gnmi/proto/gnmi"

	"github.com/outrigger-cnf/outrigger/agent"
	"github.com/outrigger-cnf/outrigger/northbound/auth"
	"github.com/outrigger-cnf/outrigger/northbound/gnmi"
	"github.com/outrigger-cnf/outrigger/northbound/netconf"
	"github.com/outrigger-cnf/outrigger/northbound/port"
	"github.com/outrigger-cnf/outrigger/yang"
)

// drainTime is how long streams and sessions have to end after SIGTERM.
const drainTime = 5 * time.Second

// maxHeaders bounds the headers of a call, which anybody can send.
const maxHeaders = 16 << 10

// unusedTime is how long a gRPC connection may be without a call. Clients that
// come back connect anew; those who never say who they are do not stay.
const unusedTime = 10 * time.Minute

// devPasswordHash is of "admin", which is no secret: it has bcrypt's least cost,
// so that a start with --dev does not wait for it.
const devPasswordHash = "$2a$04$dgjA.JKJsmy5mgkhCiqDvOEA/fu3Kw19QbG2Ome1/9P.d8TdpZzKO"

func runCommand(ctx context.Context, args []string, stderr io.Writer) error {
	config, err := parseConfig(args)
	if err != nil {
		return err
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	collectGarbage(ctx)
	return run(ctx, config, config.logger(stderr))
}

// run serves until ctx ends. What it opens it closes in the reverse order; the
// dataplane is left as configured.
func run(ctx context.Context, config *Config, log *slog.Logger) error {
	begin := time.Now()
	users, certificates, err := identities(config, log)
	if err != nil {
		return err
	}
	passed, err := passedListeners()
	if err != nil {
		return err
	}
	grpcListener, err := listen(passed, socketGRPC, config.Listen)
	if err != nil {
		return err
	}
	defer grpcListener.Close()
	sshListener, err := listen(passed, socketNETCONF, config.NETCONFListen)
	if err != nil {
		return err
	}
	defer sshListener.Close()

	a, err := newAgent(config, log)
	if err != nil {
		return err
	}
	defer func() {
		if err := a.Close(); err != nil {
			log.Error("closing the agent failed", "error", err)
		}
	}()
	guard, err := alone(config, log)
	if err != nil {
		return err
	}
	defer guard.Close()

	nc, err := newNETCONF(config, a, users, log)
	if err != nil {
		return err
	}
	p := &port.Port{Log: log, MaxConnections: config.Limits.Connections}
	if certificates != nil {
		p.TLS = certificates.Config
	}
	forGRPC, forHTTP := p.Split(grpcListener.Addr())
	var ready atomic.Bool
	gnmiServer := gnmi.New(gnmi.Config{
		Agent: a, Schema: a.Schema(), Log: log,
		Limits: gnmi.Limits{
			MaxStreams: config.Limits.Subscriptions, MinSample: config.Limits.MinSampleInterval,
			MaxDepth: config.Limits.NestingDepth,
		},
	})
	grpcServer, healthServer := newGRPC(config, gnmiServer, users, log)
	web := httpServer(probes(&ready))

	failed := make(chan error, 4)
	serve := func(name string, f func() error) {
		go func() {
			if err := f(); err != nil && !errors.Is(err, http.ErrServerClosed) {
				failed <- fmt.Errorf("%s: %w", name, err)
			}
		}()
	}
	// The configuration is in force before anybody is let in.
	if err := a.Start(ctx); err != nil {
		return err
	}
	if err := applyBoot(ctx, a, config.Boot); err != nil {
		return err
	}
	serve("gnmi", func() error { return grpcServer.Serve(forGRPC) })
	serve("http", func() error { return web.Serve(forHTTP) })
	serve("port", func() error { return p.Serve(grpcListener) })
	serve("netconf", func() error { return nc.Serve(sshListener) })
	ready.Store(true)
	healthServer.SetServingStatus("", healthpb.HealthCheckResponse_SERVING)
	log.Info("ready", "version", version, "gnmi", grpcListener.Addr().String(), "netconf", sshListener.Addr().String(),
		"backend", config.Backend, "tls", certificates != nil, "after", time.Since(begin).Round(time.Millisecond).String())

	select {
	case err = <-failed:
	case <-ctx.Done():
	}
	log.Info("stopping", "reason", context.Cause(ctx))
	ready.Store(false)
	healthServer.Shutdown()
	gnmiServer.Drain()
	drain(grpcListener, grpcServer, web, nc, log)
	return err
}

// drain ends streams and sessions, gently at first.
func drain(l net.Listener, g *grpc.Server, web *http.Server, nc *netconf.Server, log *slog.Logger) {
	ctx, cancel := context.WithTimeout(context.Background(), drainTime)
	defer cancel()
	l.Close()
	done := make(chan struct{})
	go func() {
		defer close(done)
		g.GracefulStop()
	}()
	if err := errors.Join(nc.Shutdown(ctx), web.Shutdown(ctx)); err != nil {
		log.Warn("sessions were cut off", "error", err)
	}
	select {
	case <-done:
	case <-ctx.Done():
		g.Stop()
		<-done
	}
}

// identities are who may log in, and what the server shows for itself; no
// certificates mean plaintext.
func identities(config *Config, log *slog.Logger) (*auth.Users, *auth.Certificates, error) {
	accounts := config.Users
	if config.Dev {
		accounts = append([]auth.User{{Name: "admin", PasswordHash: devPasswordHash}}, accounts...)
	}
	users, err := auth.NewUsers(accounts)
	if err != nil {
		return nil, nil, err
	}
	switch {
	case config.Insecure:
		return users, nil, nil
	case config.Dev && config.TLS == (auth.Files{}):
		certificates, err := auth.SelfSigned()
		return users, certificates, err
	}
	certificates, err := auth.LoadCertificates(config.TLS, log)
	return users, certificates, err
}

func newGRPC(config *Config, gnmiServer gpb.GNMIServer, users *auth.Users, log *slog.Logger) (*grpc.Server, *health.Server) {
	s := grpc.NewServer(
		grpc.Creds(port.Credentials()),
		grpc.InTapHandle(auth.Tap(users, log)),
		grpc.UnaryInterceptor(auth.Unary(users)),
		grpc.StreamInterceptor(auth.Stream(users)),
		grpc.MaxHeaderListSize(maxHeaders),
		grpc.ForceServerCodecV2(gnmi.Codec()),
		grpc.MaxRecvMsgSize(config.Limits.MessageBytes),
		grpc.MaxConcurrentStreams(uint32(config.Limits.PendingRequests)),
		// Collectors ping every ten seconds, idle streams included.
		grpc.KeepaliveEnforcementPolicy(keepalive.EnforcementPolicy{MinTime: 5 * time.Second, PermitWithoutStream: true}),
		grpc.KeepaliveParams(keepalive.ServerParameters{
			Time: time.Minute, Timeout: 20 * time.Second, MaxConnectionIdle: unusedTime,
		}),
	)
	gpb.RegisterGNMIServer(s, gnmiServer)
	h := health.NewServer()
	h.SetServingStatus("", healthpb.HealthCheckResponse_NOT_SERVING)
	healthpb.RegisterHealthServer(s, h)
	reflection.Register(s)
	return s, h
}

func newNETCONF(config *Config, a *agent.Agent, users *auth.Users, log *slog.Logger) (*netconf.Server, error) {
	key, err := hostKey(config)
	if err != nil {
		return nil, err
	}
	return netconf.New(netconf.Config{
		Agent: a, Schema: a.Schema(), Users: users, HostKeys: key, YANG: yang.FS, Log: log,
		Limits: netconf.Limits{
			Connections: config.Limits.Connections, Sessions: config.Limits.Sessions, MessageSize: config.Limits.MessageBytes,
			Depth: config.Limits.NestingDepth, IdleTimeout: config.Limits.IdleTimeout,
		},
	})
}
