package main

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/crypto/ssh"
)

// hostKey reads the NETCONF server's host key. Where none is configured it is
// made once and kept in the state directory, so that clients which remember it
// know the agent again; without a state directory it lives as long as the
// process.
func hostKey(config *Config) ([]ssh.Signer, error) {
	file := config.SSH.HostKey
	if file == "" && config.StateDir != "" {
		file = filepath.Join(config.StateDir, "ssh_host_ed25519_key")
		if err := makeHostKey(file); err != nil {
			return nil, err
		}
	}
	if file == "" {
		_, key, err := ed25519.GenerateKey(rand.Reader)
		if err != nil {
			return nil, err
		}
		signer, err := ssh.NewSignerFromKey(key)
		return []ssh.Signer{signer}, err
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("ssh: host-key: %w", err)
	}
	signer, err := ssh.ParsePrivateKey(text)
	if err != nil {
		return nil, fmt.Errorf("ssh: host-key %s: %w", file, err)
	}
	return []ssh.Signer{signer}, nil
}

// makeHostKey writes a new key unless there is one. It appears whole or not at
// all.
func makeHostKey(file string) error {
	if _, err := os.Stat(file); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return err
	}
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return err
	}
	block, err := ssh.MarshalPrivateKey(key, "outrigger")
	if err != nil {
		return err
	}
	if err := writeDurably(file, pem.EncodeToMemory(block)); err != nil {
		return fmt.Errorf("ssh: the host key cannot be kept in state-dir: %w", err)
	}
	return nil
}

// writeDurably makes a file that survives a power failure, or none.
func writeDurably(file string, text []byte) error {
	next := file + ".new"
	f, err := os.OpenFile(next, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(next, file)
	}
	if err != nil {
		return errors.Join(err, os.Remove(next))
	}
	return nil
}
