package result

import (
	"math"
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
	want := []Row{{1, "jetstream, always", "closed, 16 clients", "values_per_s", 1234.5}, {2, "etcd", "x", "failed", 0}}
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

func TestASummaryIsTheMedianAndTheSpreadOfAllRounds(t *testing.T) {
	var rows []Row
	for round, value := range []float64{5, 1, 9, 3} {
		rows = append(rows, Row{round + 1, "a", "w", "m", value})
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
		{1, "a", "w", "m", 20}, {1, "b", "w", "m", 10},
		{2, "a", "w", "m", 80}, {2, "b", "w", "m", 40},
		{3, "b", "w", "m", 50}, // a is missing here
	}
	got := Ratios(rows, Key{"a", "w", "m"}, Key{"b", "w", "m"})
	if want := (Summary{2, 2, 2, 2}); got != want {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestAMachineIsReadAsItWasSaved(t *testing.T) {
	path := filepath.Join(t.TempDir(), "machine.json")
	want := Here(t.TempDir(), "-rounds=5")
	want.Skipped = []string{"etcd: no"}
	if err := want.Save(path); err != nil {
		t.Fatal(err)
	}
	got, err := ReadMachine(path)
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %v (%v), want %v", got, err, want)
	}
	if got.Cores == 0 || got.Go == "" || got.Date == "" {
		t.Errorf("%v does not tell where it was", got)
	}
}
