package store

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// A disk in memory shows that everything is synced when it must be. That a sync is one for the system too,
// shows a file that it refuses to sync: one that is closed.
func TestASyncReachesTheSystem(t *testing.T) {
	for name, sync := range map[string]func(*os.File) error{
		"a file's bytes": func(file *os.File) error { return osFile{file}.Sync() }, "a directory": syncEntries,
	} {
		closed, err := os.Create(filepath.Join(t.TempDir(), "closed"))
		if err != nil {
			t.Fatal(err)
		}
		if err := sync(closed); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if err := closed.Close(); err != nil {
			t.Fatal(err)
		}
		if err := sync(closed); !errors.Is(err, os.ErrClosed) && !errors.Is(err, syscall.EBADF) {
			t.Errorf("%s that is closed: %v, want the system's refusal", name, err)
		}
	}
}
