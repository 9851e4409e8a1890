package config

import (
	"fmt"
	"testing"

	"github.com/spf13/pflag"
)

func TestAFileListsTheRolesOfAProcess(t *testing.T) {
	clearEnvironment(t)
	got := load(t, Source{File: write(t, `
log: main
acceptor: {members: [a1, a2, a3]}
learner: {from: 5}
roles:
  - acceptor: a1
    data: ./a1
  - acceptor: a1
    log: orders
    members: [a1]
    data: ./orders
  - proposer: p1
  - {learner: l1, from: 7}
  - {learner: l2}
`)}, ForRoles)
	requireRoles(t, got,
		"acceptor a1 of log main: [a1 a2 a3] ./a1",
		"acceptor a1 of log orders: [a1] ./orders",
		"proposer p1 of log main",
		"learner l1 of log main: from 7",
		"learner l2 of log main: from 5")
}

func TestSectionsWithAnIDAreRoles(t *testing.T) {
	clearEnvironment(t)
	source := Source{File: write(t, `
acceptor: {id: a1, members: [a1, a2, a3], data: ./a1}
learner: {from: 3}
proposer: {id: p1}
`)}
	requireRoles(t, load(t, source, ForRoles),
		"acceptor a1 of log main: [a1 a2 a3] ./a1", "proposer p1 of log main")

	t.Setenv("SYNOD_ACCEPTOR_ID", "a2")
	t.Setenv("SYNOD_ACCEPTOR_DATA", "./a2")
	t.Setenv("SYNOD_LEARNER_ID", "l1")
	requireRoles(t, load(t, source, ForRoles),
		"acceptor a2 of log main: [a1 a2 a3] ./a2", "proposer p1 of log main",
		"learner l1 of log main: from 3")
}

func TestFlagsNameRoles(t *testing.T) {
	clearEnvironment(t)
	t.Setenv("SYNOD_PROPOSER_ID", "p7")
	flags := pflag.NewFlagSet("test", pflag.ContinueOnError)
	AddFlags(flags, OfRoles)
	parse(t, flags, "--acceptor", "a1", "--members", "a1,a2", "--data", "d", "--proposer", "p1",
		"--learner", "l1", "--from", "9")
	requireRoles(t, load(t, Source{Flags: flags}, ForRoles),
		"acceptor a1 of log main: [a1 a2] d", "proposer p1 of log main", "learner l1 of log main: from 9")
}

func TestAFlagOrAVariableWinsOverWhatAnItemSays(t *testing.T) {
	clearEnvironment(t)
	flags := pflag.NewFlagSet("test", pflag.ContinueOnError)
	AddFlags(flags, OfRoles)
	source := Source{Flags: flags, File: write(t, `
roles:
  - {acceptor: a1, members: [a1], data: ./written}
  - {learner: l1, from: 7, log: orders}
`)}
	t.Setenv("SYNOD_ACCEPTOR_DATA", "./variable")
	t.Setenv("SYNOD_LOG", "named")
	parse(t, flags, "--from", "9")
	requireRoles(t, load(t, source, ForRoles),
		"acceptor a1 of log named: [a1] ./variable", "learner l1 of log named: from 9")
}

func TestWhatIsWrittenWrongInTheListOfRolesIsSaidWithItsPlace(t *testing.T) {
	clearEnvironment(t)
	for _, test := range []struct{ name, text, want string }{
		{"no list", "roles: {proposer: p1}\n", ":1:8: roles is a list, with an item for each role"},
		{"by id", "roles:\n  p1: {}\n", ":2:3: roles is a list"},
		{"plain items", "roles: [p1]\n", ":1:9: an item of roles is a role and its id"},
		{"misspelt list", "rolls:\n  - proposer: p1\n",
			`:1:1: unknown field "rolls" in the file (did you mean "roles"?)`},
		{"misspelt role", "roles:\n  - aceptor: a1\n",
			`:2:5: an item of roles has a field named after its role: acceptor, proposer, learner ` +
				`(did you mean "acceptor"?)`},
		{"case", "roles:\n  - Learner: l1\n", `(did you mean "learner"?)`},
		{"no role", "roles:\n  - {}\n", ":2:5: an item of roles has a field named after its role"},
		{"two roles", "roles:\n  - acceptor: a1\n    proposer: p1\n",
			":3:5: an item of roles is one role: give the proposer an item of its own"},
		{"no id", "roles:\n  - learner:\n", ":2:5: a learner needs an id, as in `learner: l1`"},
		{"list of ids", "roles:\n  - learner: [l1, l2]\n", ":2:5: a learner needs an id"},
		{"unknown", "roles:\n  - acceptor: a1\n    memebrs: [a1]\n",
			`:3:5: unknown field "memebrs" in acceptor a1 (did you mean "members"?)`},
		{"of another role", "roles:\n  - proposer: p1\n    data: d\n",
			`:3:5: unknown field "data" in proposer p1`},
		{"of the process", "roles:\n  - proposer: p1\n    nats: {url: x}\n",
			`:3:5: unknown field "nats" in proposer p1`},
		{"id", "roles:\n  - proposer: p1\n    id: p2\n", `:3:5: unknown field "id" in proposer p1`},
		{"field twice", "roles:\n  - learner: l1\n    from: 1\n    from: 2\n",
			`:4:5: field "from" is given twice in learner l1`},
		{"role twice", "roles:\n  - learner: l1\n    learner: l2\n",
			`:3:5: field "learner" is given twice in learner l`},
		{"fraction", "roles:\n  - learner: l1\n    from: 2.9\n", `:3:11: "2.9" is not a whole number`},
		{"list for one", "roles:\n  - learner: l1\n    log: [a, b]\n",
			":3:10: [a b] is a list, and one value is wanted"},
		{"fields for one", "roles:\n  - learner: l1\n    from: {slot: 1}\n",
			":3:11: from of learner l1 is one value or a list, and has no fields"},
	} {
		t.Run(test.name, func(t *testing.T) {
			requireError(t, Source{File: write(t, test.text)}, test.want)
		})
	}
}

