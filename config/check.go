package config

import (
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/synod-log/synod/paxos"
)

// tokenPattern is what the name of a log, a worker or the prefix looks like: each is a token of subjects.
var tokenPattern = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]{0,31}$`)

// check finds what is wrong whatever the command.
func (c Config) check() []error {
	problems := []error{checkToken("log name", c.Log), checkToken("prefix", c.Prefix)}
	if (c.NATS.TLSCert == "") != (c.NATS.TLSKey == "") {
		problems = append(problems, errors.New("tlscert and tlskey belong together: give both or none"))
	}
	if c.NATS.Password != "" && c.NATS.User == "" {
		problems = append(problems, errors.New("a NATS password without a user: give --user too"))
	}
	return compact(append(problems, c.Timing.check()))
}

// check refuses timings with which no proposer could lead for long.
func (t Timing) check() error {
	ticks, standard := t.Ticks(1), paxos.DefaultTiming()
	const defaultTick = 10e6 // ns, of DefaultTiming
	orDefault := func(given, ticks int) int { return cmp.Or(given, ticks*defaultTick) }
	heartbeat := orDefault(ticks.Heartbeat, standard.Heartbeat)
	least := orDefault(ticks.LeastPatience, standard.LeastPatience)
	patience := orDefault(ticks.Patience, standard.Patience)
	if 2*heartbeat <= least && least <= patience {
		return nil
	}
	return errors.New("timing: twice the heartbeat must fit into least_patience, and least_patience " +
		"into patience, else standbys disturb a working leader")
}

// ForAcceptor checks what an acceptor needs.
func ForAcceptor(c Config) []error {
	a := c.Acceptor
	problems := []error{checkID("acceptor", a.ID)}
	if a.Data == "" {
		problems = append(problems, errors.New("an acceptor needs a directory for its store: --data"))
	}
	if len(a.Members) == 0 {
		return compact(append(problems, errors.New("an acceptor needs the ids of all acceptors that "+
			"found the log together: --members a1,a2,a3, the same for each")))
	}
	for i, member := range a.Members {
		problems = append(problems, checkToken("member", member))
		if slices.Contains(a.Members[:i], member) {
			problems = append(problems, fmt.Errorf("member %s is given twice", member))
		}
	}
	if a.ID != "" && !slices.Contains(a.Members, a.ID) {
		problems = append(problems, fmt.Errorf("acceptor %s is not among the members %s: give its own "+
			"id too, and each acceptor the same list", a.ID, strings.Join(a.Members, ", ")))
	}
	if len(a.Members) > paxos.MaxMembers {
		problems = append(problems, fmt.Errorf("%d members, and a log has at most %d",
			len(a.Members), paxos.MaxMembers))
	}
	return compact(problems)
}

// ForProposer checks what a proposer needs.
func ForProposer(c Config) []error { return compact([]error{checkID("proposer", c.Proposer.ID)}) }

// ForLearner checks what a learner needs.
func ForLearner(c Config) []error { return compact([]error{checkID("learner", c.Learner.ID)}) }

func checkID(role, id string) error {
	if id == "" {
		return fmt.Errorf("%s needs an id that no other %s of the log has: --id", article(role), role)
	}
	return checkToken(role+" id", id)
}

func article(noun string) string {
	if strings.HasPrefix(noun, "a") {
		return "an " + noun
	}
	return "a " + noun
}

func checkToken(what, token string) error {
	if tokenPattern.MatchString(token) {
		return nil
	}
	return fmt.Errorf("%s %q is not 1 to 32 letters, digits, _ or -, beginning with a letter or digit",
		what, token)
}

// compact leaves the nil errors out.
func compact(problems []error) []error {
	return slices.DeleteFunc(problems, func(err error) bool { return err == nil })
}
