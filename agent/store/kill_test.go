package store

import (
	"bufio"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"testing"
	"time"

	"github.com/outrigger-cnf/outrigger/agent/schema"
	"github.com/outrigger-cnf/outrigger/agent/tree"
	"github.com/outrigger-cnf/outrigger/yang/compile"
)

var kills = flag.Int("kills", 20, "how often TestKill kills the process that saves")

// childDir, in the environment, makes the test binary the process that saves.
const childDir = "OUTRIGGER_STORE_TEST_CHILD"

func TestMain(m *testing.M) {
	if dir := os.Getenv(childDir); dir != "" {
		fmt.Fprintln(os.Stderr, saveForEver(dir))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// saveForEver counts in the hostname, one save a number, and prints each number
// that has been acknowledged.
func saveForEver(dir string) error {
	s, err := compile.Compile(compile.Texts{module}, compile.Options{Implement: []string{"t"}})
	if err != nil {
		return err
	}
	store, err := Open(dir, s, Options{CheckpointBytes: 8 << 10})
	if err != nil {
		return err
	}
	hostname, def, err := s.Resolve("/t:system/hostname")
	if err != nil {
		return err
	}
	for n := counted(s, store.State().Running) + 1; ; n++ {
		st := store.State()
		v, err := def.Parse(strconv.Itoa(n), s.ModuleNames())
		if err != nil {
			return err
		}
		x := st.Running.Txn()
		if err := x.Set(hostname, v); err != nil {
			return err
		}
		rule, _, err := s.Resolve(fmt.Sprintf("/t:rule[id='%d']", n%20))
		if err != nil {
			return err
		}
		if gone, err := x.Delete(rule); err != nil {
			return err
		} else if !gone {
			if err := x.Ensure(rule); err != nil {
				return err
			}
		}
		st.Running, st.HasRunning = x.Tree(), true
		if _, err := store.Save(st, &Entry{Time: time.Now(), Datastore: Running, Comment: strconv.Itoa(n)}); err != nil {
			return err
		}
		if _, err := fmt.Println(n); err != nil {
			return err
		}
	}
}

func counted(s *schema.Schema, t tree.Tree) int {
	p, _, err := s.Resolve("/t:system/hostname")
	if err != nil {
		return -1
	}
	v, ok := t.Get(p)
	if !ok {
		return 0
	}
	n, err := strconv.Atoi(v.Text)
	if err != nil {
		return -1
	}
	return n
}

// TestKill kills a process that saves, at random moments: the directory then
// holds what was acknowledged last, or the save that was under way.
func TestKill(t *testing.T) {
	f := newFixture(t)
	dir := t.TempDir()
	total := 0
	for i := range *kills {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), childDir+"="+dir)
		cmd.Stderr = os.Stderr
		out, err := cmd.StdoutPipe()
		if err == nil {
			err = cmd.Start()
		}
		if err != nil {
			t.Fatal(err)
		}
		acked, after := total, rand.IntN(200)+1
		lines := bufio.NewScanner(out)
		for n := 0; lines.Scan(); n++ {
			if acked, err = strconv.Atoi(lines.Text()); err != nil {
				t.Fatal(err)
			}
			if n == after {
				if err := cmd.Process.Kill(); err != nil {
					t.Fatal(err)
				}
			}
		}
		if err := cmd.Wait(); cmd.ProcessState.ExitCode() != -1 {
			t.Fatalf("the process ended by itself: %v", err)
		}
		s := f.open(dir, Options{})
		total = counted(f.s, s.State().Running)
		if total != acked && total != acked+1 {
			t.Fatalf("kill %d: %d was acknowledged, but %d is stored", i+1, acked, total)
		}
		h := s.State().History
		if last := h[len(h)-1]; last.Comment != strconv.Itoa(total) || last.ID != uint64(total) {
			t.Fatalf("kill %d: the history ends with %+v, running is at %d", i+1, last, total)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := os.Stat(dirFS(dir).path(checkpointName)); err != nil {
		t.Errorf("no checkpoint in %d saves: the test shows too little", total)
	}
}
