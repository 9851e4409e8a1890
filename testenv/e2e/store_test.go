package e2e

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/synod-log/synod/testenv/process"
)

// requireRefused checks that a process ends by itself, with exit code 1 and all the texts in its talk.
func requireRefused(t *testing.T, p *process.Process, texts ...string) {
	t.Helper()
	if code := p.AwaitExit(patience); code != 1 {
		t.Errorf("ended with %d, want 1", code)
	}
	for _, text := range texts {
		if !strings.Contains(p.Talk(), text) {
			t.Errorf("it said\n%s\nwant %q", p.Talk(), text)
		}
	}
}

// fill has the cluster choose a few values, which begin with name and a dot.
func (c *cluster) fill(name string) {
	c.t.Helper()
	load := StartLoad(c.t, name, c.url, wait)
	load.Progress(50, patience)
	c.filled = append(c.filled, since(c.filled, load.Stop())...)
}

// requireWorking checks that the cluster goes on, and that its log holds all that it was filled with.
func (c *cluster) requireWorking() {
	c.t.Helper()
	c.fill("after")
	c.requireRight(c.filled)
}

func copyStore(t *testing.T, from, to string) {
	t.Helper()
	if err := os.CopyFS(to, os.DirFS(from)); err != nil {
		t.Fatal(err)
	}
}

func TestAnAcceptorThatLostItsStoreIsRefused(t *testing.T) {
	c := startCluster(t)
	c.fill("fill")
	c.workers["a1"].Kill()
	if err := os.RemoveAll(c.store("a1")); err != nil {
		t.Fatal(err)
	}
	requireRefused(t, c.start("a1"), "acceptor a1 lost its store (log main knows it as", "cannot vote")
	c.requireWorking()
}

func TestAClonedStoreIsFound(t *testing.T) {
	c := startCluster(t)
	c.fill("fill")
	c.workers["a1"].Kill()
	clone := filepath.Join(c.dir, "clone")
	copyStore(t, c.store("a1"), clone)
	c.start("a1")
	twin := process.Start(t, c.dir, "twin", c.synod, "acceptor", "--id", "a1", "--members", "a1,a2,a3",
		"--data", clone, "-s", c.url)
	requireRefused(t, twin, "acceptor a1 runs twice, or from an old copy of its store")
	c.requireWorking()
}

func TestAnOldCopyOfAStoreIsFound(t *testing.T) {
	c := startCluster(t)
	c.fill("fill")
	c.workers["a1"].Kill()
	old := filepath.Join(c.dir, "old")
	copyStore(t, c.store("a1"), old)
	c.start("a1")
	c.workers["a1"].AwaitTalk("connected to NATS", patience)
	c.workers["a3"].Kill() // so that a1's votes are needed
	c.fill("again")
	c.start("a3")
	c.workers["a1"].Kill()
	if err := os.RemoveAll(c.store("a1")); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(old, c.store("a1")); err != nil {
		t.Fatal(err)
	}
	requireRefused(t, c.start("a1"), "acceptor a1", "old copy")
	c.requireWorking()
}

func TestAStoreOfAnotherIsRefused(t *testing.T) {
	c := startCluster(t)
	c.fill("fill")
	c.workers["a1"].Kill()
	acceptor := func(name string, args ...string) *process.Process {
		args = append([]string{"acceptor", "-s", c.url, "--data", c.store("a1")}, args...)
		return process.Start(t, c.dir, name, c.synod, args...)
	}
	requireRefused(t, acceptor("other-id", "--id", "a9", "--members", "a9,a2,a3"),
		"belongs to acceptor a1, not to a9")
	requireRefused(t, acceptor("other-log", "--id", "a1", "--members", "a1,a2,a3", "--log", "orders"),
		"belongs to log main, not to orders")
	c.start("a1").AwaitTalk("connected to NATS", patience)
	requireRefused(t, acceptor("in-use", "--id", "a1", "--members", "a1,a2,a3"),
		"is in use by another process")
	c.requireWorking()
}

func TestAStoreOfANewerFormatIsRefused(t *testing.T) {
	c := startCluster(t)
	c.fill("fill")
	c.workers["a1"].Kill()
	raiseFormat(t, filepath.Join(c.store("a1"), "00000001.segment"))
	requireRefused(t, c.start("a1"), "has format 2, newer than 1", "start the version that wrote it")
	c.requireWorking()
}

// raiseFormat makes the header of a segment, as package store documents it, one of format 2.
func raiseFormat(t *testing.T, segment string) {
	t.Helper()
	const header, format, checksum = 4096, 8, 4092
	file, err := os.OpenFile(segment, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	data := make([]byte, header)
	if _, err := file.ReadAt(data, 0); err != nil {
		t.Fatal(err)
	}
	table := crc32.MakeTable(crc32.Castagnoli)
	if binary.LittleEndian.Uint32(data[checksum:]) != crc32.Checksum(data[:checksum], table) {
		t.Fatal("the header is not laid out as it was")
	}
	binary.LittleEndian.PutUint32(data[format:], 2)
	binary.LittleEndian.PutUint32(data[checksum:], crc32.Checksum(data[:checksum], table))
	if _, err := file.WriteAt(data, 0); err != nil {
		t.Fatal(err)
	}
}

func TestADamagedStoreIsRefusedAndLeftAsItIs(t *testing.T) {
	c := startCluster(t)
	c.fill("fill")
	c.workers["a1"].Kill()
	segment := filepath.Join(c.store("a1"), "00000001.segment")
	data, err := os.ReadFile(segment)
	if err != nil {
		t.Fatal(err)
	}
	at := 4096 + bytes.Index(data[4096:], []byte("fill."))
	data[at] ^= 1
	if err := os.WriteFile(segment, data, 0o600); err != nil {
		t.Fatal(err)
	}
	requireRefused(t, c.start("a1"), "store is damaged: 00000001.segment at byte", "keep the directory as it is")
	after, err := os.ReadFile(segment)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(after, data) {
		t.Error("a damaged store was changed")
	}
	c.requireWorking()
}

func TestADirectoryThatCannotBeWrittenIsAnError(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	got := process.Run(t, patience, "", process.Build(t, "cmd/synod"), "acceptor", "--id", "a1",
		"--members", "a1,a2,a3", "--data", filepath.Join(file, "store"))
	if got.Code != 1 || !strings.Contains(got.Talk, filepath.Join(file, "store")+" cannot be used") {
		t.Errorf("ended with %d and said %q", got.Code, got.Talk)
	}
}
