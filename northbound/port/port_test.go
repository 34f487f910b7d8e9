package port

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/health"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/outrigger-cnf/outrigger/northbound/auth"
)

// authority signs the certificates of one test.
type authority struct {
	t    *testing.T
	key  *ecdsa.PrivateKey
	cert *x509.Certificate
	dir  string
}

func newAuthority(t *testing.T) *authority {
	a := &authority{t: t, dir: t.TempDir()}
	a.key = newKey(t)
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test CA"}, IsCA: true,
		BasicConstraintsValid: true, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), KeyUsage: x509.KeyUsageCertSign}
	der, err := x509.CreateCertificate(rand.Reader, template, template, a.key.Public(), a.key)
	if err != nil {
		t.Fatal(err)
	}
	a.cert, _ = x509.ParseCertificate(der)
	a.write("ca.pem", "CERTIFICATE", der)
	return a
}

func newKey(t *testing.T) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func (a *authority) write(name, kind string, der []byte) string {
	a.t.Helper()
	file := filepath.Join(a.dir, name)
	if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
		a.t.Fatal(err)
	}
	return file
}

// issue writes NAME.pem and NAME.key.
func (a *authority) issue(name string, serial int64) (cert, key string) {
	a.t.Helper()
	k := newKey(a.t)
	template := &x509.Certificate{SerialNumber: big.NewInt(serial), Subject: pkix.Name{CommonName: name}, DNSNames: []string{"localhost"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}}
	der, err := x509.CreateCertificate(rand.Reader, template, a.cert, k.Public(), a.key)
	if err != nil {
		a.t.Fatal(err)
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(k)
	if err != nil {
		a.t.Fatal(err)
	}
	return a.write(name+".pem", "CERTIFICATE", der), a.write(name+".key", "PRIVATE KEY", keyDER)
}

func (a *authority) pool() *x509.CertPool {
	p := x509.NewCertPool()
	p.AddCert(a.cert)
	return p
}

// maxMessage is small, so that a message can be too big.
const maxMessage = 1 << 10

// serve starts both servers behind one port and returns its address.
func serve(t *testing.T, config func() *tls.Config, users *auth.Users, options ...func(*Port)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &Port{TLS: config, Log: slog.New(slog.DiscardHandler)}
	for _, o := range options {
		o(p)
	}
	grpcL, httpL := p.Split(l.Addr())
	gs := grpc.NewServer(grpc.Creds(Credentials()), grpc.InTapHandle(auth.Tap(users, slog.New(slog.DiscardHandler))), grpc.UnaryInterceptor(auth.Unary(users)), grpc.MaxRecvMsgSize(maxMessage))
	healthpb.RegisterHealthServer(gs, health.NewServer())
	mux := http.NewServeMux()
	mux.HandleFunc("/livez", func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "ok\n") })
	hs := &http.Server{Handler: mux}
	go gs.Serve(grpcL)
	go hs.Serve(httpL)
	go p.Serve(l)
	t.Cleanup(func() { l.Close(); gs.Stop(); hs.Close() })
	return l.Addr().String()
}

func check(t *testing.T, addr string, creds credentials.TransportCredentials, md ...string) error {
	t.Helper()
	c, err := grpc.NewClient(addr, grpc.WithTransportCredentials(creds))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	ctx, cancel := context.WithTimeout(metadata.AppendToOutgoingContext(context.Background(), md...), 10*time.Second)
	defer cancel()
	_, err = healthpb.NewHealthClient(c).Check(ctx, &healthpb.HealthCheckRequest{})
	return err
}

func testUsers(t *testing.T) *auth.Users {
	t.Helper()
	h, err := auth.Hash("pw")
	if err != nil {
		t.Fatal(err)
	}
	users, err := auth.NewUsers([]auth.User{{Name: "alice", PasswordHash: h}})
	if err != nil {
		t.Fatal(err)
	}
	return users
}

func TestOnePortTLS(t *testing.T) {
	a := newAuthority(t)
	certFile, keyFile := a.issue("localhost", 2)
	certs, err := auth.LoadCertificates(auth.Files{Certificate: certFile, Key: keyFile, ClientCA: filepath.Join(a.dir, "ca.pem")}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	addr := serve(t, certs.Config, testUsers(t))
	client := &tls.Config{RootCAs: a.pool(), ServerName: "localhost"}

	withCert := func(name string) *tls.Config {
		c := client.Clone()
		cert, err := tls.LoadX509KeyPair(a.issue(name, 9))
		if err != nil {
			t.Fatal(err)
		}
		c.Certificates = []tls.Certificate{cert}
		return c
	}
	for _, c := range []struct {
		name string
		tls  *tls.Config
		md   []string
		want codes.Code
	}{
		{"password", client, []string{"username", "alice", "password", "pw"}, codes.OK},
		{"wrong password", client, []string{"username", "alice", "password", "no"}, codes.Unauthenticated},
		{"two usernames", client, []string{"username", "alice", "username", "bob", "password", "pw"}, codes.Unauthenticated},
		{"nothing", client, nil, codes.Unauthenticated},
		{"certificate", withCert("alice"), nil, codes.OK},
		{"certificate of nobody", withCert("mallory"), nil, codes.Unauthenticated},
		{"certificate, yet a wrong password", withCert("alice"), []string{"username", "alice", "password", "no"}, codes.Unauthenticated},
	} {
		if got := status.Code(check(t, addr, credentials.NewTLS(c.tls), c.md...)); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}

	stranger := newAuthority(t)
	cert, err := tls.LoadX509KeyPair(stranger.issue("alice", 3))
	if err != nil {
		t.Fatal(err)
	}
	forged := client.Clone()
	forged.Certificates = []tls.Certificate{cert}
	if err := check(t, addr, credentials.NewTLS(forged)); err == nil {
		t.Error("a certificate of another CA was accepted")
	}

	// HTTP on the same port, from a client that would also speak h2 and from one that would not.
	for _, h2 := range []bool{true, false} {
		hc := &http.Client{Transport: &http.Transport{TLSClientConfig: client.Clone(), ForceAttemptHTTP2: h2}}
		resp, err := hc.Get("https://" + addr + "/livez")
		if err != nil {
			t.Fatalf("h2=%v: %v", h2, err)
		}
		resp.Body.Close()
		if resp.StatusCode != http.StatusOK || resp.ProtoMajor != 1 {
			t.Errorf("h2=%v: %s %s", h2, resp.Proto, resp.Status)
		}
		hc.CloseIdleConnections()
	}
}

func TestOnePortPlaintext(t *testing.T) {
	addr := serve(t, nil, testUsers(t))
	if err := check(t, addr, insecure.NewCredentials(), "username", "alice", "password", "pw"); err != nil {
		t.Error(err)
	}
	resp, err := http.Get("http://" + addr + "/livez")
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		t.Error(resp.Status)
	}
}
