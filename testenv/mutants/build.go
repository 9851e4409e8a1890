package mutants

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// killing is a binary that a killer is run with: the product with some mutants in it.
type killing struct {
	path   string
	number int // of the mutant that is to be active; 0: the product as it is
}

// target is what is built for a killer: the simulator's command, or a package's tests.
func (k Killer) target() string {
	if k.Seeds > 0 {
		return "./testenv/cmd/simulate"
	}
	return k.Package
}

// buildAll builds the binaries for the mutants, few for many: one for each target, and one for each mutant
// that can only be built alone. It returns each mutant's binary, or why there is none.
func (w Workshop) buildAll(ctx context.Context, dir string, mutants []Mutant) (built []killing, failed []error) {
	built, failed = make([]killing, len(mutants)), make([]error, len(mutants))
	byTarget := map[string][]int{}
	for i, m := range mutants {
		byTarget[m.Killer.target()] = append(byTarget[m.Killer.target()], i)
	}
	for target, members := range byTarget {
		for isBuilt := false; !isBuilt; {
			members = slices.DeleteFunc(members, func(i int) bool { return failed[i] != nil })
			isBuilt = w.buildTogether(ctx, dir, target, mutants, members, built, failed)
		}
	}
	return built, failed
}

// buildTogether builds some mutants of one target. It reports false where one of them kept the others from
// being built, which then has failed.
func (w Workshop) buildTogether(
	ctx context.Context, dir, target string, mutants []Mutant, members []int, built []killing, failed []error,
) bool {
	shared := newVariants(w.Root)
	for _, i := range members {
		isShared, err := shared.add(i+1, mutants[i])
		switch {
		case err != nil:
			failed[i] = err
		case isShared:
			built[i].number = i + 1
		case built[i].path == "":
			built[i].path, failed[i] = w.buildAlone(ctx, dir, i, mutants[i])
		}
	}
	path, err := w.build(ctx, dir, target, shared.sources())
	if err != nil {
		if culprit := shared.culprit(err.Error()); culprit > 0 {
			failed[culprit-1] = err
			return false
		}
	}
	for _, i := range members {
		if built[i].number != 0 && failed[i] == nil {
			built[i].path, failed[i] = path, err
		}
	}
	return true
}

func (w Workshop) buildAlone(ctx context.Context, dir string, number int, m Mutant) (string, error) {
	return w.Build(ctx, filepath.Join(dir, fmt.Sprint(number)), m, m.Killer.target())
}

// Build builds one mutant of a target, a command's or a package's directory such as ./store, under dir, and
// returns the binary's path. Of a package that is no command it is the tests.
func (w Workshop) Build(ctx context.Context, dir string, m Mutant, target string) (string, error) {
	texts, err := m.Apply(w.Root)
	if err != nil {
		return "", err
	}
	return w.build(ctx, dir, target, texts)
}

// build builds a target of the product with some files replaced, and returns the binary's path.
func (w Workshop) build(ctx context.Context, dir, target string, texts map[string]string) (string, error) {
	dir, err := filepath.Abs(filepath.Join(dir, target)) // two packages may have one name
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", err
	}
	list, err := overlay(w.Root, dir, texts)
	if err != nil {
		return "", err
	}
	to := filepath.Join(dir, "killer")
	args := []string{"test", "-c"}
	if strings.Contains(target, "/cmd/") {
		args = []string{"build"}
	}
	command := exec.CommandContext(ctx, "go", append(args, "-ldflags=-s -w", "-overlay", list, "-o", to, target)...)
	command.Dir = w.Root
	if out, err := command.CombinedOutput(); err != nil {
		return "", fmt.Errorf("it does not build: %w\n%s", err, out)
	}
	return to, nil
}
