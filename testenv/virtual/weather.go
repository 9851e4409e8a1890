package virtual

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"
)

// Weather is misfortunes that befall a cluster, drawn by its seed. Several last at a time, each of another
// victim. Which one comes when is the seed's choice; in which order goroutines then run is not, so that a
// seed repeats the weather and not always its effect.
type Weather struct {
	cluster   *Cluster
	random    *rand.Rand
	afflicted map[string]bool // victims of what has not healed
	healings  []healing
	tally     map[string]int // misfortunes, by name
}

// healing is how a misfortune ends, and when.
type healing struct {
	due    time.Time
	victim string
	heal   func()
}

// misfortune is one that may befall. It names its victim, and how it is healed: nil where it heals by itself;
// no victim: it cannot befall now.
type misfortune struct {
	name   string
	befall func(w *Weather) (victim string, heal func())
}

// NewWeather returns the weather of a cluster's seed.
func NewWeather(c *Cluster) *Weather {
	return &Weather{
		cluster: c, random: rand.New(rand.NewPCG(c.options.Seed, 1)),
		afflicted: make(map[string]bool), tally: make(map[string]int),
	}
}

// mostCalm is the longest time between two misfortunes; mostLasting the longest that one lasts.
const (
	mostCalm    = 16 * time.Second
	mostLasting = 30 * time.Second
)

// Blow has misfortunes befall for a while, and then heals them all.
func (w *Weather) Blow(duration time.Duration) {
	end := time.Now().Add(duration)
	for time.Now().Before(end) {
		w.sleep(w.between(0, mostCalm))
		m := misfortunes[w.random.IntN(len(misfortunes))]
		victim, heal := m.befall(w)
		if victim == "" {
			continue
		}
		w.tally[m.name]++
		if heal == nil {
			continue
		}
		w.afflicted[victim] = true
		due := time.Now().Add(w.between(0, mostLasting))
		w.healings = append(w.healings, healing{due, victim, heal})
	}
	for len(w.healings) > 0 {
		w.healNext()
	}
}

// sleep waits, and heals what is due meanwhile.
func (w *Weather) sleep(d time.Duration) {
	end := time.Now().Add(d)
	slices.SortStableFunc(w.healings, func(a, b healing) int { return a.due.Compare(b.due) })
	for len(w.healings) > 0 && w.healings[0].due.Before(end) {
		time.Sleep(time.Until(w.healings[0].due))
		w.healNext()
	}
	time.Sleep(time.Until(end))
}

func (w *Weather) healNext() {
	next := w.healings[0]
	w.healings = w.healings[1:]
	next.heal()
	delete(w.afflicted, next.victim)
}

// between draws a time.
func (w *Weather) between(least, most time.Duration) time.Duration {
	return least + time.Duration(w.random.Int64N(int64(most-least)+1))
}

// spare draws a worker that nothing ails; nil where the one drawn is a victim already.
func (w *Weather) spare(from []*Worker) *Worker {
	drawn := from[w.random.IntN(len(from))]
	if w.afflicted[drawn.self.String()] {
		return nil
	}
	return drawn
}

// String tells what befell, in alphabetical order.
func (w *Weather) String() string {
	var words []string
	for name, count := range w.tally {
		words = append(words, fmt.Sprintf("%s %d", name, count))
	}
	slices.SortFunc(words, func(a, b string) int { return cmp.Compare(a, b) })
	return strings.Join(words, ", ")
}
