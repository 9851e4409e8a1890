package virtual

import (
	"testing"
	"time"

	"github.com/synod-log/synod/link"
	"github.com/synod-log/synod/paxos"
)

func ofLifetime(lifetime time.Duration) func(*testing.T, []paxos.Address) access {
	return func(t *testing.T, _ []paxos.Address) access { return newCredentials(t, lifetime) }
}

// TestCredentialsThatExpireAreRenewed has everybody be thrown out every ten seconds.
func TestCredentialsThatExpireAreRenewed(t *testing.T) {
	Run(t, func(t *testing.T) {
		c := Start(t, Options{Seed: 10, Access: ofLifetime(10 * time.Second)})
		defer c.End()
		dials := c.worker("a1").line.Dials()
		time.Sleep(time.Duration(minutes(3, 30)) * time.Minute)
		if now := c.worker("a1").line.Dials(); now < dials+10 {
			t.Errorf("an acceptor connected %d times: its credentials did not expire", now-dials)
		}
		c.Judge()
	})
}

// TestAWorkerWithoutFreshCredentialsSaysSoAndKeepsTrying has the issuer refuse each worker in turn. It must
// not end, and comes back as soon as it is issued others.
func TestAWorkerWithoutFreshCredentialsSaysSoAndKeepsTrying(t *testing.T) {
	Run(t, func(t *testing.T) {
		c := Start(t, Options{Seed: 11, Access: ofLifetime(10 * time.Second)})
		defer c.End()
		issuer := c.access.(*credentials)
		for range minutes(1, 10) {
			for _, id := range []string{"a1", "p1", "p2", "l1"} {
				self := c.worker(id).self
				words := "role=" + link.RoleName(self.Role) + " id=" + id + " servers=nats://127.0.0.1:0 error="
				c.said.listen(words)
				acknowledged := c.load.history.Acknowledged()
				issuer.refuse(self, true)
				time.Sleep(40 * time.Second)
				if c.said.said(words) == 0 {
					t.Errorf("%s was refused, and does not say so", id)
				}
				if c.load.history.Acknowledged() == acknowledged {
					t.Errorf("nothing was acknowledged while %s was refused", id)
				}
				issuer.refuse(self, false)
				time.Sleep(10 * time.Second)
				if s := c.status(self); s.err != nil {
					t.Errorf("%s is not back: %v", id, s.err)
				}
			}
		}
		c.Judge(noAccess)
	})
}
