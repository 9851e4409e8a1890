package config

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/spf13/pflag"

	"github.com/synod-log/synod/paxos"
)

func TestTheFirstSourceThatHasASettingWins(t *testing.T) {
	clearEnvironment(t)
	flags := pflag.NewFlagSet("test", pflag.ContinueOnError)
	AddFlags(flags, OfConnection)
	source := Source{Flags: flags}
	url := func() string { return load(t, source).NATS.URL }

	if got, want := url(), "nats://127.0.0.1:4222"; got != want {
		t.Errorf("default is %s, want %s", got, want)
	}
	source.File = write(t, "nats:\n  url: nats://file\n")
	if got, want := url(), "nats://file"; got != want {
		t.Errorf("with a file it is %s, want %s", got, want)
	}
	t.Setenv("NATS_URL", "nats://variable-of-all")
	if got, want := url(), "nats://variable-of-all"; got != want {
		t.Errorf("with NATS_URL it is %s, want %s", got, want)
	}
	t.Setenv("SYNOD_NATS_URL", "nats://our-variable")
	if got, want := url(), "nats://our-variable"; got != want {
		t.Errorf("with SYNOD_NATS_URL it is %s, want %s", got, want)
	}
	parse(t, flags, "--server", "nats://flag")
	if got, want := url(), "nats://flag"; got != want {
		t.Errorf("with a flag it is %s, want %s", got, want)
	}
}

func TestAFileSetsEverything(t *testing.T) {
	clearEnvironment(t)
	got := load(t, Source{File: write(t, `
log: 007          # a name, not a number
nats:
  user: "yes"
  password: 1e3
  timeout: 1m30s
acceptor:
  id: a1
  members: [a1, a2, a3]
  data: /data
learner: {id: l1, from: 42}
proposer:
limits:
  tail: 16 MiB
  runs: 4
timing:
  patience: 1500ms
`)})
	if got.Log != "007" || got.NATS.User != "yes" || got.NATS.Password != "1e3" {
		t.Errorf("text was not kept as written: %q %q %q", got.Log, got.NATS.User, got.NATS.Password)
	}
	if got.NATS.Timeout != 90*time.Second || got.Timing.Patience != 1500*time.Millisecond {
		t.Errorf("durations are %v and %v", got.NATS.Timeout, got.Timing.Patience)
	}
	if !slices.Equal(got.Acceptor.Members, []string{"a1", "a2", "a3"}) || got.Learner.From != 42 {
		t.Errorf("members %q, from %d", got.Acceptor.Members, got.Learner.From)
	}
	if got.Limits.Tail != 16<<20 || got.Limits.Runs != 4 || got.Limits.Page != 0 {
		t.Errorf("limits are %+v", got.Limits)
	}
}

func TestAListMayBeWrittenWithCommas(t *testing.T) {
	clearEnvironment(t)
	t.Setenv("SYNOD_ACCEPTOR_MEMBERS", "a1, a2,a3")
	if got := load(t, Source{}).Acceptor.Members; !slices.Equal(got, []string{"a1", "a2", "a3"}) {
		t.Errorf("members are %q", got)
	}
}

