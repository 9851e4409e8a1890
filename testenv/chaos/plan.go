package chaos

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"
)

// Step is a fault to inject. At is since the plan begins, For how long it lasts where it lasts.
type Step struct {
	Kind    string
	At, For time.Duration
	// Targets are ids of members, or "leader" and "standby", which are found out when it is time.
	Targets []string
	Variant int // 0 to 3, where a kind has variants
}

func (s Step) String() string {
	return fmt.Sprintf("%s (%s) for %v", s.Kind, strings.Join(s.Targets, ", "),
		s.For.Round(100*time.Millisecond))
}

// lasting is about how long a fault of a kind that is alone takes.
const lasting = 8 * time.Second

// Plan draws the faults of a run from a seed: first one of each kind, as far as there is time, then
// any. Most begin a second or two after the one before has ended, a third of them while it lasts.
func Plan(seed uint64, length time.Duration) []Step {
	random := rand.New(rand.NewPCG(seed, 1))
	between := func(least, most time.Duration) time.Duration {
		return least + time.Duration(random.Int64N(int64(most-least)+1))
	}
	var steps []Step
	deck := random.Perm(len(kinds))
	for at := 2 * second; ; {
		k := kinds[weighted(random)]
		if len(deck) > 0 {
			k, deck = kinds[deck[0]], deck[1:]
		}
		step := Step{Kind: k.name, At: at, For: between(k.least, k.most), Targets: k.targets(random),
			Variant: random.IntN(4)}
		takes := step.For
		if k.isAlone {
			takes = lasting
		}
		if at+takes > length {
			return steps
		}
		steps = append(steps, step)
		if !k.isAlone && random.IntN(3) == 0 {
			at += between(second/5, 3*second/2)
		} else {
			at += takes + between(second/2, 5*second/2)
		}
	}
}

// weighted draws the index of a kind.
func weighted(random *rand.Rand) int {
	total := 0
	for _, k := range kinds {
		total += k.weight
	}
	drawn := random.IntN(total)
	for i, k := range kinds {
		if drawn -= k.weight; drawn < 0 {
			return i
		}
	}
	panic("weights that do not add up")
}

// targets draws whom a kind hits.
func (k kind) targets(random *rand.Rand) []string {
	if strings.Contains(k.aim, "leader") || strings.Contains(k.aim, "standby") {
		return strings.Fields(k.aim)
	}
	of := map[byte][]string{
		'a': acceptorIDs, 'l': learnerIDs, 'b': brokerIDs,
		'w': slices.Concat(acceptorIDs, proposerIDs, learnerIDs),
	}[k.aim[0]]
	var targets []string
	for _, i := range random.Perm(len(of))[:len(k.aim)] {
		targets = append(targets, of[i])
	}
	return targets
}

// resources are what a step needs for itself. Proposers are one, since who leads is not known
// before; brokers and what is between them are another.
func (s Step) resources() []string {
	if kindNamed(s.Kind).isAlone {
		return []string{everything}
	}
	var needed []string
	for _, target := range s.Targets {
		switch target[0] {
		case 'a': // by its own name
		case 'b':
			target = "brokers"
		case 'l':
			if target == "leader" {
				target = "proposers"
			}
		default:
			target = "proposers"
		}
		needed = append(needed, target)
	}
	slices.Sort(needed)
	return slices.Compact(needed)
}

// everything is the resource of a step that is alone.
const everything = "everything"
