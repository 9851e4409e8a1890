package virtual

import (
	"fmt"
	"maps"
	"sync"

	"github.com/synod-log/synod/paxos"
)

// History is what was proposed, and what was acknowledged. Every value is proposed under an id, and no two
// values are equal.
type History struct {
	mutex    sync.Mutex
	proposed map[string]bool
	acked    map[string]paxos.Slot
	waiting  int // proposed and not acknowledged
	wrong    []string
}

func newHistory() *History {
	return &History{proposed: make(map[string]bool), acked: make(map[string]paxos.Slot)}
}

func (h *History) propose(value string) {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	h.proposed[value] = true
	h.waiting++
}

// acknowledge notes the slot that whoever proposed the value was told.
func (h *History) acknowledge(value string, slot paxos.Slot) {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	if before, ok := h.acked[value]; ok && before != slot {
		h.wrong = append(h.wrong, fmt.Sprintf("%s was acknowledged in slot %d, and in slot %d", value, before, slot))
	}
	h.acked[value] = slot
	h.waiting--
}

// Waiting is how many values are proposed and not acknowledged.
func (h *History) Waiting() int {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	return h.waiting
}

// Acknowledged is how many values are.
func (h *History) Acknowledged() int {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	return len(h.acked)
}

// check compares the history with the log as it was learned: value by slot, the first of slot 1, "" for a
// no-op. It returns what is wrong.
func (h *History) check(log []string) []string {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	wrong := append([]string(nil), h.wrong...)
	slots := make(map[string]paxos.Slot, len(log))
	for i, value := range log {
		slot := paxos.Slot(i + 1)
		switch before, isTwice := slots[value]; {
		case value == "":
			continue
		case isTwice:
			wrong = append(wrong, fmt.Sprintf("%s was chosen in slot %d and in slot %d", value, before, slot))
		case !h.proposed[value]:
			wrong = append(wrong, fmt.Sprintf("%q in slot %d was proposed by nobody", value, slot))
		}
		slots[value] = slot
	}
	for value, slot := range h.acked {
		if slots[value] != slot {
			wrong = append(wrong, fmt.Sprintf("%s was acknowledged in slot %d; the log has it in slot %d (0: nowhere)",
				value, slot, slots[value]))
		}
	}
	for value := range maps.Keys(h.proposed) {
		if _, ok := h.acked[value]; !ok {
			wrong = append(wrong, value+" was proposed and never acknowledged")
		}
	}
	return wrong
}
