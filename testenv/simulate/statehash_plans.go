package simulate

import (
	"reflect"
	"sync"
)

// plans keeps what is to be done with the values of each type, so that a type is looked at once. It is for
// concurrent use.
type plans[Plan any] struct {
	made sync.Map // *Plan by reflect.Type
	lock sync.Mutex
	open map[reflect.Type]*Plan // being made: a type may lead to itself
}

// of returns the plan for a type. Where it is called by make, what it returns is valid when make has
// returned.
func (p *plans[Plan]) of(t reflect.Type, make func(reflect.Type) Plan) *Plan {
	if made, ok := p.made.Load(t); ok {
		return made.(*Plan)
	}
	if made, ok := p.open[t]; ok {
		return made
	}
	plan := new(Plan)
	p.open[t] = plan
	*plan = make(t)
	return plan
}

// prepare makes the plan for a type, and for all it leads to, where there is none yet.
func (p *plans[Plan]) prepare(t reflect.Type, make func(reflect.Type) Plan) {
	if _, ok := p.made.Load(t); ok {
		return
	}
	p.lock.Lock()
	defer p.lock.Unlock()
	p.open = map[reflect.Type]*Plan{}
	p.of(t, make)
	for t, plan := range p.open {
		p.made.Store(t, plan)
	}
}
