package main

import (
	"log/slog"
	"strings"
	"testing"
)

// The numbers are none that an agent at work on this machine is likely to have.
func TestAlone(t *testing.T) {
	log := slog.New(slog.DiscardHandler)
	first, err := alone(251, log)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := alone(251, log); err == nil || !strings.Contains(err.Error(), "251") {
		t.Errorf("a second agent: %v", err)
	}
	other, err := alone(252, log)
	if err != nil {
		t.Errorf("an agent that marks otherwise: %v", err)
	} else {
		other.Close()
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	again, err := alone(251, log)
	if err != nil {
		t.Fatalf("after the first has gone: %v", err)
	}
	again.Close()
}
