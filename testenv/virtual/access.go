package virtual

import (
	"fmt"
	"strings"
	"testing"

	"github.com/nats-io/nats.go"

	"github.com/synod-log/synod/codec"
	"github.com/synod-log/synod/paxos"
)

// access is who may do what at the brokers.
type access interface {
	// config is what brokers are told of it.
	config() string
	// options are those that a worker connects with. A role of 0 is somebody who may do everything.
	options(role paxos.RoleKind, id string) []nats.Option
}

// open is brokers that ask nobody who he is.
type open struct{}

func (open) config() string                               { return "" }
func (open) options(paxos.RoleKind, string) []nats.Option { return nil }

// permissions are subjects that somebody may publish and subscribe.
type permissions struct{ publish, subscribe []string }

const logName = "main"

var subjects = func() *codec.Subjects {
	s, err := codec.NewSubjects("", logName)
	if err != nil {
		panic(err)
	}
	return s
}()

// permissionsOf are the least that a role needs, with one id.
func permissionsOf(role paxos.RoleKind, id string) permissions {
	self := paxos.Address{Role: role, ID: id}
	if role == paxos.RoleClient {
		return permissions{
			publish:   []string{subjects.Propose(), "synod.main.c." + id + ".propose", subjects.Read()},
			subscribe: []string{"_INBOX.>", subjects.Chosen(), subjects.OutcomeSubscription(id, "*")},
		}
	}
	p := permissions{
		publish:   []string{"synod.main." + self.String() + ".>", "_INBOX.>"},
		subscribe: append(subjects.Subscriptions(self), "$SRV.>", subjects.Status(role, id)),
	}
	if role == paxos.RoleLearner {
		p.publish = append(p.publish, subjects.Chosen())
		p.subscribe = append(p.subscribe, subjects.Read())
	}
	return p
}

// users is brokers where everybody has a user of his own, with the least permissions and his name as
// password. Who is denied may nothing.
type users struct {
	ids    []paxos.Address
	denied map[paxos.Address]bool
}

const observer = "observer"

func newUsers(_ *testing.T, everybody []paxos.Address) access {
	return &users{ids: everybody, denied: make(map[paxos.Address]bool)}
}

func (u *users) config() string {
	var text strings.Builder
	text.WriteString("authorization { users = [\n")
	fmt.Fprintf(&text, "{user: %s, password: %s}\n", observer, observer)
	for _, self := range u.ids {
		p := permissionsOf(self.Role, self.ID)
		if u.denied[self] {
			p = permissions{publish: []string{"nothing"}, subscribe: []string{"nothing"}}
		}
		fmt.Fprintf(&text, "{user: %q, password: %q, permissions: {publish: [%s], subscribe: [%s]}}\n",
			self, self, quoted(p.publish), quoted(p.subscribe))
	}
	text.WriteString("] }\n")
	return text.String()
}

func (u *users) options(role paxos.RoleKind, id string) []nats.Option {
	if role == "" {
		return []nats.Option{nats.UserInfo(observer, observer)}
	}
	name := paxos.Address{Role: role, ID: id}.String()
	return []nats.Option{nats.UserInfo(name, name)}
}

func quoted(subjects []string) string {
	all := make([]string, len(subjects))
	for i, subject := range subjects {
		all[i] = fmt.Sprintf("%q", subject)
	}
	return strings.Join(all, ", ")
}
