package codec

import "github.com/synod-log/synod/paxos"

const (
	reachedFields = 2
	leastReached  = 3 // bytes of a boot and a sequence below 128
)

func appendReached(to []byte, all []paxos.Reached) []byte {
	to = appendArray(to, len(all))
	for _, one := range all {
		to = appendUint(appendUint(appendArray(to, reachedFields), one.Boot), one.Sequence)
	}
	return to
}

func (p *parser) reached() []paxos.Reached {
	count := p.list(leastReached, paxos.MaxMembers)
	if count == 0 {
		return nil
	}
	all := make([]paxos.Reached, count)
	for i := 0; i < count && p.element(leastReached); i++ {
		p.tuple(reachedFields)
		all[i] = paxos.Reached{Boot: p.uint(), Sequence: p.uint()}
	}
	return all
}
