package vpptest

import (
	"reflect"
	"strings"

	"go.fd.io/govpp/api"
	"go.fd.io/govpp/binapi/l2"
)

// faults are what a fake was told to do wrong.
type faults struct {
	missing map[string]bool
	late    map[string]chan struct{}
	failAt  int                        // >0: so many changes until one is refused
	dieAt   int                        // >0: so many changes until it dies of one, which is done
	failOn  map[string]api.VPPApiError // by message name, until told otherwise
	refused int
	changes int
}

// refusal is what FailAt answers with.
const refusal = api.SYSCALL_ERROR_1

// Hang stops everything; what is sent meanwhile is handled after Resume.
func (f *Fake) Hang() {
	f.mu.Lock()
	defer f.mu.Unlock()
	select {
	case <-f.gate:
		f.gate = make(chan struct{})
	default:
	}
}

// Resume ends Hang.
func (f *Fake) Resume() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.resume()
}

func (f *Fake) resume() {
	select {
	case <-f.gate:
	default:
		close(f.gate)
	}
}

// MissCRC has the messages named in another version from the next Restart on.
// Without names all are as they should be.
func (f *Fake) MissCRC(names ...string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.faults.missing = make(map[string]bool)
	for _, n := range names {
		f.faults.missing[n] = true
	}
}

// Late holds the replies to the next message of a name back, and all that its sender
// is answered after them, until the function returned is called. The message itself
// is carried out at once.
func (f *Fake) Late(name string) (release func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.faults.late == nil {
		f.faults.late = make(map[string]chan struct{})
	}
	wait := make(chan struct{})
	f.faults.late[name] = wait
	return func() { close(wait) }
}

// FailAt refuses the k-th change from now on, counted from 1; 0: none.
func (f *Fake) FailAt(k int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.faults.failAt, f.faults.refused = k, 0
}

// DieAt has the k-th change from now on, counted from 1, carried out and not
// answered, for the fake dies of it; 0: none.
func (f *Fake) DieAt(k int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.faults.dieAt = k
}

// FailOn refuses all messages of a name with a return value; 0: no more.
func (f *Fake) FailOn(name string, value int32) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.faults.failOn == nil {
		f.faults.failOn = make(map[string]api.VPPApiError)
	}
	f.faults.failOn[name] = api.VPPApiError(value)
}

// Refused tells how many changes were refused because of FailAt and FailOn, since
// the last FailAt.
func (f *Fake) Refused() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.faults.refused
}

// Changes tells how many messages that change something have come.
func (f *Fake) Changes() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.faults.changes
}

// answer carries one message out, unless a fault is due.
func (f *Fake) answer(s *session, m api.Message) []api.Message {
	name := m.GetMessageName()
	h, ok := handlers[name]
	if !ok {
		f.t.Errorf("the fake VPP does not know what to do with %s", name)
		return refuse(name, api.UNIMPLEMENTED)
	}
	if v := f.faults.failOn[name]; v != 0 {
		f.faults.refused++
		return refuse(name, v)
	}
	if flags, ok := m.(*l2.L2Flags); !h.changes || ok && flags.FeatureBitmap == 0 {
		return h.do(s.life, s, m)
	}
	f.faults.changes++
	if f.faults.failAt > 0 {
		if f.faults.failAt--; f.faults.failAt == 0 {
			f.faults.refused++
			return refuse(name, refusal)
		}
	}
	replies := h.do(s.life, s, m)
	if f.faults.dieAt > 0 {
		if f.faults.dieAt--; f.faults.dieAt == 0 {
			f.die()
		}
	}
	return replies
}

// refuse is the reply to a message of a name, with a return value and nothing
// else.
func refuse(name string, v api.VPPApiError) []api.Message {
	m, ok := byName[name+"_reply"]
	if !ok {
		return nil
	}
	r := reflect.New(reflect.TypeOf(m).Elem())
	if f := r.Elem().FieldByName("Retval"); f.IsValid() {
		f.SetInt(int64(v))
	}
	return []api.Message{r.Interface().(api.Message)}
}

var byName = func() map[string]api.Message {
	names := make(map[string]api.Message)
	for _, m := range messages() {
		names[m.GetMessageName()] = m
	}
	return names
}()

// reads reports whether a message of a name changes nothing.
func reads(name string) bool {
	for _, part := range []string{"_dump", "_get", "get_", "show_", "want_", "_lookup", "ping", "api_versions", "fib_source_add"} {
		if strings.Contains(name, part) {
			return true
		}
	}
	return false
}
