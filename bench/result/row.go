// Package result keeps what was measured: rows of a CSV file, and the machine they were measured on.
package result

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// The bases of a comparison: how the programs run that a contestant is made of.
const (
	Apart    = "apart"    // each in a process of its own; the clients in another
	Together = "together" // all in one process, the clients too
)

// Row is one figure. Rounds count from 1; where an interruption was measured, the round is its number.
type Row struct {
	Part       string // the comparison that it was measured in: the Date of its Machine
	Basis      string // Apart or Together
	Round      int
	Contestant string
	Workload   string
	Metric     string // with its unit: "values_per_s"
	Value      float64
}

var header = []string{"part", "basis", "round", "contestant", "workload", "metric", "value"}

// File is a CSV file of rows, each written when it is added.
type File struct {
	mu     sync.Mutex
	file   *os.File
	writer *csv.Writer
}

// Create makes a file, or empties it.
func Create(path string) (*File, error) {
	file, err := os.Create(path)
	if err != nil {
		return nil, err
	}
	f := &File{file: file, writer: csv.NewWriter(file)}
	return f, f.write(header)
}

// Append opens a file for more rows, and makes it where there is none.
func Append(path string) (*File, error) {
	if _, err := Read(path); errors.Is(err, fs.ErrNotExist) {
		return Create(path)
	} else if err != nil {
		return nil, err
	}
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		return nil, err
	}
	return &File{file: file, writer: csv.NewWriter(file)}, nil
}

// Add writes a row.
func (f *File) Add(row Row) error {
	return f.write([]string{row.Part, row.Basis, strconv.Itoa(row.Round), row.Contestant, row.Workload,
		row.Metric, strconv.FormatFloat(row.Value, 'g', 6, 64)})
}

func (f *File) write(record []string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.writer.Write(record); err != nil {
		return err
	}
	f.writer.Flush()
	return f.writer.Error()
}

// Close closes the file.
func (f *File) Close() error { return f.file.Close() }

// Read reads the rows of a file.
func Read(path string) ([]Row, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return parse(file)
}

func parse(from io.Reader) ([]Row, error) {
	reader := csv.NewReader(from)
	reader.FieldsPerRecord = len(header)
	records, err := reader.ReadAll()
	if err != nil {
		return nil, err
	}
	if len(records) == 0 || !slices.Equal(records[0], header) {
		return nil, fmt.Errorf("these are no results: the first line is not %s", strings.Join(header, ","))
	}
	var rows []Row
	for i, record := range records[1:] {
		round, err := strconv.Atoi(record[2])
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", i+2, err)
		}
		value, err := strconv.ParseFloat(record[6], 64)
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", i+2, err)
		}
		rows = append(rows, Row{record[0], record[1], round, record[3], record[4], record[5], value})
	}
	return rows, nil
}
