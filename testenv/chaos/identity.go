package chaos

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/synod-log/synod/store"
	"github.com/synod-log/synod/worker"
)

// wipe starts an acceptor with an empty directory in place of its store, which must refuse, and
// puts the store back.
func (r *runner) wipe(id string) error {
	m := r.cluster.members[id]
	m.kill()
	return errors.Join(r.refuse(id, "", "lost its store"), m.start())
}

// rollBack starts an acceptor from a copy of its store that lacks what it has done since, which
// must refuse, and puts the store back.
func (r *runner) rollBack(id string) error {
	m := r.cluster.members[id]
	old, sequence, err := r.copyStore(id)
	if err != nil {
		return err
	}
	if err := errors.Join(m.start(), r.awaitSequence(id, sequence+least)); err != nil {
		return err
	}
	m.kill()
	return errors.Join(r.refuse(id, old, "old copy"), m.start())
}

// least is how many records an acceptor must have saved beyond those in a copy of its store: the
// copy has then forgotten promises or votes, not only that it was started.
const least = 20

// refuse starts an acceptor with another directory, or an empty one, where its store was. It must
// end and say why in one of the texts. The store itself is moved aside and back.
func (r *runner) refuse(id, other string, texts ...string) error {
	m, dir := r.cluster.members[id], r.cluster.store(id)
	if err := os.Rename(dir, dir+".true"); err != nil {
		return err
	}
	if other != "" {
		if err := os.Rename(other, dir); err != nil {
			return err
		}
	}
	err := m.startToEnd()
	if err == nil {
		err = m.requireRefusal(texts...)
	}
	return errors.Join(err, os.RemoveAll(dir), os.Rename(dir+".true", dir))
}

// clone starts a second process from a copy of an acceptor's store. It must end. Where it is at the
// same boot nobody can tell which of them is the acceptor, so that both must; otherwise the
// acceptor goes on.
func (r *runner) clone(s Step, id string) error {
	m := r.cluster.members[id]
	copied, sequence, err := r.copyStore(id)
	if err != nil {
		return err
	}
	defer os.RemoveAll(copied)
	isSameBoot := s.Variant%2 == 0
	if !isSameBoot {
		// The first thing that a start saves is its boot.
		if err := errors.Join(m.start(), r.awaitSequence(id, sequence+1)); err != nil {
			return err
		}
		m.kill()
	}
	if err := errors.Join(m.start(), r.awaitSequence(id, sequence+least)); err != nil {
		return err
	}
	twin := &member{id: id + "-clone", dir: m.dir, binary: m.binary, fault: m.fault}
	for _, arg := range m.args {
		twin.args = append(twin.args, strings.Replace(arg, r.cluster.store(id), copied, 1))
	}
	m.current().mayEnd.Store(isSameBoot)
	if err := twin.startToEnd(); err != nil {
		return err
	}
	err = twin.requireRefusal("runs twice, or from an old copy")
	if !isSameBoot {
		return err
	}
	err = errors.Join(err, m.requireRefusal("runs twice, or from an old copy"))
	return errors.Join(err, m.start())
}

// startToEnd starts a member that is to end by itself.
func (m *member) startToEnd(more ...string) error {
	r, err := m.startOnce(more)
	if err == nil {
		r.mayEnd.Store(true)
	}
	return err
}

// copyStore kills an acceptor, copies its store, and tells how many records that has.
func (r *runner) copyStore(id string) (copied string, sequence uint64, err error) {
	r.cluster.members[id].kill()
	dir := r.cluster.store(id)
	found, err := store.Inspect(dir)
	if err != nil {
		return "", 0, err
	}
	copied = fmt.Sprintf("%s.copy-%d", dir, time.Now().UnixNano())
	return copied, found.Records, copyStore(copied, dir)
}

// copyStore copies what of a store counts: not the segment to come, which is zeros.
func copyStore(to, from string) error {
	if err := os.MkdirAll(to, 0o700); err != nil {
		return err
	}
	segments, err := segmentsOf(from)
	if err != nil {
		return err
	}
	for _, name := range segments {
		data, err := os.ReadFile(filepath.Join(from, name))
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(to, name), data, 0o600); err != nil {
			return err
		}
	}
	return nil
}

func segmentsOf(dir string) ([]string, error) { return fs.Glob(os.DirFS(dir), "*.segment") }

// awaitSequence waits until an acceptor has saved so many records.
func (r *runner) awaitSequence(id string, sequence uint64) error {
	var report worker.AcceptorReport
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(poll) {
		if r.cluster.ask(id, &report) == nil && report.Sequence >= sequence {
			return nil
		}
	}
	return fmt.Errorf("%s has %d records after %v, want %d", id, report.Sequence, patience, sequence)
}
