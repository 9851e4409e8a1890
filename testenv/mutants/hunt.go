package mutants

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"slices"
	"sync"
)

// healthySeeds is how many worlds of the product as it is are run before mutants are.
const healthySeeds = 500

// Hunt tries mutants, so many at a time, what is cheap first, and calls tell with each result as it
// comes. It returns all results, in the order of the mutants. A killer that fails on the product as it is
// proves nothing of a mutant: then there is an error, and no result.
func (w Workshop) Hunt(ctx context.Context, mutants []Mutant, parallel int, tell func(Result)) ([]Result, error) {
	dir, err := os.MkdirTemp("", "mutants")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	built, failed := w.buildAll(ctx, dir, mutants)
	if err := w.checkKillers(ctx, mutants, built); err != nil {
		return nil, err
	}
	order := make([]int, len(mutants))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		return cmp.Compare(mutants[a].Killer.Seeds, mutants[b].Killer.Seeds)
	})
	results := make([]Result, len(mutants))
	var (
		wait  sync.WaitGroup
		lock  sync.Mutex
		turns = make(chan int)
	)
	for range max(parallel, 1) {
		wait.Go(func() {
			for i := range turns {
				results[i] = Result{Mutant: mutants[i], Err: failed[i]}
				if failed[i] == nil {
					results[i] = w.try(ctx, mutants[i], built[i])
				}
				lock.Lock()
				tell(results[i])
				lock.Unlock()
			}
		})
	}
	for _, i := range order {
		turns <- i
	}
	close(turns)
	wait.Wait()
	return results, nil
}

// checkKillers runs the killers with no mutant active.
func (w Workshop) checkKillers(ctx context.Context, mutants []Mutant, built []killing) error {
	runs := map[killing]Killer{}
	for i, m := range mutants {
		if built[i].number == 0 {
			continue // built alone
		}
		healthy, k := killing{path: built[i].path}, m.Killer
		switch known := runs[healthy]; {
		case k.Seeds > 0:
			k.Seeds = healthySeeds
		case known.Run != "":
			k.Run = known.Run + "|" + k.Run
		}
		runs[healthy] = k
	}
	for healthy, k := range runs {
		r := w.try(ctx, Mutant{Killer: k}, healthy)
		if r.Err != nil {
			return r.Err
		}
		if r.Caught != "" {
			return fmt.Errorf("killers of %s fail on the product as it is: %s", k.target(), r.Caught)
		}
	}
	return nil
}
