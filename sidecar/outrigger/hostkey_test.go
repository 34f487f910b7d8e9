package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

func TestHostKeyIsKept(t *testing.T) {
	config := &Config{StateDir: filepath.Join(t.TempDir(), "state")}
	first, err := hostKey(config)
	if err != nil {
		t.Fatal(err)
	}
	second, err := hostKey(config)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(first[0].PublicKey().Marshal(), second[0].PublicKey().Marshal()) {
		t.Error("a second start shows another host key")
	}
	file := filepath.Join(config.StateDir, "ssh_host_ed25519_key")
	info, err := os.Stat(file)
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode().Perm() != 0o600 {
		t.Errorf("the host key is readable by others: %v", info.Mode())
	}

	// A key that was damaged is an error, never silently replaced.
	if err := os.WriteFile(file, []byte("nonsense"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := hostKey(config); err == nil {
		t.Error("a damaged host key was accepted")
	}
	if ephemeral, err := hostKey(&Config{}); err != nil || len(ephemeral) != 1 {
		t.Errorf("without a state directory: %v, %v", ephemeral, err)
	}
}
