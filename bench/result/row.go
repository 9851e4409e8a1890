// Package result keeps what was measured: rows of a CSV file, and the machine they were measured on.
package result

import (
	"encoding/csv"
	"fmt"
	"io"
	"os"
	"strconv"
	"sync"
)

// Row is one figure. Rounds count from 1; where an interruption was measured, the round is its number.
type Row struct {
	Round      int
	Contestant string
	Workload   string
	Metric     string // with its unit: "values_per_s"
	Value      float64
}

var header = []string{"round", "contestant", "workload", "metric", "value"}

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

// Add writes a row.
func (f *File) Add(row Row) error {
	return f.write([]string{strconv.Itoa(row.Round), row.Contestant, row.Workload, row.Metric,
		strconv.FormatFloat(row.Value, 'g', 6, 64)})
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
	var rows []Row
	for i, record := range records {
		if i == 0 {
			continue // the header
		}
		round, err := strconv.Atoi(record[0])
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", i+1, err)
		}
		value, err := strconv.ParseFloat(record[4], 64)
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", i+1, err)
		}
		rows = append(rows, Row{round, record[1], record[2], record[3], value})
	}
	return rows, nil
}
