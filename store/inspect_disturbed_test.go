package store

import "testing"

// readings gives one inspection after another, the last again and again, with damage at these
// offsets; 0 stands for none.
func readings(isInUse bool, offsets ...int64) (read func() (Inspection, error), count *int) {
	count = new(int)
	return func() (Inspection, error) {
		offset := offsets[min(*count, len(offsets)-1)]
		*count++
		found := Inspection{IsInUse: isInUse}
		if offset > 0 {
			found.Damage = []*DamagedError{{File: "00000001.segment", Offset: offset}}
		}
		return found, nil
	}, count
}

func TestADisturbedReadingIsNotTakenForDamage(t *testing.T) {
	for name, c := range map[string]struct {
		isInUse       bool
		offsets       []int64
		want, atCount int64
	}{
		"disturbed twice":            {true, []int64{100, 200, 0}, 0, 3},
		"damaged":                    {true, []int64{100}, 100, 2},
		"disturbed, and damaged too": {true, []int64{200, 100}, 100, 3},
		"nobody writes":              {false, []int64{100, 0}, 100, 1},
		"nothing is wrong":           {true, []int64{0}, 0, 1},
	} {
		read, count := readings(c.isInUse, c.offsets...)
		found, err := untilUndisturbed(read)
		if err != nil {
			t.Fatal(err)
		}
		got := int64(0)
		if len(found.Damage) > 0 {
			got = found.Damage[0].Offset
		}
		if got != c.want || int64(*count) != c.atCount {
			t.Errorf("%s: damage at %d after %d readings, want %d after %d", name, got, *count, c.want, c.atCount)
		}
	}
}

func TestReadingsThatAreAlwaysDisturbedEnd(t *testing.T) {
	offsets := make([]int64, 2*mostReadings)
	for i := range offsets {
		offsets[i] = int64(i + 1)
	}
	read, count := readings(true, offsets...)
	if found, err := untilUndisturbed(read); err != nil || len(found.Damage) != 1 || *count != mostReadings {
		t.Errorf("after %d readings: %v, %v", *count, found.Damage, err)
	}
}