func TestRolesThatCannotRunTogetherAreRefused(t *testing.T) {
	clearEnvironment(t)
	for _, test := range []struct{ name, text, want string }{
		{"none", "log: main\n", "no role to run: list them under roles"},
		{"empty list", "roles: []\n", "no role to run"},
		{"twice", "roles:\n  - proposer: p1\n  - proposer: p1\n",
			":3:5: proposer p1 of log main is listed twice"},
		{"one directory", "acceptor: {members: [a1, a2]}\nroles:\n  - {acceptor: a1, data: ./d}\n" +
			"  - {acceptor: a2, data: d/}\n",
			":4:5: acceptor a1 of log main and acceptor a2 of log main have one directory, d/: give each its own"},
		{"both ways", "proposer: {id: p1}\nroles:\n  - proposer: p2\n",
			":1:16: proposer p1 is named beside the file's list of roles"},
		{"incomplete", "roles:\n  - acceptor: a1\n    members: [a1]\n",
			":2:5: an acceptor needs a directory"},
		{"not among the members", "roles:\n  - {acceptor: a4, members: [a1, a2, a3], data: d}\n",
			":2:5: acceptor a4 is not among the members a1, a2, a3"},
		{"bad id", "roles:\n  - proposer: p.1\n", `:2:5: proposer id "p.1" is not 1 to 32`},
		{"bad log", "roles:\n  - proposer: p1\n    log: a.b\n", `:2:5: log name "a.b" is not 1 to 32`},
		{"bad section", "acceptor: {id: a1, members: [a1]}\n", "an acceptor needs a directory"},
	} {
		t.Run(test.name, func(t *testing.T) {
			requireError(t, Source{File: write(t, test.text)}, test.want, ForRoles)
		})
	}
}

func TestAVariableThatNamesARoleBesideAListIsRefused(t *testing.T) {
	clearEnvironment(t)
	t.Setenv("SYNOD_ACCEPTOR_ID", "a2")
	requireError(t, Source{File: write(t, "roles:\n  - proposer: p1\n")},
		"SYNOD_ACCEPTOR_ID: acceptor a2 is named beside the file's list of roles")
}

func TestAnItemThatIsWrittenWrongIsOneProblemOnly(t *testing.T) {
	clearEnvironment(t)
	_, err := Load(Source{File: write(t, "roles:\n  - aceptor: a1\n")}, ForRoles)
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok || len(joined.Unwrap()) != 1 {
		t.Errorf("got %v, want the fault of the item alone", err)
	}
}

// requireRoles compares the roles of a process, in words, with what they should be.
func requireRoles(t *testing.T, config Config, want ...string) {
	t.Helper()
	var got []string
	for _, role := range config.Roles {
		text := role.String()
		switch role.Name {
		case "acceptor":
			text += fmt.Sprintf(": %v %s", role.Settings.Acceptor.Members, role.Settings.Acceptor.Data)
		case "learner":
			text += fmt.Sprintf(": from %d", role.Settings.Learner.From)
		}
		got = append(got, text)
	}
	if fmt.Sprintf("%q", got) != fmt.Sprintf("%q", want) {
		t.Errorf("roles are\n%q, want\n%q", got, want)
	}
}
