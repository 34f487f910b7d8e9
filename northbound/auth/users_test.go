package auth

import (
	"crypto/ed25519"
	"crypto/rand"
	"strings"
	"testing"

	"golang.org/x/crypto/bcrypt"
	"golang.org/x/crypto/ssh"
)

func hashOf(t *testing.T, password string) string {
	t.Helper()
	h, err := bcrypt.GenerateFromPassword([]byte(password), bcrypt.MinCost)
	if err != nil {
		t.Fatal(err)
	}
	return string(h)
}

func newKey(t *testing.T) ssh.PublicKey {
	t.Helper()
	pub, _, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	key, err := ssh.NewPublicKey(pub)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func TestUsers(t *testing.T) {
	key, other := newKey(t), newKey(t)
	u, err := NewUsers([]User{
		{Name: "admin", PasswordHash: hashOf(t, "secret"), SSHKeys: []string{string(ssh.MarshalAuthorizedKey(key))}},
		{Name: "keyless", PasswordHash: hashOf(t, "")},
		{Name: "locked"},
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		user, password string
		want           bool
	}{
		{"admin", "secret", true},
		{"admin", "secret", true}, // now remembered
		{"admin", "Secret", false},
		{"admin", "", false},
		{"keyless", "", true},
		{"locked", "", false},
		{"locked", "secret", false},
		{"nobody", "secret", false},
		{"", "", false},
	} {
		if got := u.Password(c.user, c.password); got != c.want {
			t.Errorf("Password(%q, %q) = %v", c.user, c.password, got)
		}
	}
	if !u.PublicKey("admin", key) || u.PublicKey("admin", other) || u.PublicKey("keyless", key) || u.PublicKey("nobody", key) {
		t.Error("PublicKey accepts what is not in ssh-keys, or refuses what is")
	}
}

func TestNewUsersRefuses(t *testing.T) {
	for _, c := range []struct {
		users []User
		want  string
	}{
		{[]User{{}}, "users: one has no name"},
		{[]User{{Name: "a"}, {Name: "a"}}, `users: there are two called "a"`},
		{[]User{{Name: "a", PasswordHash: "secret"}}, "not a bcrypt hash"},
		{[]User{{Name: "a", SSHKeys: []string{"ssh-rsa"}}}, "users: a: ssh-keys: number 1"},
	} {
		if _, err := NewUsers(c.users); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("NewUsers(%v) = %v, want an error with %q", c.users, err, c.want)
		}
	}
}

func BenchmarkPasswordAgain(b *testing.B) {
	h, err := Hash("secret")
	if err != nil {
		b.Fatal(err)
	}
	u, err := NewUsers([]User{{Name: "admin", PasswordHash: h}})
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if !u.Password("admin", "secret") {
			b.Fatal("refused")
		}
	}
}
