package chaos

import (
	"context"
	"fmt"

	"github.com/synod-log/synod/paxos"
	"github.com/synod-log/synod/store"
	"github.com/synod-log/synod/testenv/process"
)

// checkStore checks that an acceptor's store is sound, as `synod store check` finds it, and that
// what it has settled is the log.
func (r *runner) checkStore(id string, e *ending) error {
	dir := r.cluster.store(id)
	if said, err := process.Command(context.Background(), r.Synod, "store", "check", dir).CombinedOutput(); err != nil {
		return fmt.Errorf("synod store check: %w: %s", err, said)
	}
	found, err := store.Inspect(dir)
	if err != nil {
		return err
	}
	opened, err := store.Open(dir, store.Options{Log: "main", Acceptor: id}, func(paxos.Record) {})
	if err != nil {
		return err
	}
	defer opened.Close()
	for next := paxos.Slot(1); next <= found.Settled; {
		run, err := opened.Read(next, found.Settled, 1<<20, false)
		if err != nil {
			return err
		}
		for i, value := range run.Values {
			slot := uint64(run.First) + uint64(i)
			sum := sumOf(string(value.Data), value.Kind == paxos.KindNoop)
			if slot > uint64(len(e.log)) || e.log[slot-1].Sum != sum {
				return fmt.Errorf("%s has settled in slot %d what the log does not hold there", id, slot)
			}
		}
		next = run.Last() + 1
	}
	return nil
}
