package worker

import (
	"slices"
	"sync"

	"github.com/synod-log/synod/paxos"
)

// memory is the end of the log as a learner learned it, as much as a bound in bytes allows, and at least the
// last run.
//
// Invariant: its runs are in slot order. Slots are missing between them only where the learner passed
// over some.
type memory struct {
	most int

	mutex sync.RWMutex
	runs  []paxos.Run
	bytes int
}

func newMemory(most int) *memory { return &memory{most: most} }

// add adds what was learned next, and forgets the oldest.
func (m *memory) add(run paxos.Run) {
	if run.IsEmpty() {
		return
	}
	m.mutex.Lock()
	defer m.mutex.Unlock()
	m.runs = append(m.runs, run)
	m.bytes += run.Size()
	for m.bytes > m.most && len(m.runs) > 1 {
		m.bytes -= m.runs[0].Size()
		m.runs[0] = paxos.Run{} // its values may go
		m.runs = m.runs[1:]
	}
}

// at returns the run that slot is in, from slot on; an empty one where slot is not in memory.
func (m *memory) at(slot paxos.Slot) paxos.Run {
	m.mutex.RLock()
	defer m.mutex.RUnlock()
	i, _ := slices.BinarySearchFunc(m.runs, slot, func(run paxos.Run, slot paxos.Slot) int {
		if run.Last() < slot {
			return -1
		}
		return 1
	})
	if i == len(m.runs) || m.runs[i].First > slot {
		return paxos.Run{}
	}
	return m.runs[i].From(slot)
}

// span is from the first slot in memory to the last.
func (m *memory) span() paxos.Span {
	m.mutex.RLock()
	defer m.mutex.RUnlock()
	if len(m.runs) == 0 {
		return paxos.Span{}
	}
	return paxos.Span{First: m.runs[0].First, Last: m.runs[len(m.runs)-1].Last()}
}
