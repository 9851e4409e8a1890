package config

import (
	"os"
	"strings"
	"time"

	"github.com/synod-log/synod/paxos"
)

// setting is one leaf of the configuration.
type setting struct {
	key       string // in the file; its variable is SYNOD_ and this in capitals
	flag      string // "": it has none
	short     string // the flag's one letter
	variables []string
	fallback  string                   // the default, as one would write it
	kind      string                   // what stands for the value in help
	usage     string                   // a flag's line of help
	parse     func(any, *Config) error // the value is a string, or a list of them
}

var settings = []setting{
	{key: "log", flag: "log", fallback: "main", kind: "name", usage: "name of the log",
		parse: text(func(c *Config) *string { return &c.Log })},
	{key: "prefix", fallback: "synod",
		parse: text(func(c *Config) *string { return &c.Prefix })},

	{key: "nats.url", flag: "server", short: "s", variables: []string{"NATS_URL"},
		fallback: "nats://127.0.0.1:4222", kind: "URL",
		usage: "NATS to connect to; several separated by commas",
		parse: text(func(c *Config) *string { return &c.NATS.URL })},
	{key: "nats.creds", flag: "creds", variables: []string{"NATS_CREDS"}, kind: "file",
		usage: "credentials file of the NATS user",
		parse: text(func(c *Config) *string { return &c.NATS.Creds })},
	{key: "nats.user", flag: "user", variables: []string{"NATS_USER"}, kind: "name",
		usage: "NATS user, or token where no password is given",
		parse: text(func(c *Config) *string { return &c.NATS.User })},
	{key: "nats.password", flag: "password", variables: []string{"NATS_PASSWORD"}, kind: "text",
		usage: "password of the NATS user (safer in SYNOD_NATS_PASSWORD: others see flags)",
		parse: text(func(c *Config) *string { return &c.NATS.Password })},
	{key: "nats.tlsca", flag: "tlsca", variables: []string{"NATS_CA"}, kind: "file",
		usage: "authorities that the broker's certificate is checked against",
		parse: text(func(c *Config) *string { return &c.NATS.TLSCA })},
	{key: "nats.tlscert", flag: "tlscert", variables: []string{"NATS_CERT"}, kind: "file",
		usage: "client certificate",
		parse: text(func(c *Config) *string { return &c.NATS.TLSCert })},
	{key: "nats.tlskey", flag: "tlskey", variables: []string{"NATS_KEY"}, kind: "file",
		usage: "key of the client certificate",
		parse: text(func(c *Config) *string { return &c.NATS.TLSKey })},
	{key: "nats.timeout", flag: "timeout", variables: []string{"NATS_TIMEOUT"}, fallback: "5s",
		kind: "duration", usage: "how long to wait for NATS and for an answer",
		parse: duration(func(c *Config) *time.Duration { return &c.NATS.Timeout })},

	{key: "acceptor.id", flag: "id", kind: "id", usage: "id of this acceptor",
		parse: text(func(c *Config) *string { return &c.Acceptor.ID })},
	{key: "acceptor.members", flag: "members", kind: "ids",
		usage: "ids of the acceptors that found the log together, this one's among them",
		parse: list(func(c *Config) *[]string { return &c.Acceptor.Members })},
	{key: "acceptor.data", flag: "data", kind: "directory",
		usage: "directory of this acceptor's store, made where it is missing",
		parse: text(func(c *Config) *string { return &c.Acceptor.Data })},
	{key: "proposer.id", flag: "id", kind: "id", usage: "id of this proposer",
		parse: text(func(c *Config) *string { return &c.Proposer.ID })},
	{key: "learner.id", flag: "id", kind: "id", usage: "id of this learner",
		parse: text(func(c *Config) *string { return &c.Learner.ID })},
	{key: "learner.from", flag: "from", fallback: "1", kind: "slot", usage: "first slot to learn",
		parse: slot(func(c *Config) *paxos.Slot { return &c.Learner.From })},

	{key: "logging.format", flag: "log-format", fallback: "text", kind: "text|json",
		usage: "how to write what this process tells on stderr",
		parse: oneOf(func(c *Config) *string { return &c.Logging.Format }, "text", "json")},
	{key: "logging.level", flag: "log-level", kind: "level",
		usage: "least that is told on stderr: debug, info, warn or error (default: the command's own)",
		parse: oneOf(func(c *Config) *string { return &c.Logging.Level },
			"debug", "info", "warn", "error")},

	{key: "timing.hello", parse: duration(func(c *Config) *time.Duration { return &c.Timing.Hello })},
	{key: "timing.heartbeat",
		parse: duration(func(c *Config) *time.Duration { return &c.Timing.Heartbeat })},
	{key: "timing.least_patience",
		parse: duration(func(c *Config) *time.Duration { return &c.Timing.LeastPatience })},
	{key: "timing.patience",
		parse: duration(func(c *Config) *time.Duration { return &c.Timing.Patience })},
	{key: "timing.leader_pause",
		parse: duration(func(c *Config) *time.Duration { return &c.Timing.LeaderPause })},
	{key: "timing.resend",
		parse: duration(func(c *Config) *time.Duration { return &c.Timing.Resend })},
	{key: "timing.pull", parse: duration(func(c *Config) *time.Duration { return &c.Timing.Pull })},
	{key: "timing.listen",
		parse: duration(func(c *Config) *time.Duration { return &c.Timing.Listen })},
	{key: "timing.absent",
		parse: duration(func(c *Config) *time.Duration { return &c.Timing.Absent })},
	{key: "timing.answer",
		parse: duration(func(c *Config) *time.Duration { return &c.Timing.Answer })},
	{key: "timing.wait", parse: duration(func(c *Config) *time.Duration { return &c.Timing.Wait })},
	{key: "timing.hold", parse: duration(func(c *Config) *time.Duration { return &c.Timing.Hold })},

	{key: "limits.tail", parse: size(func(c *Config) *int { return &c.Limits.Tail })},
	{key: "limits.page", parse: size(func(c *Config) *int { return &c.Limits.Page })},
	{key: "limits.run", parse: size(func(c *Config) *int { return &c.Limits.Run })},
	{key: "limits.runs", parse: count(func(c *Config) *int { return &c.Limits.Runs })},
	{key: "limits.flight", parse: size(func(c *Config) *int { return &c.Limits.Flight })},
	{key: "limits.held", parse: size(func(c *Config) *int { return &c.Limits.Held })},
}

// variable is the setting's own variable: SYNOD_NATS_URL for nats.url.
func (s setting) variable() string {
	return variablePrefix + strings.ToUpper(strings.ReplaceAll(s.key, ".", "_"))
}

// originOf says where a setting's value was written. It follows the same order as merge.
func originOf(s setting, source Source, written file) string {
	if outside := originOutside(s, source); outside != "" {
		return outside
	}
	if place, ok := written.places[s.key]; ok {
		return place
	}
	return "the default of " + s.key
}

// originOutside names the flag or variable that sets a setting, and wins over the file; "": none does.
func originOutside(s setting, source Source) string {
	if flag := s.flagIn(source.Flags); flag != nil && flag.Changed {
		return "--" + flag.Name
	}
	for _, name := range append([]string{s.variable()}, s.variables...) {
		if os.Getenv(name) != "" {
			return name
		}
	}
	return ""
}
