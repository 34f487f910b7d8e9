// Package auth answers one question for every protocol: who is this?
//
//	Users         names, password hashes, SSH keys; what NETCONF asks directly
//	Certificates  the server's certificate and the client CA, reread when they change
//	Tap           refuses a gRPC call before its first message is read
//	Unary, Stream gRPC interceptors: metadata or client certificate → Identity in the context
//
// It decides who somebody is, never what they may do.
package auth

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"fmt"
	"runtime"
	"sync"

	"golang.org/x/crypto/bcrypt"
	"golang.org/x/crypto/ssh"
)

// Identity is who a client has proved to be.
type Identity struct{ User string }

// User is one account. A user without a hash has no password, one without keys
// cannot use a key; a client certificate whose subject's common name is Name
// stands for the user wherever a client CA is configured.
type User struct {
	Name         string   `yaml:"name"`
	PasswordHash string   `yaml:"password-hash"` // bcrypt, as made by outrigger hash-password, htpasswd -B or mkpasswd -m bcrypt
	SSHKeys      []string `yaml:"ssh-keys"`      // lines as in authorized_keys(5)
}

// Users is the set of accounts. It is safe for concurrent use.
type Users struct {
	byName map[string]account
	// absent is a hash of nothing anyone knows: an unknown user costs the same
	// time as a known one with a wrong password, so that names cannot be probed.
	absent []byte
	// trials has a place for each password that is being tried: bcrypt is
	// expensive on purpose, and who guesses shall not get all of the processor.
	trials chan struct{}

	// verified remembers proofs of passwords that were found right, so that a
	// client which sends its password with each call pays for bcrypt once. It
	// holds MACs under a key that lives as long as the process, never passwords.
	mu       sync.Mutex
	macKey   []byte
	verified map[[sha256.Size]byte]struct{}
}

type account struct {
	hash []byte
	keys map[string]struct{} // in wire form
}

// maxVerified bounds the memory of Users: a right password takes one place, so
// only changed passwords and many users fill it.
const maxVerified = 1024

// NewUsers makes the set of accounts, or says which account is wrong and why.
func NewUsers(users []User) (*Users, error) {
	u := &Users{byName: make(map[string]account, len(users)), macKey: make([]byte, 32), trials: make(chan struct{}, max(1, runtime.GOMAXPROCS(0)/2)), verified: map[[sha256.Size]byte]struct{}{}}
	if _, err := rand.Read(u.macKey); err != nil {
		return nil, err
	}
	cost := bcrypt.MinCost
	for _, user := range users {
		if user.Name == "" {
			return nil, fmt.Errorf("users: one has no name")
		}
		if _, twice := u.byName[user.Name]; twice {
			return nil, fmt.Errorf("users: there are two called %q", user.Name)
		}
		a := account{keys: map[string]struct{}{}}
		if user.PasswordHash != "" {
			c, err := bcrypt.Cost([]byte(user.PasswordHash))
			if err != nil {
				return nil, fmt.Errorf("users: %s: password-hash is not a bcrypt hash ($2a$…, as `outrigger hash-password` makes it): %w", user.Name, err)
			}
			a.hash, cost = []byte(user.PasswordHash), max(cost, c)
		}
		for j, line := range user.SSHKeys {
			key, _, _, _, err := ssh.ParseAuthorizedKey([]byte(line))
			if err != nil {
				return nil, fmt.Errorf("users: %s: ssh-keys: number %d is not a line of authorized_keys: %w", user.Name, j+1, err)
			}
			a.keys[string(key.Marshal())] = struct{}{}
		}
		u.byName[user.Name] = a
	}
	secret := make([]byte, 16)
	if _, err := rand.Read(secret); err != nil {
		return nil, err
	}
	var err error
	u.absent, err = bcrypt.GenerateFromPassword(secret, cost)
	return u, err
}

// Hash makes the PasswordHash of a password.
func Hash(password string) (string, error) {
	h, err := bcrypt.GenerateFromPassword([]byte(password), bcrypt.DefaultCost)
	return string(h), err
}

// Password reports whether password is the user's.
func (u *Users) Password(user, password string) bool {
	a := u.byName[user]
	proof := u.proof(a.hash, user, password)
	u.mu.Lock()
	_, known := u.verified[proof]
	u.mu.Unlock()
	if known {
		return true
	}
	hash := a.hash
	if hash == nil {
		hash = u.absent
	}
	u.trials <- struct{}{}
	wrong := bcrypt.CompareHashAndPassword(hash, []byte(password)) != nil
	<-u.trials
	if wrong || a.hash == nil {
		return false
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	if len(u.verified) >= maxVerified {
		clear(u.verified)
	}
	u.verified[proof] = struct{}{}
	return true
}

func (u *Users) proof(hash []byte, user, password string) (sum [sha256.Size]byte) {
	m := hmac.New(sha256.New, u.macKey)
	fmt.Fprintf(m, "%d %s%d %s%s", len(hash), hash, len(user), user, password)
	m.Sum(sum[:0])
	return sum
}

// PublicKey reports whether key is one of the user's. That the client holds the
// private key is for the SSH handshake to prove.
func (u *Users) PublicKey(user string, key ssh.PublicKey) bool {
	_, ok := u.byName[user].keys[string(key.Marshal())]
	return ok
}

// Certificate returns the user that a verified client certificate stands for:
// the subject's common name, if there is such a user.
func (u *Users) Certificate(cert *x509.Certificate) (user string, ok bool) {
	_, ok = u.byName[cert.Subject.CommonName]
	return cert.Subject.CommonName, ok
}
