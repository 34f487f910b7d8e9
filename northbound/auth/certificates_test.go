package auth

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// writePair makes a new certificate and writes it where files says.
func writePair(t *testing.T, files Files) []byte {
	t.Helper()
	c, err := SelfSigned()
	if err != nil {
		t.Fatal(err)
	}
	cert := c.Config().Certificates[0]
	key, err := x509.MarshalPKCS8PrivateKey(cert.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	for file, block := range map[string]*pem.Block{
		files.Certificate: {Type: "CERTIFICATE", Bytes: cert.Certificate[0]},
		files.Key:         {Type: "PRIVATE KEY", Bytes: key},
	} {
		if err := os.WriteFile(file, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return cert.Certificate[0]
}

func TestCertificatesReload(t *testing.T) {
	dir := t.TempDir()
	files := Files{Certificate: filepath.Join(dir, "tls.crt"), Key: filepath.Join(dir, "tls.key")}
	first := writePair(t, files)
	var logged bytes.Buffer
	c, err := LoadCertificates(files, slog.New(slog.NewTextHandler(&logged, nil)))
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	c.now = func() time.Time { return now }
	served := func() []byte { return c.Config().Certificates[0].Certificate[0] }
	// Later lets recheck pass and gives the files a new time of change, which
	// a file system with coarse stamps would not.
	later := func() {
		now = now.Add(2 * recheck)
		for _, f := range []string{files.Certificate, files.Key} {
			if err := os.Chtimes(f, now, now); err != nil {
				t.Fatal(err)
			}
		}
	}
	if !bytes.Equal(served(), first) {
		t.Fatal("the first certificate is not served")
	}
	second := writePair(t, files)
	later()
	if !bytes.Equal(served(), second) {
		t.Error("a new certificate is not served")
	}

	if err := os.WriteFile(files.Key, []byte("half a fi"), 0o600); err != nil {
		t.Fatal(err)
	}
	later()
	for range 3 {
		if !bytes.Equal(served(), second) {
			t.Error("an unusable file displaced the good certificate")
		}
		now = now.Add(2 * recheck)
	}
	if n := strings.Count(logged.String(), "cannot be used"); n != 1 {
		t.Errorf("the unusable file was logged %d times:\n%s", n, logged.String())
	}

	third := writePair(t, files)
	later()
	if !bytes.Equal(served(), third) {
		t.Error("the certificate after the unusable one is not served")
	}
}

func TestLoadCertificatesRefuses(t *testing.T) {
	dir := t.TempDir()
	files := Files{Certificate: filepath.Join(dir, "tls.crt"), Key: filepath.Join(dir, "tls.key")}
	writePair(t, files)
	empty := filepath.Join(dir, "empty")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		files Files
		want  string
	}{
		{Files{}, "both needed"},
		{Files{Certificate: files.Certificate}, "both needed"},
		{Files{Certificate: filepath.Join(dir, "absent"), Key: files.Key}, "no such file"},
		{Files{Certificate: empty, Key: files.Key}, "tls: certificate"},
		{Files{Certificate: files.Certificate, Key: files.Key, ClientCA: empty}, "holds no certificate"},
	} {
		if _, err := LoadCertificates(c.files, slog.New(slog.DiscardHandler)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("LoadCertificates(%+v) = %v, want an error with %q", c.files, err, c.want)
		}
	}
}
