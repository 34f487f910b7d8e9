package main

import (
	"context"
	"fmt"
	"os"

	"github.com/outrigger-cnf/outrigger/agent"
)

// applyBoot makes the boot file the configuration of an agent that never had
// one. Afterwards what clients have committed counts, and the file is not looked
// at: a restart must not undo them.
func applyBoot(ctx context.Context, a *agent.Agent, file string) error {
	snapshot := a.Snapshot()
	if file == "" || snapshot.Commit != 0 {
		return nil
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return fmt.Errorf("boot: %w", err)
	}
	t, err := decodeConfig(a.Schema(), text)
	if err != nil {
		return fmt.Errorf("boot: %s: %w", file, err)
	}
	_, err = a.Commit(ctx, agent.Request{
		Target:  agent.Running,
		Edits:   []agent.Edit{{Op: agent.Replace, Node: t.Root()}},
		Comment: "boot file " + file,
	})
	if err != nil {
		return fmt.Errorf("boot: %s: %w", file, err)
	}
	return nil
}
