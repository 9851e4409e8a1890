package chaos

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// The files that a run leaves beside its logs and stores.
const (
	logName      = "log.json"
	requestsName = "requests.jsonl"
	readsName    = "reads.jsonl"
)

// leave writes what a person needs to find out what went wrong, beside the logs and stores that are
// there.
func (r *runner) leave() error {
	var injected []string
	for _, i := range r.done {
		injected = append(injected, fmt.Sprintf("%v to %v: %v, hit %v: %v", i.began, i.ended, i.Step,
			i.targets, i.err))
	}
	return errors.Join(
		writeLines(r.path(requestsName), r.history.requests),
		writeLines(r.path(readsName), r.history.reads),
		os.WriteFile(r.path("faults.txt"), []byte(strings.Join(injected, "\n")+"\n"), 0o600),
		os.WriteFile(r.path("broken.txt"), []byte(strings.Join(r.broken, "\n")+"\n"), 0o600),
	)
}

// Recheck checks the history that a run left in a directory once more, and returns what is wrong with
// it.
func Recheck(dir string) (faults []string, err error) {
	log, _, err := readLog(filepath.Join(dir, logName))
	if err != nil {
		return nil, err
	}
	requests, err := readLines[Request](filepath.Join(dir, requestsName))
	if err != nil {
		return nil, err
	}
	reads, err := readLines[Read](filepath.Join(dir, readsName))
	if err != nil {
		return nil, err
	}
	faults = checkHistory(requests, reads, log)
	for _, found := range checkLinear(requests, reads, log) {
		faults = append(faults, found.String())
	}
	return faults, nil
}

// writeLines writes each element as a line of JSON.
func writeLines[T any](name string, all []T) error {
	file, err := os.Create(name)
	if err != nil {
		return err
	}
	defer file.Close()
	out := bufio.NewWriter(file)
	encoder := json.NewEncoder(out)
	for element := range slices.Values(all) {
		if err := encoder.Encode(element); err != nil {
			return err
		}
	}
	return out.Flush()
}

// readLines reads what writeLines wrote.
func readLines[T any](name string) (all []T, err error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	for decoder := json.NewDecoder(bufio.NewReader(file)); ; {
		var element T
		if err := decoder.Decode(&element); errors.Is(err, io.EOF) {
			return all, nil
		} else if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		all = append(all, element)
	}
}
