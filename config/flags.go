package config

import (
	"slices"
	"strings"

	"github.com/spf13/pflag"
)

// Names of groups of settings that commands give flags to.
const (
	OfConnection = "nats"
	OfLogging    = "logging"
	OfAcceptor   = "acceptor"
	OfProposer   = "proposer"
	OfLearner    = "learner"
	OfLog        = "log"
	// OfRoles are those of all three roles, for a command that runs several: an id's flag is there
	// named after its role.
	OfRoles = "roles"
)

// AddFlags adds the flags of a group of settings: all below "nats", or the one called "log".
func AddFlags(flags *pflag.FlagSet, group string) {
	for _, s := range settings {
		name, usage := s.flagOf(group)
		if name == "" {
			continue
		}
		flag := flags.VarPF(&flagValue{text: s.fallback, kind: s.kind}, name, s.short, usage)
		flag.Annotations = map[string][]string{keyAnnotation: {s.key}}
	}
}

// flagOf returns the name and the line of help that the setting's flag has in a group; "": it is not
// there.
func (s setting) flagOf(group string) (name, usage string) {
	section, field, _ := strings.Cut(s.key, ".")
	isOfRole := slices.Contains(roleNames, section)
	switch {
	case group == OfRoles && isOfRole && field == "id":
		return section, "run " + article(section) + " with this id"
	case group == section || (group == OfRoles && isOfRole):
		return s.flag, s.usage
	}
	return "", ""
}

// keyAnnotation marks a flag with the key of the setting that it sets: two roles each have an --id.
const keyAnnotation = "synod/key"

// flagIn returns the setting's flag, or nil where the set has none.
func (s setting) flagIn(flags *pflag.FlagSet) *pflag.Flag {
	if flags == nil {
		return nil
	}
	var found *pflag.Flag
	flags.VisitAll(func(flag *pflag.Flag) {
		if slices.Contains(flag.Annotations[keyAnnotation], s.key) {
			found = flag
		}
	})
	return found
}

// flagValue is a flag that keeps what was written: Load parses it, as it does all else.
type flagValue struct{ text, kind string }

func (v *flagValue) String() string        { return v.text }
func (v *flagValue) Set(text string) error { v.text = text; return nil }
func (v *flagValue) Type() string          { return v.kind }
