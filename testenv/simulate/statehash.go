package simulate

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"unsafe"
)

// stateHasher computes a hash of all that a value holds, unexported fields and what pointers lead to
// included: two workers with the same hash will do the same in the same circumstances.
//
// Maps are hashed in the order of their keys' hashes, and pointers by what they point to. Where a pointer can
// lead back to itself, as in a list, the places it has been at are numbered as they come, so that
// the shape counts and the addresses do not.
//
// It is not for concurrent use. A hash has 64 bits: of n different states, two have the same with a
// probability of n²/2^65; for ten million states that is 3 in a million.
type stateHasher struct {
	sum  uint64
	been []unsafe.Pointer
}

// unhashed are the types and fields that cannot matter to what happens next, with the reason.
var unhashed = map[string]string{
	"paxos.noter":                   "what people were told: roles never look at it but to tell it once",
	"paxos.Dropped":                 "counters that only Status shows",
	"paxos.Effects":                 "emptied at the beginning of each step",
	"paxos.acceptorEffects.pending": "emptied at the beginning of each step",
	"paxos.tally.ends":              "scratch",
	"simulate.worker.ticks":         "only settle asks, and no order ends with it",
	"simulate.proposal.chosenAt":    "only settle asks",
	"simulate.worker.heard":         "only fenced asks, and no order ends with it",
	"simulate.worker.own":           "the disk, once more",
	"simulate.disk.image":           "what the records add up to",
	"simulate.worker.role":          "the acceptor, proposer or learner, once more",
}

// isUnordered names slices whose order decides nothing: they are looked through for an entry of which there is
// one at most.
var isUnordered = map[string]bool{"[]paxos.acceptorVotes": true}

// hashPlan hashes the value at an address.
type hashPlan func(h *stateHasher, at unsafe.Pointer)

// hashOf returns the hash of what pointer points to.
func (h *stateHasher) hashOf(pointer any) uint64 {
	v := reflect.ValueOf(pointer)
	h.sum, h.been = 1, h.been[:0]
	h.hashAt(v.Type().Elem(), v.UnsafePointer())
	return h.sum
}

func (h *stateHasher) add(x uint64) { h.sum = mix(h.sum ^ x) }

func (h *stateHasher) addBytes(bytes []byte) {
	h.add(uint64(len(bytes)))
	for len(bytes) > 0 {
		word, n := uint64(0), min(8, len(bytes))
		for i := range n {
			word |= uint64(bytes[i]) << (8 * i)
		}
		h.add(word)
		bytes = bytes[n:]
	}
}

// apart returns the hash of one value by itself.
func (h *stateHasher) apart(plan *hashPlan, at unsafe.Pointer) uint64 {
	was := h.sum
	h.sum = 1
	(*plan)(h, at)
	sum := h.sum
	h.sum = was
	return sum
}

var hashPlans plans[hashPlan]

func hashPlanOf(t reflect.Type) *hashPlan { return hashPlans.of(t, newHashPlan) }

// hashAt adds what lies at an address to the hash.
func (h *stateHasher) hashAt(t reflect.Type, at unsafe.Pointer) {
	hashPlans.prepare(t, newHashPlan)
	(*hashPlanOf(t))(h, at)
}

func newHashPlan(t reflect.Type) hashPlan {
	size := t.Size()
	switch t.Kind() {
	case reflect.Bool, reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return numberPlan(size)
	case reflect.String:
		return func(h *stateHasher, at unsafe.Pointer) {
			s := *(*string)(at)
			h.addBytes(unsafe.Slice(unsafe.StringData(s), len(s)))
		}
	case reflect.Struct:
		return structHashPlan(t)
	case reflect.Array:
		if t.Elem().Kind() == reflect.Uint8 {
			return func(h *stateHasher, at unsafe.Pointer) { h.addBytes(unsafe.Slice((*byte)(at), size)) }
		}
		elem, each := hashPlanOf(t.Elem()), t.Elem().Size()
		return func(h *stateHasher, at unsafe.Pointer) {
			for offset := uintptr(0); offset < size; offset += each {
				(*elem)(h, unsafe.Add(at, offset))
			}
		}
	case reflect.Slice:
		return sliceHashPlan(t)
	case reflect.Map:
		return mapHashPlan(t)
	case reflect.Pointer:
		return pointerHashPlan(t)
	case reflect.Interface:
		return interfaceHashPlan(t)
	}
	panic(fmt.Sprintf("simulate: a state cannot hold a %v: nobody could tell when two are the same", t))
}