func TestWhatIsWrittenWrongInAFileIsSaidWithItsPlace(t *testing.T) {
	clearEnvironment(t)
	for _, test := range []struct{ name, text, want string }{
		{"unknown", "log: x\nnats:\n  tiemout: 2s\n",
			`:3:3: unknown field "tiemout" in nats (did you mean "timeout"?)`},
		{"case", "Log: x\n", `:1:1: unknown field "Log" in the file (did you mean "log"?)`},
		{"strange", "frobnicate: x\n", `:1:1: unknown field "frobnicate" in the file` + "\n"},
		{"dotted", "nats.url: x\n", `:1:1: unknown field "nats.url" in the file`},
		{"twice", "log: x\nlog: y\n", `:2:1: field "log" is given twice in the file`},
		{"no unit", "nats:\n  timeout: 2\n", `:2:12: duration 2 needs a unit: 2s or 2ms?`},
		{"no duration", "nats: {timeout: soon}\n", `:1:17: "soon" is not a duration`},
		{"negative", "nats: {timeout: -2s}\n", `duration -2s must be above zero`},
		{"fraction", "learner:\n  from: 2.9\n", `:2:9: "2.9" is not a whole number`},
		{"zero slot", "learner: {from: 0}\n", `"0" is not a whole number from 1`},
		{"no size unit", "limits: {tail: 64}\n", `size 64 needs a unit`},
		{"absurd size", "limits: {tail: 99999999 GiB}\n", `is not a whole number from 1 to 1024`},
		{"choice", "logging: {format: jsn}\n", `"jsn" is not one of text, json (did you mean "json"?)`},
		{"list for one", "log: [a, b]\n", `is a list, and one value is wanted`},
		{"fields for one", "log: {a: b}\n", `:1:6: log is one value or a list, and has no fields`},
		{"one for fields", "nats: here\n", `:1:7: nats needs fields, and has "here"`},
		{"nested list", "acceptor: {members: [[a]]}\n", `an item of acceptor.members is not a plain value`},
		{"documents", "log: a\n---\nlog: b\n", `more than one document`},
		{"not yaml", "log: \"a\n", `yaml: `},
		{"token", "log: a.b\n", `log name "a.b" is not 1 to 32 letters`},
	} {
		t.Run(test.name, func(t *testing.T) {
			requireError(t, Source{File: write(t, test.text)}, test.want)
		})
	}
}

func TestAMissingFileIsAnError(t *testing.T) {
	clearEnvironment(t)
	requireError(t, Source{File: filepath.Join(t.TempDir(), "none.yaml")}, "no such file")
}

func TestUnknownVariablesAreErrorsButNotThoseOfKubernetes(t *testing.T) {
	clearEnvironment(t)
	t.Setenv("SYNOD_SERVICE_HOST", "10.0.0.1")
	t.Setenv("SYNOD_SERVICE_PORT", "4222")
	t.Setenv("SYNOD_PORT", "tcp://10.0.0.1:4222")
	t.Setenv("SYNOD_PORT_4222_TCP_PROTO", "tcp")
	t.Setenv("SYNOD_A1_SERVICE_PORT_METRICS", "9090")
	load(t, Source{})
	t.Setenv("SYNOD_NATS_TIEMOUT", "2s")
	requireError(t, Source{},
		`unknown variable SYNOD_NATS_TIEMOUT (did you mean "SYNOD_NATS_TIMEOUT"?)`)
}

func TestAnEmptyVariableIsAsIfItWereNotSet(t *testing.T) {
	clearEnvironment(t)
	t.Setenv("SYNOD_LOG", "")
	if got := load(t, Source{}).Log; got != "main" {
		t.Errorf("log is %q, want main", got)
	}
}

func TestAllProblemsAreToldAtOnceWithWhereTheyAre(t *testing.T) {
	clearEnvironment(t)
	flags := pflag.NewFlagSet("test", pflag.ContinueOnError)
	AddFlags(flags, OfConnection)
	parse(t, flags, "--timeout", "2")
	t.Setenv("SYNOD_LEARNER_FROM", "x")
	t.Setenv("SYNOD_NONE", "x")
	requireError(t, Source{Flags: flags, File: write(t, "log: '*'\nfoo: 1\n")},
		"--timeout: duration 2 needs a unit", "SYNOD_LEARNER_FROM: ", "SYNOD_NONE",
		`log name "*"`, `unknown field "foo"`)
}

func TestAFlagSetsOnlyTheSettingOfItsOwnRole(t *testing.T) {
	clearEnvironment(t)
	flags := pflag.NewFlagSet("test", pflag.ContinueOnError)
	AddFlags(flags, OfProposer)
	parse(t, flags, "--id", "p1")
	got := load(t, Source{Flags: flags})
	if got.Proposer.ID != "p1" || got.Acceptor.ID != "" || got.Learner.ID != "" {
		t.Errorf("ids are %q, %q, %q", got.Proposer.ID, got.Acceptor.ID, got.Learner.ID)
	}
}

