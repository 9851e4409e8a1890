package process

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

const module = "github.com/synod-log/synod/"

var builds struct {
	mutex sync.Mutex
	dir   string
	built map[string]string
}

// Main runs a package's tests and then removes what they built. A TestMain calls it.
func Main(m *testing.M) int {
	defer func() {
		if builds.dir != "" {
			os.RemoveAll(builds.dir)
		}
	}()
	return m.Run()
}

// Build builds a program of this module, such as "cmd/synod", the first time it is asked for, and
// returns the executable.
func Build(t testing.TB, program string) string {
	t.Helper()
	builds.mutex.Lock()
	defer builds.mutex.Unlock()
	if built, ok := builds.built[program]; ok {
		return built
	}
	built, err := build(program)
	if err != nil {
		t.Fatal(err)
	}
	return built
}

func build(program string) (string, error) {
	if builds.dir == "" {
		dir, err := os.MkdirTemp("", "synod-build-")
		if err != nil {
			return "", err
		}
		builds.dir, builds.built = dir, make(map[string]string)
	}
	target, err := BuildIn(builds.dir, program)
	if err != nil {
		return "", err
	}
	builds.built[program] = target
	return target, nil
}

// BuildIn builds a program of this module into a directory, and returns the executable.
func BuildIn(dir, program string) (string, error) {
	target := filepath.Join(dir, strings.ReplaceAll(program, "/", "-"))
	cmd := exec.Command("go", "build", "-o", target, module+program)
	if said, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("building %s: %w\n%s", program, err, said)
	}
	return target, nil
}