func numberPlan(size uintptr) hashPlan {
	switch size {
	case 1:
		return func(h *stateHasher, at unsafe.Pointer) { h.add(uint64(*(*uint8)(at))) }
	case 2:
		return func(h *stateHasher, at unsafe.Pointer) { h.add(uint64(*(*uint16)(at))) }
	case 4:
		return func(h *stateHasher, at unsafe.Pointer) { h.add(uint64(*(*uint32)(at))) }
	}
	return func(h *stateHasher, at unsafe.Pointer) { h.add(*(*uint64)(at)) }
}

func structHashPlan(t reflect.Type) hashPlan {
	type field struct {
		offset uintptr
		plan   *hashPlan
	}
	var fields []field
	for i := range t.NumField() {
		f := t.Field(i)
		if unhashed[f.Type.String()] == "" && unhashed[t.String()+"."+f.Name] == "" {
			fields = append(fields, field{f.Offset, hashPlanOf(f.Type)})
		}
	}
	return func(h *stateHasher, at unsafe.Pointer) {
		for i := range fields {
			(*fields[i].plan)(h, unsafe.Add(at, fields[i].offset))
		}
	}
}

// sliceHeader is how slices lie in memory.
type sliceHeader struct {
	data     unsafe.Pointer
	len, cap int
}

func sliceHashPlan(t reflect.Type) hashPlan {
	if t.Elem().Kind() == reflect.Uint8 {
		return func(h *stateHasher, at unsafe.Pointer) { h.addBytes(*(*[]byte)(at)) }
	}
	elem, each := hashPlanOf(t.Elem()), t.Elem().Size()
	if isUnordered[t.String()] {
		return func(h *stateHasher, at unsafe.Pointer) {
			s, sum := (*sliceHeader)(at), uint64(0)
			for i := range s.len {
				sum += h.apart(elem, unsafe.Add(s.data, uintptr(i)*each))
			}
			h.add(uint64(s.len))
			h.add(sum)
		}
	}
	return func(h *stateHasher, at unsafe.Pointer) {
		s := (*sliceHeader)(at)
		h.add(uint64(s.len))
		for i := range s.len {
			(*elem)(h, unsafe.Add(s.data, uintptr(i)*each))
		}
	}
}

func mapHashPlan(t reflect.Type) hashPlan {
	key, value := hashPlanOf(t.Key()), hashPlanOf(t.Elem())
	return func(h *stateHasher, at unsafe.Pointer) {
		m := reflect.NewAt(t, at).Elem()
		h.add(uint64(m.Len()))
		if m.Len() == 0 {
			return
		}
		type entry struct {
			key   uint64
			value reflect.Value
		}
		entries := make([]entry, 0, m.Len())
		k := reflect.New(t.Key())
		for i := m.MapRange(); i.Next(); {
			k.Elem().SetIterKey(i)
			v := reflect.New(t.Elem())
			v.Elem().SetIterValue(i)
			entries = append(entries, entry{h.apart(key, k.UnsafePointer()), v})
		}
		slices.SortFunc(entries, func(a, b entry) int {
			if a.key < b.key {
				return -1
			}
			return 1
		})
		for i := range entries {
			h.add(entries[i].key)
			(*value)(h, entries[i].value.UnsafePointer())
		}
	}
}

func pointerHashPlan(t reflect.Type) hashPlan {
	elem := hashPlanOf(t.Elem())
	isLoop := leadsTo(t.Elem(), t, nil)
	return func(h *stateHasher, at unsafe.Pointer) {
		p := *(*unsafe.Pointer)(at)
		if p == nil {
			h.add(0)
			return
		}
		h.add(1)
		if isLoop {
			if n := slices.Index(h.been, p); n >= 0 {
				h.add(uint64(n))
				return
			}
			h.been = append(h.been, p)
		}
		(*elem)(h, p)
	}
}

// leadsTo reports whether a value of type t can hold, however far away, one of type goal.
func leadsTo(t, goal reflect.Type, through []reflect.Type) bool {
	if t == goal {
		return true
	}
	if slices.Contains(through, t) {
		return false
	}
	through = append(through, t)
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Array:
		return leadsTo(t.Elem(), goal, through)
	case reflect.Map:
		return leadsTo(t.Key(), goal, through) || leadsTo(t.Elem(), goal, through)
	case reflect.Struct:
		for i := range t.NumField() {
			if leadsTo(t.Field(i).Type, goal, through) {
				return true
			}
		}
	}
	return false
}

// interfaceHashPlan hashes what an interface holds, which is a pointer: bodies and records.
func interfaceHashPlan(t reflect.Type) hashPlan {
	return func(h *stateHasher, at unsafe.Pointer) {
		v := reflect.NewAt(t, at).Elem()
		if v.IsNil() {
			h.add(0)
			return
		}
		pointed := v.Elem()
		name := pointed.Type().String()
		h.addBytes([]byte(name[strings.LastIndexByte(name, '.')+1:]))
		h.hashAt(pointed.Type().Elem(), pointed.UnsafePointer())
	}
}
