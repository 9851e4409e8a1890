package virtual

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/jwt/v2"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nkeys"

	"github.com/synod-log/synod/paxos"
)

// credentials is brokers of an operator, where everybody shows a user JWT that soon expires and asks the
// issuer for another whenever he connects.
type credentials struct {
	t        *testing.T
	lifetime time.Duration
	text     string // of the brokers' configuration
	account  nkeys.KeyPair

	mutex sync.Mutex
	keys  map[paxos.Address]nkeys.KeyPair
	stale map[paxos.Address]string // who gets no fresh JWT, and the one that he has
	given map[paxos.Address]string // the last JWT
}

func newCredentials(t *testing.T, lifetime time.Duration) *credentials {
	c := &credentials{
		t: t, lifetime: lifetime, keys: make(map[paxos.Address]nkeys.KeyPair),
		stale: make(map[paxos.Address]string), given: make(map[paxos.Address]string),
	}
	operator := must(nkeys.CreateOperator())
	c.account = must(nkeys.CreateAccount())
	accountKey := must(c.account.PublicKey())
	operatorJWT := must(jwt.NewOperatorClaims(must(operator.PublicKey())).Encode(operator))
	accountJWT := must(jwt.NewAccountClaims(accountKey).Encode(operator))
	c.text = fmt.Sprintf("operator: %s\nresolver: MEMORY\nresolver_preload: { %s: %s }\n",
		operatorJWT, accountKey, accountJWT)
	return c
}

// must is for making keys, which fails where there is no randomness.
func must[T any](made T, err error) T {
	if err != nil {
		panic(err)
	}
	return made
}

func (c *credentials) config() string { return c.text }

func (c *credentials) options(role paxos.RoleKind, id string) []nats.Option {
	self := paxos.Address{Role: role, ID: id}
	return []nats.Option{nats.UserJWT(
		func() (string, error) { return c.jwt(self), nil },
		func(nonce []byte) ([]byte, error) { return c.key(self).Sign(nonce) },
	)}
}

func (c *credentials) key(self paxos.Address) nkeys.KeyPair {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if c.keys[self] == nil {
		c.keys[self] = must(nkeys.CreateUser())
	}
	return c.keys[self]
}

// jwt is a fresh one, or where the issuer does not know him any more, the last.
func (c *credentials) jwt(self paxos.Address) string {
	key := must(c.key(self).PublicKey())
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if old, isStale := c.stale[self]; isStale {
		return old
	}
	claims := jwt.NewUserClaims(key)
	claims.Name = self.String()
	if self.Role != "" { // an observer's does not expire
		claims.Expires = time.Now().Add(c.lifetime).Unix()
		p := permissionsOf(self.Role, self.ID)
		claims.Pub.Allow.Add(p.publish...)
		claims.Sub.Allow.Add(p.subscribe...)
	}
	c.given[self] = must(claims.Encode(c.account))
	return c.given[self]
}

// refuse says whether somebody gets no fresh JWT.
func (c *credentials) refuse(self paxos.Address, isRefused bool) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	delete(c.stale, self)
	if isRefused {
		c.stale[self] = c.given[self]
	}
}
