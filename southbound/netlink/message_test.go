package netlink_test

import (
	"bytes"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/outrigger-cnf/outrigger/agent/fault"
	"github.com/outrigger-cnf/outrigger/southbound"
	"github.com/outrigger-cnf/outrigger/southbound/conformance"
	"github.com/outrigger-cnf/outrigger/southbound/object"
)

// What the kernel says of a value that it does not take is said once.
func TestRefusedSetting(t *testing.T) {
	w := newWorld(t)
	b := bench(t, w)
	err := b.Apply(conformance.Setting(object.ProtocolMTU, object.IPv6, "p", 100))
	if !errors.Is(err, southbound.ErrInvalid) {
		t.Fatalf("got %v, want the kernel's refusal", err)
	}
	if n := strings.Count(err.Error(), unix.EINVAL.Error()); n != 1 {
		t.Errorf("%q says %d times what is wrong", err, n)
	}
	if !strings.Contains(err.Error(), "/proc/sys/net/ipv6/conf/p/mtu") {
		t.Errorf("%q does not name the file", err)
	}
}

// Of several attributes of a new link, the one that the kernel refuses is named.
func TestRefusedAttribute(t *testing.T) {
	w := newWorld(t)
	b := bench(t, w)
	before := b.State()
	err := b.Apply(conformance.Created(object.Link{Name: "br0", Kind: object.Bridge, STP: true, AgeingTime: 60, ForwardDelay: 5000}, object.STP, object.AgeingTime, object.ForwardDelay))
	if err == nil {
		t.Fatal("the kernel took it")
	}
	f := fault.All(err)[0]
	if f.Path.Last().Name != string(object.ForwardDelay) || !strings.Contains(err.Error(), string(object.ForwardDelay)+":") {
		t.Errorf("%s: %v: the attribute is not named", f.Path, err)
	}
	if after := b.State(); after != before {
		t.Errorf("refused, and yet something has changed:\n%s\n%s", before, after)
	}
}

// lines is a log that a test reads while it is written.
type lines struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (l *lines) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(b)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.String()
}

// The log of mending says what was mended.
func TestMendingIsLogged(t *testing.T) {
	w := newWorld(t)
	var log lines
	mtu := conformance.Link(object.Link{Name: "p", MTU: 1400}, object.MTU)
	b := conformance.NewBench(t, w, southbound.Config{Log: slog.New(slog.NewTextHandler(&log, nil))}, mtu)
	b.Observe()
	w.ip(t, "link set p mtu 1300")
	b.Eventually("it is mended", func() bool { return b.Has(mtu) && strings.Contains(log.String(), "mending") })
	if text := log.String(); !strings.Contains(text, "mtu 1300 -> 1400") {
		t.Errorf("the log does not say what was mended:\n%s", text)
	}
}
