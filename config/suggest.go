package config

import (
	"fmt"
	"strings"
)

// suggest returns a parenthesis with the name that was probably meant, or "".
func suggest(written string, known []string) string {
	best, least := "", len(written)/3+2
	for _, name := range known {
		distance := editDistance(strings.ToLower(written), strings.ToLower(name))
		if distance < least || (distance == least && best != "" && name < best) {
			best, least = name, distance
		}
	}
	if best == "" {
		return ""
	}
	return fmt.Sprintf(" (did you mean %q?)", best)
}

// editDistance is how many bytes must be changed, added, left out, or swapped with their neighbour to
// make b of a.
func editDistance(a, b string) int {
	var before, previous []int // the rows of the prefixes of a two and one shorter
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		before, previous, row = previous, row, make([]int, len(b)+1)
		row[0] = i
		for j := 1; j <= len(b); j++ {
			change := previous[j-1]
			if a[i-1] != b[j-1] {
				change++
			}
			row[j] = min(change, previous[j]+1, row[j-1]+1)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
	}
	return row[len(b)]
}
