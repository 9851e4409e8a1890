// Package config reads every setting of Synod, checks it strictly, and gives out one struct.
//
// A setting comes from, the first that has it: a flag, its SYNOD_… variable, the variable that other
// NATS tools know it by, the configuration file, its default. All settings stand in one table (see
// settings.go), which names each one's key in the file, its flag and its variables.
//
// What is written wrong is an error that says where, and all errors are told at once: an unknown key
// or variable, a duration without a unit, a fraction where a whole number belongs, an id that cannot
// be a token of a subject.
//
// A process that runs several roles runs those that have an id (acceptor.id, proposer.id, learner.id), or,
// where there are several of a kind, those that the file lists:
//
//	roles:
//	  - acceptor: a1
//	    members: [a1, a2, a3]
//	    data: ./a1
//	  - proposer: p1
//	  - learner: l1
//	    log: orders
//
// What an item does not say is as the rest of the file has it.
package config

import (
	"errors"
	"fmt"
	"time"

	"github.com/spf13/pflag"
	"github.com/spf13/viper"

	"github.com/synod-log/synod/paxos"
)

// Config is every setting. It is never changed once Load has returned it.
type Config struct {
	NATS     NATS
	Log      string // name of the log
	Prefix   string // first token of all subjects
	Acceptor Acceptor
	Proposer Proposer
	Learner  Learner
	Logging  Logging
	Timing   Timing
	Limits   paxos.Limits
	Roles    []Role // what a process that runs several runs

	listsRoles bool // the file has a list of them, right or wrong
}

// NATS says how to reach the brokers, and as whom.
type NATS struct {
	URL      string // one or more, separated by commas
	Creds    string // file
	User     string
	Password string
	TLSCA    string // file
	TLSCert  string // file
	TLSKey   string // file
	Timeout  time.Duration
}

// Acceptor is what an acceptor alone needs.
type Acceptor struct {
	ID      string
	Members []string // the ids of the acceptors that found the log together
	Data    string   // directory
}

// Proposer is what a proposer alone needs.
type Proposer struct{ ID string }

// Learner is what a learner alone needs.
type Learner struct {
	ID   string
	From paxos.Slot // the first slot to learn
}

// Logging says what workers tell people, on stderr.
type Logging struct {
	Format string // "text" or "json"
	Level  string // "debug", "info", "warn" or "error"; "": as the command would have it
}

// Source is where settings come from, beside the environment and the defaults.
type Source struct {
	File  string         // "": none
	Flags *pflag.FlagSet // those that AddFlags added count; nil: none
}

// Check is what one command asks of the settings beyond what all do.
type Check func(Config) []error

// Load reads all settings and checks them. Its error joins every problem found.
func Load(source Source, checks ...Check) (Config, error) {
	written, problems := readFile(source.File)
	problems = append(problems, checkEnvironment()...)
	values, err := merge(source.Flags, written)
	if err != nil {
		return Config{}, errors.Join(append(problems, err)...)
	}
	var config Config
	for _, s := range settings {
		if err := s.parse(values.Get(s.key), &config); err != nil {
			problems = append(problems, fmt.Errorf("%s: %w", originOf(s, source, written), err))
		}
	}
	roles, faults := rolesOf(config, source, written)
	config.Roles, config.listsRoles = roles, written.listsRoles
	problems = append(append(problems, faults...), config.check()...)
	for _, check := range checks {
		problems = append(problems, check(config)...)
	}
	if len(problems) > 0 {
		return Config{}, errors.Join(problems...)
	}
	return config, nil
}

// merge has viper choose where each setting comes from. It is handed text alone, and decides nothing
// else: it would read 2.9 as 2, 0123 as 83, and two nanoseconds out of "timeout: 2".
func merge(flags *pflag.FlagSet, written file) (*viper.Viper, error) {
	values := viper.New()
	for _, s := range settings {
		values.SetDefault(s.key, s.fallback)
		names := append([]string{s.key, s.variable()}, s.variables...)
		if err := values.BindEnv(names...); err != nil {
			return nil, err
		}
		if flag := s.flagIn(flags); flag != nil {
			if err := values.BindPFlag(s.key, flag); err != nil {
				return nil, err
			}
		}
	}
	return values, values.MergeConfigMap(written.tree)
}
