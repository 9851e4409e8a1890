package memfs

import (
	"maps"
	"slices"
)

// Kill returns a disk as it is after the program alone was killed now: nothing is lost, but what
// was not synced still is not.
func (f *FS) Kill() *FS {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	killed := &FS{directories: map[string]*directory{}}
	copies := map[*file]*file{}
	for dir, d := range f.directories {
		copied := newDirectory()
		for name, old := range d.names {
			copied.names[name] = old.copy(copies)
		}
		for name, old := range d.durable {
			copied.durable[name] = old.copy(copies)
		}
		for _, c := range d.changes {
			if c.file != nil {
				c.file = c.file.copy(copies)
			}
			copied.changes = append(copied.changes, c)
		}
		killed.directories[dir] = copied
	}
	return killed
}

func (f *file) copy(copies map[*file]*file) *file {
	if copies[f] == nil {
		copied := *f
		copied.now, copied.durable = maps.Clone(f.now), maps.Clone(f.durable)
		copied.dirty, copied.forgotten = copyVersions(f.dirty), copyVersions(f.forgotten)
		copies[f] = &copied
	}
	return copies[f]
}

func copyVersions(versions map[int64][]*sector) map[int64][]*sector {
	copied := maps.Clone(versions)
	for number := range copied {
		copied[number] = slices.Clone(copied[number])
	}
	return copied
}

func (f *FS) image(fate fate) *FS {
	image := &FS{directories: map[string]*directory{}}
	for _, dir := range slices.Sorted(maps.Keys(f.directories)) {
		d := f.directories[dir]
		names := maps.Clone(d.durable)
		for _, c := range d.changes {
			isPossible := c.from == "" || names[c.from] == c.file
			if fate.keeps() && isPossible {
				c.apply(names)
			}
		}
		left := newDirectory()
		for _, name := range slices.Sorted(maps.Keys(names)) {
			left.names[name] = names[name].left(fate)
		}
		left.durable = maps.Clone(left.names)
		image.directories[dir] = left
	}
	return image
}

// left is what a crash leaves of a file.
func (f *file) left(fate fate) *file {
	left := &file{size: f.durableSize, now: maps.Clone(f.durable)}
	if left.now == nil {
		left.now = sectors{}
	}
	if f.isSizeDirty && fate.keeps() {
		left.size = f.size
	}
	for _, unsynced := range []map[int64][]*sector{f.forgotten, f.dirty} {
		for _, number := range slices.Sorted(maps.Keys(unsynced)) {
			if s := fate.leaves(left.now[number], unsynced[number]); s != nil {
				left.now[number] = s
			}
		}
	}
	left.durable, left.durableSize = maps.Clone(left.now), left.size
	left.dirty = map[int64][]*sector{}
	return left
}

// Bytes returns the bytes of a file, nil where there is none.
func (f *FS) Bytes(dir, name string) []byte {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	d := f.directories[dir]
	if d == nil || d.names[name] == nil {
		return nil
	}
	found := d.names[name]
	data := make([]byte, found.size)
	for number, s := range found.now {
		if from := number * sectorBytes; from < found.size {
			copy(data[from:], s[:])
		}
	}
	return data
}

// Put makes a file of these bytes, durable at once, or replaces it.
func (f *FS) Put(dir, name string, data []byte) {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	if f.directories == nil {
		f.directories = map[string]*directory{}
	}
	if f.directories[dir] == nil {
		f.directories[dir] = newDirectory()
	}
	put := &file{}
	put.write(data, 0)
	put.sync()
	f.directories[dir].names[name] = put
	f.directories[dir].durable[name] = put
}

// Names returns the names in a directory, sorted.
func (f *FS) Names(dir string) []string {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	if f.directories[dir] == nil {
		return nil
	}
	return slices.Sorted(maps.Keys(f.directories[dir].names))
}

// Flip changes one bit of a file, on disk and for reads alike.
func (f *FS) Flip(dir, name string, bit int64) {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	flipped := f.directories[dir].names[name]
	at := bit / 8
	var data [1]byte
	if s := flipped.now[at/sectorBytes]; s != nil {
		data[0] = s[at%sectorBytes]
	}
	data[0] ^= 1 << (bit % 8)
	flipped.write(data[:], at)
	flipped.sync()
}
