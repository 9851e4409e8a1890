package store

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// A store whose directory's own entry a power failure takes is a store lost.
func TestEachDirectoryThatIsMadeIsDurableBeforeTheNextIs(t *testing.T) {
	top := t.TempDir()
	var path [3]string
	path[0] = filepath.Join(top, "a")
	path[1] = filepath.Join(path[0], "b")
	path[2] = filepath.Join(path[1], "c")

	var synced []string
	var there []int // how many of the path were there at each sync
	note := func(dir string) error {
		count := 0
		for _, each := range path {
			if _, err := os.Stat(each); err == nil {
				count++
			}
		}
		synced, there = append(synced, dir), append(there, count)
		return nil
	}
	if err := makeDirectory(path[2], note); err != nil {
		t.Fatal(err)
	}
	if want := []string{top, path[0], path[1]}; !slices.Equal(synced, want) || !slices.Equal(there, []int{1, 2, 3}) {
		t.Errorf("synced were %q, when %d of the directories were there; want %q, each once its entry was made",
			synced, there, want)
	}

	// Whoever made it may have been killed before it was durable.
	synced = nil
	if err := makeDirectory(path[2], note); err != nil {
		t.Fatal(err)
	}
	if want := path[1:2]; !slices.Equal(synced, want) {
		t.Errorf("of a directory that is there, synced were %q, want %q", synced, want)
	}
}

func TestADirectoryThatCannotBeMadeDurableIsNotUsed(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a")
	broken := errors.New("the disk is gone")
	for _, about := range []string{"that is made", "that is there"} {
		if err := makeDirectory(dir, func(string) error { return broken }); !errors.Is(err, broken) {
			t.Errorf("of a directory %s: %v, want %v", about, err, broken)
		}
	}
	// Somebody else's parent that this user may not read is no reason not to run.
	if err := makeDirectory(dir, func(string) error { return fs.ErrPermission }); err != nil {
		t.Errorf("of a directory that is there, in one that cannot be read: %v", err)
	}
}
