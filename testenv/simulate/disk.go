package simulate

import "github.com/synod-log/synod/paxos"

// disk is an acceptor's store: its records, all durable, and what they add up to. What adds up is the
// crash image, that an acceptor's messages are judged by.
type disk struct {
	store   paxos.StoreID
	wipes   byte
	records []paxos.Record
	image   image
}

// image is what the records of a disk say.
type image struct {
	boot     uint64
	adopted  *paxos.Membership
	isFree   bool
	promised paxos.Ballot
	settled  paxos.Slot
	highest  paxos.Slot // highest slot recorded
	slots    []accepted // by slot; slot 0 is unused
}

// accepted is what was last recorded for a slot.
type accepted struct {
	ballot paxos.Ballot
	value  *paxos.Value // nil: nothing
}

// at returns what is recorded for a slot.
func (i *image) at(slot paxos.Slot) accepted {
	if int(slot) < len(i.slots) {
		return i.slots[slot]
	}
	return accepted{}
}

func (i *image) put(slot paxos.Slot, a accepted) {
	for int(slot) >= len(i.slots) {
		i.slots = append(i.slots, accepted{})
	}
	i.slots[slot] = a
	i.highest = max(i.highest, slot)
}

func (d *disk) reset(store paxos.StoreID) {
	d.store, d.wipes = store, 0
	d.truncate(0)
}

// append makes one record durable.
func (d *disk) append(record paxos.Record) {
	d.records = append(d.records, record)
	d.image.add(record)
}

// truncate forgets all records but the first few.
func (d *disk) truncate(left int) {
	clear(d.records[left:])
	d.records = d.records[:left]
	clear(d.image.slots)
	d.image = image{slots: d.image.slots[:0]}
	for _, record := range d.records {
		d.image.add(record)
	}
}

// freeAt is the place of the record that says that the acceptor is free to vote. A store is not rolled back
// to before it: then it is not told from one that founds the log.
func (d *disk) freeAt() int {
	for at, record := range d.records {
		if _, isFree := record.(*paxos.FreeRecord); isFree {
			return at
		}
	}
	return len(d.records)
}

// boots counts the boots from a place on.
func (d *disk) boots(from int) (count int) {
	for _, record := range d.records[from:] {
		if _, isBoot := record.(*paxos.BootRecord); isBoot {
			count++
		}
	}
	return count
}

// wipe replaces the disk by a new one.
func (d *disk) wipe() {
	d.truncate(0)
	d.wipes++
	d.store[1] = d.wipes
}

// copyOf makes d a copy of another disk.
func (d *disk) copyOf(other *disk) {
	d.reset(other.store)
	for _, record := range other.records {
		d.append(record)
	}
}

func (i *image) add(record paxos.Record) {
	switch r := record.(type) {
	case *paxos.BootRecord:
		i.boot = r.Boot
	case *paxos.AdoptedRecord:
		i.adopted = &r.Membership
	case *paxos.FreeRecord:
		i.isFree = true
	case *paxos.PromisedRecord:
		i.promised = r.Ballot
	case *paxos.AcceptedRecord:
		i.promised = r.Proposal.Ballot
		run := r.Proposal.Run
		for n := range run.Values {
			i.put(run.First+paxos.Slot(n), accepted{r.Proposal.Ballot, &run.Values[n]})
		}
	case *paxos.SettledRecord:
		i.settled = r.Through
	case *paxos.RepairedRecord:
		for n := range r.Run.Values {
			slot := r.Run.First + paxos.Slot(n)
			i.put(slot, accepted{i.at(slot).ballot, &r.Run.Values[n]})
		}
		i.settled = max(i.settled, r.Run.Last())
	}
}

// read is the page of settled values that answers a pull.
func (d *disk) read(r paxos.Read, page int) *paxos.Settled {
	run := paxos.Run{First: r.First}
	size := 0
	for slot := r.First; slot >= 1 && slot <= r.Through && d.image.at(slot).value != nil; slot++ {
		value := *d.image.at(slot).value
		if size += value.Size(); size > page && len(run.Values) > 0 {
			break
		}
		if r.IDsOnly {
			value = paxos.Value{Kind: value.Kind, ID: value.ID}
		}
		run.Values = append(run.Values, value)
	}
	return &paxos.Settled{Run: run, Through: r.Through, IDsOnly: r.IDsOnly}
}
