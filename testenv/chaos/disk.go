package chaos

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// skipped is why a fault could not be injected on this machine.
type skipped struct{ why string }

func (s skipped) Error() string { return "skipped: " + s.why }

// fillDisk moves an acceptor's store to a file system that has no room for another segment, and has
// clients propose until that is needed: the acceptor must end and say why. Then the store, as it is
// now, gets room again.
func (r *runner) fillDisk(id string) error {
	m, dir := r.cluster.members[id], r.cluster.store(id)
	small := dir + ".small"
	m.kill()
	if err := r.mountFor(dir, small); err != nil {
		return errors.Join(err, m.start())
	}
	defer os.Remove(small)
	defer unmount(small)
	inSmall := filepath.Join(small, "store")
	if err := copyStore(inSmall, dir); err != nil {
		return errors.Join(err, m.start())
	}
	args := m.args
	m.args = nil
	for _, arg := range args {
		m.args = append(m.args, strings.Replace(arg, dir, inSmall, 1))
	}
	err := m.startToEnd()
	if err == nil {
		err = r.fillUntilEnded(m.current())
	}
	if err == nil {
		err = m.requireRefusal("no space left on device")
	}
	m.kill()
	m.args = args
	// What the acceptor has promised and voted since is in the small file system alone.
	if copying := errors.Join(os.Rename(dir, dir+".before"), copyStore(dir, inSmall)); copying != nil {
		return errors.Join(err, copying)
	}
	return errors.Join(err, os.RemoveAll(dir+".before"), m.start())
}

// mountFor mounts a file system that has room for a store as it is, and little more.
func (r *runner) mountFor(dir, at string) error {
	const spare = 4 << 20
	segments, err := segmentsOf(dir)
	if err != nil {
		return err
	}
	bytes := int64(spare)
	for _, name := range segments {
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil {
			return err
		}
		bytes += info.Size()
	}
	if err := os.MkdirAll(at, 0o700); err != nil {
		return err
	}
	if err := mount(at, bytes); err != nil {
		os.Remove(at)
		return skipped{fmt.Sprintf("a full disk needs the right to mount a small one: %v", err)}
	}
	return nil
}

// fillUntilEnded proposes large values until a process has ended, or two segments are surely full.
func (r *runner) fillUntilEnded(p *run) error {
	const size, times, most = 64 << 10, 16, 144 << 20
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	for sent := 0; sent < most && p.IsRunning() && ctx.Err() == nil; sent += times * size {
		r.load.proposeAll(ctx, "filler", times, size)
	}
	if ctx.Err() != nil && p.IsRunning() {
		return skipped{fmt.Sprintf("the machine was too slow to fill a disk within %v", patience)}
	}
	return nil
}
