package simulate

import (
	"fmt"
	"reflect"
	"unsafe"
)

// stateCopier copies a worker with all that it holds, so that the copy can take a step and leave the original as
// it was. What is never changed once it is made (messages, records, values) is shared. It is not for
// concurrent use; two copiers may copy from the same original at a time.
type stateCopier struct {
	copied []copied
}

// copied is a pointer that was met, and what it leads to in the copy.
type copied struct{ old, new unsafe.Pointer }

// isShared names the types that are never changed once they are made.
var isShared = map[string]bool{
	"paxos.Body": true, "paxos.Record": true, "*paxos.AcceptorHello": true, "*paxos.Membership": true,
	"[]paxos.Member": true, "[]paxos.Value": true, "*paxos.Value": true, "[]uint8": true,
	"[]string": true, "[]uint64": true,
}

// isEmptied names the types of which a copy is empty.
var isEmptied = map[string]bool{"paxos.Effects": true, "paxos.noter": true}

// copyPlan makes the shallow copy that lies at an address a deep one.
type copyPlan func(c *stateCopier, at unsafe.Pointer)

var copyPlans plans[copyPlan]

func copyPlanOf(t reflect.Type) *copyPlan { return copyPlans.of(t, newCopyPlan) }

// deepCopy returns a copy of what a pointer points to.
func deepCopy[T any](c *stateCopier, original *T) *T {
	c.copied = c.copied[:0]
	t := reflect.TypeFor[T]()
	made := new(T)
	*made = *original
	copyPlans.prepare(t, newCopyPlan)
	(*copyPlanOf(t))(c, unsafe.Pointer(made))
	return made
}

func newCopyPlan(t reflect.Type) copyPlan {
	switch {
	case isEmptied[t.String()]:
		return func(_ *stateCopier, at unsafe.Pointer) { reflect.NewAt(t, at).Elem().SetZero() }
	case !holdsPointers(t):
		return func(*stateCopier, unsafe.Pointer) {}
	}
	switch t.Kind() {
	case reflect.Struct:
		return structCopyPlan(t)
	case reflect.Array:
		elem, each := copyPlanOf(t.Elem()), t.Elem().Size()
		return func(c *stateCopier, at unsafe.Pointer) {
			for offset := uintptr(0); offset < t.Size(); offset += each {
				(*elem)(c, unsafe.Add(at, offset))
			}
		}
	case reflect.Slice:
		return sliceCopyPlan(t)
	case reflect.Map:
		return mapCopyPlan(t)
	case reflect.Pointer:
		elem := copyPlanOf(t.Elem())
		return func(c *stateCopier, at unsafe.Pointer) { c.copyPointer(t, elem, at) }
	case reflect.Interface:
		return func(c *stateCopier, at unsafe.Pointer) { c.copyInterface(reflect.NewAt(t, at).Elem()) }
	}
	panic(fmt.Sprintf("simulate: a state cannot hold a %v: nobody could copy it", t))
}

// holdsPointers reports whether a shallow copy of a value shares anything that may change.
func holdsPointers(t reflect.Type) bool {
	if isShared[t.String()] {
		return false
	}
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Map, reflect.Interface, reflect.Func, reflect.Chan:
		return true
	case reflect.Array:
		return holdsPointers(t.Elem())
	case reflect.Struct:
		for i := range t.NumField() {
			if f := t.Field(i).Type; holdsPointers(f) || isEmptied[f.String()] {
				return true
			}
		}
	}
	return false
}

func structCopyPlan(t reflect.Type) copyPlan {
	type field struct {
		offset uintptr
		plan   *copyPlan
	}
	var fields []field
	for i := range t.NumField() {
		if f := t.Field(i); holdsPointers(f.Type) || isEmptied[f.Type.String()] {
			fields = append(fields, field{f.Offset, copyPlanOf(f.Type)})
		}
	}
	return func(c *stateCopier, at unsafe.Pointer) {
		for i := range fields {
			(*fields[i].plan)(c, unsafe.Add(at, fields[i].offset))
		}
	}
}

func sliceCopyPlan(t reflect.Type) copyPlan {
	elem, each, isDeep := copyPlanOf(t.Elem()), t.Elem().Size(), holdsPointers(t.Elem())
	return func(c *stateCopier, at unsafe.Pointer) {
		old := reflect.NewAt(t, at).Elem()
		if old.IsNil() {
			return
		}
		made := reflect.MakeSlice(t, old.Len(), old.Len())
		reflect.Copy(made, old)
		old.Set(made)
		if isDeep {
			s := (*sliceHeader)(at)
			for i := range s.len {
				(*elem)(c, unsafe.Add(s.data, uintptr(i)*each))
			}
		}
	}
}

func mapCopyPlan(t reflect.Type) copyPlan {
	elem := copyPlanOf(t.Elem())
	return func(c *stateCopier, at unsafe.Pointer) {
		old := reflect.NewAt(t, at).Elem()
		if old.IsNil() {
			return
		}
		made := reflect.MakeMapWithSize(t, old.Len())
		value := reflect.New(t.Elem())
		for i := old.MapRange(); i.Next(); {
			value.Elem().SetIterValue(i)
			(*elem)(c, value.UnsafePointer())
			made.SetMapIndex(i.Key(), value.Elem())
		}
		old.Set(made)
	}
}

// copyPointer makes the pointer at an address lead to a copy, to one and the same where pointers led to
// one and the same.
func (c *stateCopier) copyPointer(t reflect.Type, elem *copyPlan, at unsafe.Pointer) {
	old := reflect.NewAt(t, at).Elem()
	if old.IsNil() {
		return
	}
	for i := range c.copied {
		if c.copied[i].old == old.UnsafePointer() {
			old.Set(reflect.NewAt(t.Elem(), c.copied[i].new))
			return
		}
	}
	made := reflect.New(t.Elem())
	made.Elem().Set(old.Elem())
	c.copied = append(c.copied, copied{old.UnsafePointer(), made.UnsafePointer()})
	old.Set(made)
	(*elem)(c, made.UnsafePointer())
}

// copyInterface makes an interface hold a copy of the pointer that it holds.
func (c *stateCopier) copyInterface(held reflect.Value) {
	if held.IsNil() {
		return
	}
	pointer := reflect.New(held.Elem().Type())
	pointer.Elem().Set(held.Elem())
	t := pointer.Type().Elem()
	copyPlans.prepare(t, newCopyPlan)
	(*copyPlanOf(t))(c, pointer.UnsafePointer())
	held.Set(pointer.Elem())
}
