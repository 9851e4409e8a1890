package config

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"

	"github.com/synod-log/synod/paxos"
)

// Role is one of the roles that a process runs.
type Role struct {
	Name     string // "acceptor", "proposer" or "learner"
	Settings Config // as they are for this role; its Roles are nil

	place string // in the file; "": it is not listed there
}

// Kind is which role it is.
func (r Role) Kind() paxos.RoleKind { return roleKinds[r.Name] }

// ID is the role's id.
func (r Role) ID() string {
	switch r.Kind() {
	case paxos.RoleAcceptor:
		return r.Settings.Acceptor.ID
	case paxos.RoleProposer:
		return r.Settings.Proposer.ID
	}
	return r.Settings.Learner.ID
}

// String is "acceptor a1 of log main".
func (r Role) String() string { return r.Name + " " + r.ID() + " of log " + r.Settings.Log }

// rolesField is the list of roles in a file.
const rolesField = "roles"

// roleKinds are the roles, by the sections that hold their settings, which are also the fields that name
// one in the list.
var roleKinds = map[string]paxos.RoleKind{
	"acceptor": paxos.RoleAcceptor, "proposer": paxos.RoleProposer, "learner": paxos.RoleLearner,
}

// roleNames are the keys of roleKinds, in the order that people are told of them.
var roleNames = []string{"acceptor", "proposer", "learner"}

// rolesOf returns the roles that these settings name: those listed, or else each that has an id. A flag or
// a variable wins over what an item says, as it does over the rest of the file.
func rolesOf(config Config, source Source, written file) (roles []Role, problems []error) {
	for _, name := range roleNames {
		role := Role{Name: name, Settings: config}
		switch {
		case role.ID() == "":
		case !written.listsRoles:
			roles = append(roles, role)
		default:
			problems = append(problems, fmt.Errorf("%s: %s %s is named beside the file's list of roles: "+
				"name all of them there, or none", originOf(settingOf(name+".id"), source, written),
				name, role.ID()))
		}
	}
	for _, item := range written.roles {
		role := Role{Name: item.name, Settings: config, place: item.place}
		problems = append(problems, item.apply(source, &role.Settings)...)
		roles = append(roles, role)
	}
	return roles, problems
}

// apply sets what an item says, unless a flag or a variable says otherwise.
func (w writtenRole) apply(source Source, config *Config) (problems []error) {
	for _, s := range settings {
		value, isWritten := w.values[s.key]
		if !isWritten || originOutside(s, source) != "" {
			continue
		}
		if err := s.parse(value, config); err != nil {
			problems = append(problems, fmt.Errorf("%s: %w", w.places[s.key], err))
		}
	}
	return problems
}

func settingOf(key string) setting {
	return settings[slices.IndexFunc(settings, func(s setting) bool { return s.key == key })]
}

// ForRoles checks what a process of several roles needs.
func ForRoles(c Config) []error {
	if len(c.Roles) == 0 && !c.listsRoles {
		return []error{errors.New("no role to run: list them under roles in the file, or name them with " +
			"--acceptor, --proposer and --learner")}
	}
	var problems []error
	for i, role := range c.Roles {
		faults := role.check()
		if log := role.Settings.Log; log != c.Log {
			faults = append(faults, checkToken("log name", log))
		}
		for _, other := range c.Roles[:i] {
			faults = append(faults, role.checkBeside(other))
		}
		for _, fault := range compact(faults) {
			problems = append(problems, role.placed(fault))
		}
	}
	return problems
}

// check finds what is wrong with a role by itself.
func (r Role) check() []error {
	switch r.Kind() {
	case paxos.RoleAcceptor:
		return ForAcceptor(r.Settings)
	case paxos.RoleProposer:
		return ForProposer(r.Settings)
	}
	return ForLearner(r.Settings)
}

// checkBeside finds what keeps two roles from running together.
func (r Role) checkBeside(other Role) error {
	if r.String() == other.String() {
		return fmt.Errorf("%s is listed twice", r)
	}
	data := r.Settings.Acceptor.Data
	if data != "" && r.Kind() == paxos.RoleAcceptor && other.Kind() == paxos.RoleAcceptor &&
		filepath.Clean(data) == filepath.Clean(other.Settings.Acceptor.Data) {
		return fmt.Errorf("%s and %s have one directory, %s: give each its own", other, r, data)
	}
	return nil
}

// placed says where a role is written, of an error about it.
func (r Role) placed(err error) error {
	if r.place == "" {
		return err
	}
	return fmt.Errorf("%s: %w", r.place, err)
}
