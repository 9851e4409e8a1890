package memfs

import "math/rand/v2"

// fate chooses what a crash leaves of what was not synced. It is asked in the same order each time.
type fate interface {
	// keeps reports whether a change of a name, or of a file's size, is kept.
	keeps() bool
	// leaves returns what is left of a sector that was old, nil if it was zeros, and of which these
	// versions were written since.
	leaves(old *sector, versions []*sector) *sector
}

// Crash returns a disk as it may be after the power failed now; the seed chooses what of the unsynced
// is lost. The seeds 0 and 1 are the extremes: all that can be lost is lost, and nothing is. The disk
// itself is not changed, so that one moment can be lost in many ways.
func (f *FS) Crash(seed uint64) *FS { return f.crash(newDrawn(seed)) }

// CrashScattered is Crash on a disk that writes each byte, and not each sector, whole or not at all.
func (f *FS) CrashScattered(seed uint64) *FS { return f.crash(scattered{newDrawn(seed)}) }

// Unsynced is how many changes a crash now could lose: versions of sectors, names and sizes. Bytes is
// how many bytes it could change.
func (f *FS) Unsynced() (changes, bytes int) {
	each, whole := &single{chosen: -1}, &prefix{}
	f.crash(each)
	f.crash(whole)
	return each.seen, whole.seen
}

// CrashKeeping is a crash that keeps one unsynced change alone, numbered from 0.
func (f *FS) CrashKeeping(change int) *FS { return f.crash(&single{chosen: change, isKept: true}) }

// CrashLosing is a crash that loses one unsynced change alone, numbered from 0. Where that is a version
// of a sector, the version before it is left.
func (f *FS) CrashLosing(change int) *FS { return f.crash(&single{chosen: change}) }

// CrashTorn is a crash in the middle of a sector: of the bytes that it could change the first so many
// are new, and the rest old; or, from behind, the first so many are old, and the rest new.
func (f *FS) CrashTorn(bytes int, fromBehind bool) *FS {
	return f.crash(&prefix{length: bytes, isOld: fromBehind})
}

func (f *FS) crash(fate fate) *FS {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	return f.image(fate)
}

// drawn is a fate drawn by a seed.
type drawn struct {
	seed   uint64
	choice *rand.Rand
}

func newDrawn(seed uint64) drawn { return drawn{seed, rand.New(rand.NewPCG(seed, 0))} }

func (d drawn) keeps() bool { return d.seed == 1 || d.seed > 1 && d.choice.IntN(2) == 0 }

func (d drawn) leaves(old *sector, versions []*sector) *sector {
	switch {
	case !d.keeps():
		return old
	case d.seed == 1:
		return versions[len(versions)-1]
	}
	return versions[d.choice.IntN(len(versions))]
}

// scattered draws for each byte of a sector.
type scattered struct{ drawn }

func (s scattered) leaves(old *sector, versions []*sector) *sector {
	var left sector
	if old != nil {
		left = *old
	}
	for i := range left {
		if s.keeps() {
			left[i] = versions[s.choice.IntN(len(versions))][i]
		}
	}
	return &left
}

// single is the fate of a crash that keeps one change alone, or loses one alone.
type single struct {
	chosen, seen int
	isKept       bool
}

func (s *single) isChosen() bool {
	s.seen++
	return s.seen-1 == s.chosen
}

func (s *single) keeps() bool { return s.isChosen() == s.isKept }

func (s *single) leaves(old *sector, versions []*sector) *sector {
	left := old
	if !s.isKept {
		left = versions[len(versions)-1]
	}
	before := old
	for _, version := range versions {
		if s.isChosen() {
			left = before
			if s.isKept {
				left = version
			}
		}
		before = version
	}
	return left
}

// prefix is the fate of a crash that takes the unsynced bytes one by one.
type prefix struct {
	length, seen int
	isOld        bool // the first are old, instead of new
}

func (p *prefix) keeps() bool { return true }

func (p *prefix) leaves(old *sector, versions []*sector) *sector {
	var left sector
	if old != nil {
		left = *old
	}
	newest := versions[len(versions)-1]
	for i := range left {
		if left[i] == newest[i] {
			continue
		}
		if isFirst := p.seen < p.length; isFirst != p.isOld {
			left[i] = newest[i]
		}
		p.seen++
	}
	return &left
}
