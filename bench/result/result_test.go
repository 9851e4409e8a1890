package result

import (
	"errors"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"testing"
)

func TestRowsAreReadAsTheyWereWritten(t *testing.T) {
	path := filepath.Join(t.TempDir(), "results.csv")
	file, err := Create(path)
	if err != nil {
		t.Fatal(err)
	}
	want := []Row{
		{"today", Apart, 1, "jetstream, always", "closed, 16 clients", "values_per_s", 1234.5},
		{"today", Together, 2, "etcd", "x", "failed", 0},
	}
	for _, row := range want {
		if err := file.Add(row); err != nil {
			t.Fatal(err)
		}
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	got, err := Read(path)
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %v (%v), want %v", got, err, want)
	}
}

// figure is a row of which little matters.
func figure(part string, round int, contestant string, value float64) Row {
	return Row{part, Apart, round, contestant, "w", "m", value}
}

func TestRowsAreAddedToThoseThatAreThere(t *testing.T) {
	path := filepath.Join(t.TempDir(), "results.csv")
	want := []Row{figure("today", 1, "a", 1), figure("today", 2, "a", 2), figure("later", 1, "a", 3)}
	for _, row := range want {
		file, err := Append(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(file.Add(row), file.Close()); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := Read(path); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %v (%v), want %v", got, err, want)
	}
	if err := os.WriteFile(path, []byte("round,contestant\n1,a\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := Append(path); err == nil {
		t.Error("rows are added to what is no file of results")
	}
}

func TestWhatWasMeasuredAgainReplacesAllRoundsOfBefore(t *testing.T) {
	other := figure("1st", 1, "a", 5)
	other.Workload = "not measured again"
	inOne := figure("1st", 1, "a", 6)
	inOne.Basis = Together
	rows := []Row{
		figure("1st", 1, Floor, 1), figure("1st", 1, "a", 2), figure("1st", 2, "a", 3), other, inOne,
		figure("2nd", 1, Floor, 7), figure("2nd", 1, "b", 8),
		figure("3rd", 1, Floor, 9), figure("3rd", 1, "a", 10), figure("3rd", 1, "b", 11),
	}
	// Nothing of the 2nd part stands; of the 1st there is still something that its floor may be needed for.
	want := []Row{rows[0], rows[3], rows[4], rows[7], rows[8], rows[9]}
	if got := Newest(rows); !reflect.DeepEqual(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
	if got := On(Together, rows); !reflect.DeepEqual(got, []Row{inOne}) {
		t.Errorf("got %v of one basis", got)
	}
}

func TestASummaryIsTheMedianAndTheSpreadOfAllRounds(t *testing.T) {
	var rows []Row
	for round, value := range []float64{5, 1, 9, 3} {
		rows = append(rows, figure("today", round+1, "a", value))
	}
	if got, want := Summarise(rows).Of("a", "w", "m"), (Summary{4, 4, 1, 9}); got != want {
		t.Errorf("got %v, want %v", got, want)
	}
	if got := Summarise(rows).Of("b", "w", "m"); got.Rounds != 0 || !math.IsNaN(got.Median) {
		t.Errorf("got %v for what was not measured", got)
	}
}

func TestRatiosAreTakenWithinARound(t *testing.T) {
	// The machine was four times as fast in the second round. Medians alone would say 1.6.
	rows := []Row{
		figure("today", 1, "a", 20), figure("today", 1, "b", 10),
		figure("today", 2, "a", 80), figure("today", 2, "b", 40),
		figure("today", 3, "b", 50), // a is missing here
		figure("later", 3, "a", 50), // another round, though of the same number
	}
	got := Ratios(rows, Key{"a", "w", "m"}, Key{"b", "w", "m"})
	if want := (Summary{2, 2, 2, 2}); got != want {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestAMachineIsReadAsItWasSaved(t *testing.T) {
	path := filepath.Join(t.TempDir(), "machine.json")
	want := []Machine{Here(t.TempDir(), "-rounds=5"), Here(t.TempDir(), "")}
	want[0].Skipped = []string{"etcd: no"}
	if err := SaveMachines(path, want); err != nil {
		t.Fatal(err)
	}
	got, err := ReadMachines(path)
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %v (%v), want %v", got, err, want)
	}
	if got[0].Cores == 0 || got[0].Go == "" || got[0].Date == "" {
		t.Errorf("%v does not tell where it was", got[0])
	}
}
