package e2e

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// system runs a program of the system's and returns what it said; its failure is the test's.
func system(t testing.TB, program string, args ...string) string {
	t.Helper()
	said, err := exec.Command(program, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s %s: %v: %s", program, strings.Join(args, " "), err, said)
	}
	return string(bytes.TrimSpace(said))
}

// mountTmpfs mounts a file system in memory, of a size as mount has it, at dir. It is gone with the test.
func mountTmpfs(t testing.TB, dir, size string) {
	t.Helper()
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	said, err := exec.Command("mount", "-t", "tmpfs", "-o", "size="+size, "synod-test", dir).CombinedOutput()
	if err != nil {
		t.Skipf("skipped: may not mount a file system: %s", bytes.TrimSpace(said))
	}
	t.Cleanup(func() { system(t, "umount", "-l", dir) })
}

// image is a disk of 16 MiB in a file, with an ext4 file system mounted at a directory. Its journal is not
// written before something is synced, so that what was never synced can be lost.
type image struct {
	t         testing.TB
	file, dir string
	isMounted bool
}

// newImage makes the disk and mounts it. It is gone with the test.
func newImage(t testing.TB, dir string) *image {
	t.Helper()
	if _, err := exec.LookPath("mkfs.ext4"); err != nil {
		t.Skip("skipped: needs mkfs.ext4")
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	i := &image{t: t, file: filepath.Join(t.TempDir(), "disk"), dir: dir}
	if err := os.WriteFile(i.file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(i.file, 16<<20); err != nil {
		t.Fatal(err)
	}
	system(t, "mkfs.ext4", "-q", "-F", i.file)
	if said, err := i.tryMount(); err != nil {
		t.Skipf("skipped: may not mount a disk in a file: %s", said)
	}
	t.Cleanup(i.unmount)
	return i
}

func (i *image) tryMount() ([]byte, error) {
	said, err := exec.Command("mount", "-o", "loop,commit=300,errors=remount-ro", i.file, i.dir).CombinedOutput()
	i.isMounted = err == nil
	return bytes.TrimSpace(said), err
}

func (i *image) mount() {
	i.t.Helper()
	if said, err := i.tryMount(); err != nil {
		i.t.Fatalf("mounting %s: %v: %s", i.file, err, said)
	}
}

// unmount ends the use of the disk. No process may have a file of it open.
func (i *image) unmount() {
	i.t.Helper()
	if i.isMounted {
		system(i.t, "umount", i.dir)
		i.isMounted = false
	}
}

// cutPower has the file system forget, at once and for good, all that it has not written to the disk. From
// then on whoever uses it gets an error of the device. Once unmounted and mounted it is as after a power cut.
func (i *image) cutPower() {
	i.t.Helper()
	const shutdown, withoutJournal = 0x8004587d, 2 // EXT4_IOC_SHUTDOWN, EXT4_GOING_FLAGS_NOLOGFLUSH
	dir, err := os.Open(i.dir)
	if err != nil {
		i.t.Fatal(err)
	}
	defer dir.Close()
	if err := unix.IoctlSetPointerInt(int(dir.Fd()), shutdown, withoutJournal); err != nil {
		i.t.Skipf("skipped: the kernel does not shut a file system down: %v", err)
	}
}

// makeReadOnly has the file system find a fault, after which nothing can be written to it any more.
func (i *image) makeReadOnly() {
	i.t.Helper()
	device := filepath.Base(system(i.t, "findmnt", "-n", "-o", "SOURCE", i.dir))
	trigger := fmt.Sprintf("/sys/fs/ext4/%s/trigger_fs_error", device)
	if err := os.WriteFile(trigger, []byte("1"), 0o200); err != nil {
		i.t.Skipf("skipped: the kernel does not make a file system read-only by itself: %v", err)
	}
}

// repair checks the file system, which is not mounted, and mends it.
func (i *image) repair() {
	i.t.Helper()
	var exit *exec.ExitError
	said, err := exec.Command("e2fsck", "-fy", i.file).CombinedOutput()
	if err != nil && (!errors.As(err, &exit) || exit.ExitCode() > 1) { // 1: mended
		i.t.Fatalf("e2fsck: %v: %s", err, said)
	}
}

// copyTo writes a copy of the disk as it is now, taken below the file system, to a file.
func (i *image) copyTo(file string) {
	i.t.Helper()
	data, err := os.ReadFile(i.file)
	if err != nil {
		i.t.Fatal(err)
	}
	if err := os.WriteFile(file, data, 0o600); err != nil {
		i.t.Fatal(err)
	}
}
