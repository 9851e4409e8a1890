package memfs

import (
	"errors"
	"io"
	"io/fs"
)

// sectorBytes is the size of what is written whole or not at all.
const sectorBytes = 512

type sector [sectorBytes]byte

// sectors is a file's bytes; a sector of zeros alone is left out.
type sectors map[int64]*sector

// file is the bytes that reads see, and what is known of those on disk.
type file struct {
	size, durableSize int64
	now, durable      sectors

	// dirty has each version of a sector written since the last sync, and forgotten each that a
	// failed sync was to save: no sync saves those any more.
	dirty, forgotten map[int64][]*sector
	isSizeDirty      bool
}

// handle is one opening of a file.
type handle struct {
	fs       *FS
	name     string // that it was opened by
	file     *file
	readOnly bool
	isClosed bool
}

func (h *handle) Close() error {
	h.fs.mutex.Lock()
	defer h.fs.mutex.Unlock()
	if h.isClosed {
		return fs.ErrClosed
	}
	h.isClosed = true
	return h.fs.operate("close", h.name).err
}

func (h *handle) Size() (int64, error) {
	h.fs.mutex.Lock()
	defer h.fs.mutex.Unlock()
	if h.isClosed {
		return 0, fs.ErrClosed
	}
	return h.file.size, h.fs.operate("stat", h.name).err
}

func (h *handle) ReadAt(data []byte, at int64) (int, error) {
	h.fs.mutex.Lock()
	defer h.fs.mutex.Unlock()
	if h.isClosed {
		return 0, fs.ErrClosed
	}
	if err := h.fs.operate("read", h.name).err; err != nil {
		return 0, err
	}
	if at >= h.file.size {
		return 0, io.EOF
	}
	whole := len(data)
	data = data[:min(int64(whole), h.file.size-at)]
	for done := 0; done < len(data); {
		from := (at + int64(done)) % sectorBytes
		part := data[done:min(len(data), done+sectorBytes-int(from))]
		if s := h.file.now[(at+int64(done))/sectorBytes]; s != nil {
			copy(part, s[from:])
		} else {
			clear(part)
		}
		done += len(part)
	}
	if len(data) < whole {
		return len(data), io.EOF
	}
	return len(data), nil
}

func (h *handle) WriteAt(data []byte, at int64) (int, error) {
	h.fs.mutex.Lock()
	defer h.fs.mutex.Unlock()
	if h.readOnly || h.isClosed {
		return 0, fs.ErrPermission
	}
	now := h.fs.operate("write", h.name)
	switch {
	case now.hasEffect:
	case errors.Is(now.err, ErrStopped):
		data = nil
	default:
		data = data[:len(data)/2]
	}
	h.file.write(data, at)
	return len(data), now.err
}

func (f *file) write(data []byte, at int64) {
	if end := at + int64(len(data)); len(data) > 0 && end > f.size {
		f.size, f.isSizeDirty = end, true
	}
	for len(data) > 0 {
		number, from := at/sectorBytes, at%sectorBytes
		part := data[:min(int64(len(data)), sectorBytes-from)]
		f.writeSector(number, from, part)
		data, at = data[len(part):], at+int64(len(part))
	}
}

func (f *file) writeSector(number, from int64, part []byte) {
	var written sector
	old := f.now[number]
	if old != nil {
		written = *old
	}
	copy(written[from:], part)
	if old == nil && written == (sector{}) && f.dirty[number] == nil && f.forgotten[number] == nil {
		return // zeros where zeros are: kept or lost is the same
	}
	if f.now == nil {
		f.now, f.dirty = sectors{}, map[int64][]*sector{}
	}
	f.now[number] = &written
	f.dirty[number] = append(f.dirty[number], &written)
}

func (h *handle) Sync() error {
	h.fs.mutex.Lock()
	defer h.fs.mutex.Unlock()
	if h.isClosed {
		return fs.ErrClosed
	}
	now := h.fs.operate("sync", h.name)
	switch {
	case now.err == nil:
		h.file.sync()
	case !errors.Is(now.err, ErrStopped):
		h.file.forget()
	}
	return now.err
}

func (f *file) sync() {
	if f.durable == nil {
		f.durable = sectors{}
	}
	for number, versions := range f.dirty {
		f.durable[number] = versions[len(versions)-1]
		delete(f.forgotten, number)
	}
	clear(f.dirty)
	f.durableSize, f.isSizeDirty = f.size, false
}

// forget is what a failed sync does: what it was to save may be on disk or not, and counts as saved.
func (f *file) forget() {
	if f.forgotten == nil {
		f.forgotten = map[int64][]*sector{}
	}
	for number, versions := range f.dirty {
		f.forgotten[number] = append(f.forgotten[number], versions...)
	}
	clear(f.dirty)
}
