package compare

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/synod-log/synod/bench/contestant"
	"github.com/synod-log/synod/bench/member"
	"github.com/synod-log/synod/bench/result"
	"github.com/synod-log/synod/bench/together"
)

// TestMain lets this test's binary be a member, as the benchmark's own is.
func TestMain(m *testing.M) {
	become := map[string]func([]string) error{member.Command: member.Run, together.Command: together.Run}
	if len(os.Args) > 1 && become[os.Args[1]] != nil {
		if err := become[os.Args[1]](os.Args[2:]); err != nil {
			os.Stderr.WriteString(err.Error() + "\n")
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// tiny is a comparison that shows that all works, and measures nothing that anybody should believe.
func tiny(t *testing.T, basis, only string) (Settings, *bytes.Buffer) {
	t.Helper()
	if runtime.GOOS != "linux" {
		t.Skip("skipped: processes are measured on Linux only")
	}
	if _, err := exec.LookPath("go"); err != nil {
		t.Skip("skipped: needs go in PATH, to build synod")
	}
	progress := new(bytes.Buffer)
	return Settings{
		Rounds: 1, Each: 100 * time.Millisecond, Warm: 10 * time.Millisecond, Connections: 4,
		Only: regexp.MustCompile(only), Bases: []string{basis}, Dir: t.TempDir(), Out: t.TempDir(), Progress: progress,
	}, progress
}

// measured runs a comparison and returns its figures. What could not be measured it prints.
func measured(t *testing.T, settings Settings, progress *bytes.Buffer) ([]result.Row, []string) {
	t.Helper()
	if err := Run(t.Context(), settings); err != nil {
		t.Fatalf("%v\n%s", err, progress)
	}
	t.Log("\n" + progress.String())
	rows, err := result.Read(filepath.Join(settings.Out, ResultsFile))
	if err != nil {
		t.Fatal(err)
	}
	machines, err := result.ReadMachines(filepath.Join(settings.Out, MachineFile))
	if err != nil || len(machines) != 1 {
		t.Fatalf("%d machines are kept (%v)", len(machines), err)
	}
	for _, line := range machines[0].Skipped {
		t.Log("skipped: " + line)
	}
	left, err := os.ReadDir(settings.Dir)
	if err != nil || len(left) > 0 {
		t.Errorf("the comparison left %v (%v)", left, err)
	}
	return rows, machines[0].Skipped
}

// require fails unless a figure was measured, or, of a peer, its absence was told.
func require(t *testing.T, rows []result.Row, skipped []string, name, load, metric string) {
	t.Helper()
	if result.Summarise(rows).Of(name, load, metric).Median > 0 {
		return
	}
	system, _, _ := strings.Cut(name, ", ")
	for _, line := range skipped {
		if system != "synod" && strings.HasPrefix(line, system) {
			return
		}
	}
	t.Errorf("%s, %s: no %s", name, load, metric)
}

func TestEveryContestantIsMeasuredInEachWay(t *testing.T) {
	loads := []string{ClosedName(16, 128), PipelinedName(128), BatchedName(16)}
	settings, progress := tiny(t, result.Apart, "/("+strings.Join(loads, "|")+")$")
	rows, skipped := measured(t, settings, progress)
	requireEachWay(t, rows, skipped, result.Apart, loads[0])
	for _, name := range []string{"synod", "jetstream, default", "jetstream, always", "etcd"} {
		require(t, rows, skipped, name, loads[1], "values_per_s")
		require(t, rows, skipped, name, loads[2], "values_per_s")
	}
	require(t, rows, skipped, "synod", loads[2], "broker_messages_per_value")
}

func TestEveryContestantIsMeasuredInOneProcess(t *testing.T) {
	load := ClosedName(16, 128)
	settings, progress := tiny(t, result.Together, "/"+load+"$")
	rows, skipped := measured(t, settings, progress)
	requireEachWay(t, rows, skipped, result.Together, load)
	require(t, rows, skipped, "synod", load, "process_cpu_us_per_value")
}

// requireEachWay fails unless the floor and each way of each contestant were measured, on the one basis.
func requireEachWay(t *testing.T, rows []result.Row, skipped []string, basis, load string) {
	t.Helper()
	if got := result.On(basis, rows); len(got) != len(rows) {
		t.Errorf("%d of %d rows are filed under another basis", len(rows)-len(got), len(rows))
	}
	require(t, rows, skipped, result.Floor, "sync", "p50_us")
	require(t, rows, skipped, result.Floor, "echo", "p50_us")
	for _, newSystem := range contestant.All(basis) {
		for _, way := range newSystem(contestant.Setup{}).Ways() {
			require(t, rows, skipped, way.Name, load, "values_per_s")
			require(t, rows, skipped, way.Name, load, "p50_us")
		}
	}
}

func TestInterruptionsFollowersAndGrowthAreMeasured(t *testing.T) {
	names := []string{Killed, FollowingName(2), LogName(3000)}
	settings, progress := tiny(t, result.Apart, "^synod/("+strings.Join(names, "|")+")$")
	settings.Kills, settings.Followers, settings.LogSizes, settings.ReadBack = 1, []int{2}, []int{3000}, 2000
	rows, skipped := measured(t, settings, progress)
	require(t, rows, skipped, "synod", names[0], "pause_ms")
	require(t, rows, skipped, "synod", names[1], "values_per_s")
	require(t, rows, skipped, "synod", names[2], "memory_mib")
	require(t, rows, skipped, "synod", names[2], "restart_ms")
	require(t, rows, skipped, "synod", names[2], "read_values_per_s")
}

func TestNothingAcknowledgedIsMissingAfterTwiceThePeak(t *testing.T) {
	settings, progress := tiny(t, result.Apart, "^(synod.*|jetstream, always|etcd)/"+TwicePeak+"$")
	settings.Overload = 500 * time.Millisecond
	rows, skipped := measured(t, settings, progress)
	for _, name := range []string{"synod", "synod, plain requests", "jetstream, always", "etcd"} {
		for _, metric := range []string{"peak_values_per_s", "acknowledged", "memory_most_mib"} {
			require(t, rows, skipped, name, TwicePeak, metric)
		}
		for _, metric := range []string{"lost", "repeated"} {
			if got := result.Sum(rows, name, TwicePeak, metric); got > 0 {
				t.Errorf("%s: %v values %s", name, got, metric)
			}
		}
	}
}
