package result

import (
	"math"
	"slices"
)

// Key is what rows of several rounds have in common.
type Key struct{ Contestant, Workload, Metric string }

// Summary is a figure over all its rounds. One that was not measured has no rounds, and a median that is
// not a number.
type Summary struct {
	Rounds           int
	Median, Min, Max float64
}

// Summaries are figures by what they are of.
type Summaries map[Key]Summary

// Summarise puts rounds together.
func Summarise(rows []Row) Summaries {
	values := make(map[Key][]float64)
	for _, row := range rows {
		key := Key{row.Contestant, row.Workload, row.Metric}
		values[key] = append(values[key], row.Value)
	}
	summaries := make(Summaries)
	for key, all := range values {
		slices.Sort(all)
		middle := len(all) / 2
		median := all[middle]
		if len(all)%2 == 0 {
			median = (all[middle-1] + all[middle]) / 2
		}
		summaries[key] = Summary{len(all), median, all[0], all[len(all)-1]}
	}
	return summaries
}

// Of is a figure's summary.
func (s Summaries) Of(contestant, workload, metric string) Summary {
	if summary, ok := s[Key{contestant, workload, metric}]; ok {
		return summary
	}
	return Summary{Median: math.NaN(), Min: math.NaN(), Max: math.NaN()}
}

// Sum adds up a figure over its rounds.
func Sum(rows []Row, contestant, workload, metric string) float64 {
	sum := 0.0
	for _, row := range rows {
		if row.Contestant == contestant && row.Workload == workload && row.Metric == metric {
			sum += row.Value
		}
	}
	return sum
}

// Ratios are one figure over another in each round that has both: machines drift from round to round, and
// only what was measured together can be compared. Rounds of different parts have nothing in common.
func Ratios(rows []Row, of, to Key) Summary {
	type round struct {
		part, basis string
		number      int
	}
	figures := make(map[Key]map[round]float64)
	for _, row := range rows {
		key := Key{row.Contestant, row.Workload, row.Metric}
		if figures[key] == nil {
			figures[key] = make(map[round]float64)
		}
		figures[key][round{row.Part, row.Basis, row.Round}] = row.Value
	}
	var ratios []Row
	for round, value := range figures[of] {
		if other := figures[to][round]; other != 0 {
			ratios = append(ratios, Row{Value: value / other})
		}
	}
	return Summarise(ratios).Of("", "", "")
}
