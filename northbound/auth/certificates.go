package auth

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"log/slog"
	"math/big"
	"net"
	"os"
	"sync"
	"time"
)

// Files names the PEM files of the TLS port. CA may be empty: then no client
// certificate is asked for.
type Files struct {
	Certificate string `yaml:"certificate"`
	Key         string `yaml:"key"`
	ClientCA    string `yaml:"client-ca"`
}

// Certificates holds what the TLS port shows and trusts. Files are looked at
// again, at most once a second, when a client connects: so a certificate that
// Kubernetes or cert-manager renews is in use with the next connection. A file
// that cannot be used leaves the last good one in place and is logged.
type Certificates struct {
	files Files
	log   *slog.Logger
	now   func() time.Time

	mu      sync.Mutex
	config  *tls.Config
	stamps  [3]stamp
	checked time.Time
	bad     [3]stamp // stamps of the last attempt that failed: it is logged once
}

type stamp struct {
	mtime time.Time
	size  int64
}

// recheck is how old the last look at the files may be.
const recheck = time.Second

// LoadCertificates reads the files for the first time; here an error is final.
func LoadCertificates(files Files, log *slog.Logger) (*Certificates, error) {
	if files.Certificate == "" || files.Key == "" {
		return nil, fmt.Errorf("tls: certificate and key are both needed (only --dev makes its own)")
	}
	c := &Certificates{files: files, log: log, now: time.Now}
	stamps, err := c.stat()
	if err != nil {
		return nil, err
	}
	if c.config, err = c.read(); err != nil {
		return nil, err
	}
	c.stamps, c.checked = stamps, c.now()
	return c, nil
}

// Config returns the configuration for the next connection.
func (c *Certificates) Config() *tls.Config {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.files == (Files{}) || c.now().Sub(c.checked) < recheck {
		return c.config
	}
	c.checked = c.now()
	stamps, err := c.stat()
	if err == nil && stamps == c.stamps {
		return c.config
	}
	if err == nil {
		var config *tls.Config
		if config, err = c.read(); err == nil {
			c.config, c.stamps = config, stamps
			c.log.Info("TLS certificate reloaded", "file", c.files.Certificate)
			return c.config
		}
	}
	if stamps != c.bad {
		c.bad = stamps
		c.log.Error("TLS files changed but cannot be used; the old ones stay", "error", err)
	}
	return c.config
}

func (c *Certificates) stat() (stamps [3]stamp, err error) {
	for i, name := range []string{c.files.Certificate, c.files.Key, c.files.ClientCA} {
		if name == "" {
			continue
		}
		fi, err := os.Stat(name)
		if err != nil {
			return stamps, fmt.Errorf("tls: %w", err)
		}
		stamps[i] = stamp{fi.ModTime(), fi.Size()}
	}
	return stamps, nil
}

func (c *Certificates) read() (*tls.Config, error) {
	cert, err := tls.LoadX509KeyPair(c.files.Certificate, c.files.Key)
	if err != nil {
		return nil, fmt.Errorf("tls: certificate %s with key %s: %w", c.files.Certificate, c.files.Key, err)
	}
	config := baseConfig(cert)
	if c.files.ClientCA != "" {
		pem, err := os.ReadFile(c.files.ClientCA)
		if err != nil {
			return nil, fmt.Errorf("tls: client-ca: %w", err)
		}
		config.ClientCAs = x509.NewCertPool()
		if !config.ClientCAs.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("tls: client-ca %s holds no certificate in PEM form", c.files.ClientCA)
		}
		// Probes of the kubelet come without a certificate.
		config.ClientAuth = tls.VerifyClientCertIfGiven
	}
	return config, nil
}

func baseConfig(cert tls.Certificate) *tls.Config {
	return &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS12}
}

// SelfSigned makes a certificate for the loopback addresses that lives as long
// as the process: for --dev.
func SelfSigned() (*Certificates, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 127))
	if err != nil {
		return nil, err
	}
	now := time.Now()
	template := &x509.Certificate{
		SerialNumber: serial,
		Subject:      pkix.Name{CommonName: "outrigger --dev"},
		NotBefore:    now.Add(-time.Hour),
		NotAfter:     now.AddDate(1, 0, 0),
		KeyUsage:     x509.KeyUsageDigitalSignature,
		ExtKeyUsage:  []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		DNSNames:     []string{"localhost"},
		IPAddresses:  []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return nil, err
	}
	cert := tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
	return &Certificates{config: baseConfig(cert), now: time.Now}, nil
}