func TestAnAcceptorNeedsMembersWithItselfAmongThem(t *testing.T) {
	clearEnvironment(t)
	for _, test := range []struct{ name, text, want string }{
		{"no id", "acceptor: {members: [a1], data: d}", "an acceptor needs an id"},
		{"no members", "acceptor: {id: a1, data: d}", "--members a1,a2,a3"},
		{"no data", "acceptor: {id: a1, members: [a1]}", "--data"},
		{"not itself", "acceptor: {id: a4, members: [a1, a2, a3], data: d}",
			"acceptor a4 is not among the members a1, a2, a3"},
		{"twice", "acceptor: {id: a1, members: [a1, a1], data: d}", "member a1 is given twice"},
		{"bad id", "acceptor: {id: a.1, members: [a.1], data: d}", `acceptor id "a.1" is not`},
		{"empty member", "acceptor: {id: a1, members: 'a1,', data: d}", `member "" is not`},
		{"too many", "acceptor: {id: a1, data: d, members: [" + manyIDs(paxos.MaxMembers+1) + "]}",
			"32 members, and a log has at most 31"},
	} {
		t.Run(test.name, func(t *testing.T) {
			requireError(t, Source{File: write(t, test.text)}, test.want, ForAcceptor)
		})
	}
	load(t, Source{File: write(t, "acceptor: {id: a1, members: [a1, a2], data: d}")}, ForAcceptor)
}

func TestWhatContradictsItselfIsRefused(t *testing.T) {
	clearEnvironment(t)
	for _, test := range []struct{ name, text, want string }{
		{"half a key pair", "nats: {tlscert: c.pem}", "tlscert and tlskey belong together"},
		{"password alone", "nats: {password: x}", "a NATS password without a user"},
		{"impatient", "timing: {patience: 100ms}", "least_patience"},
		{"slow heart", "timing: {heartbeat: 200ms}", "twice the heartbeat"},
	} {
		t.Run(test.name, func(t *testing.T) {
			requireError(t, Source{File: write(t, test.text)}, test.want)
		})
	}
}

func TestTimingIsCountedInTicksRoundedUp(t *testing.T) {
	got := Timing{Patience: 301 * time.Millisecond, Hello: time.Second}.Ticks(10 * time.Millisecond)
	if want := (paxos.Timing{Patience: 31, Hello: 100}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

// manyIDs is a list of n ids.
func manyIDs(n int) string {
	ids := make([]string, n)
	for i := range ids {
		ids[i] = "a" + strings.Repeat("1", i)
	}
	ids[n-1] = "b" // of 32 digits after its letter it would be too long
	return strings.Join(ids, ",")
}

// clearEnvironment takes away what the machine's own environment would set.
func clearEnvironment(t *testing.T) {
	t.Helper()
	for _, entry := range os.Environ() {
		name, _, _ := strings.Cut(entry, "=")
		if strings.HasPrefix(name, "SYNOD_") || strings.HasPrefix(name, "NATS_") {
			t.Setenv(name, "") // has it restored at the end
			os.Unsetenv(name)
		}
	}
}

func write(t *testing.T, text string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "synod.yaml")
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

func parse(t *testing.T, flags *pflag.FlagSet, args ...string) {
	t.Helper()
	if err := flags.Parse(args); err != nil {
		t.Fatal(err)
	}
}

func load(t *testing.T, source Source, checks ...Check) Config {
	t.Helper()
	config, err := Load(source, checks...)
	if err != nil {
		t.Fatal(err)
	}
	return config
}

// requireError checks that Load fails with an error that has each of the texts in it. A Check among the
// wants is made.
func requireError(t *testing.T, source Source, wants ...any) {
	t.Helper()
	var checks []Check
	for _, want := range wants {
		if check, ok := want.(func(Config) []error); ok {
			checks = append(checks, check)
		}
	}
	_, err := Load(source, checks...)
	if err == nil {
		t.Fatal("no error")
	}
	for _, want := range wants {
		if text, ok := want.(string); ok && !strings.Contains(err.Error()+"\n", text) {
			t.Errorf("got the error\n%v\nwant it to say\n%s", err, text)
		}
	}
}
