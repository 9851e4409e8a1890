package main

import (
	"encoding/csv"
	"fmt"
	"os"
	"strconv"
	"time"

	"github.com/spf13/pflag"
)

// benchOutput is where a measurement is told, and how.
type benchOutput struct {
	format       string
	csvFile      string
	isUntold     bool // no progress
	screen, talk screen
	csv          *os.File
}

func (o *benchOutput) addFlags(flags *pflag.FlagSet) {
	flags.BoolVar(&o.isUntold, "no-progress", false, "do not show the progress, which only a terminal shows")
	flags.StringVarP(&o.format, "output", "o", formatTable, "table or json")
}

func (o *benchOutput) addCSVFlag(flags *pflag.FlagSet) {
	flags.StringVar(&o.csvFile, "csv", "", "write what each client measured to this file")
}

func (o *benchOutput) check() error {
	if o.format != formatTable && o.format != formatJSON {
		return usagef("-o %s is not one of table, json", o.format)
	}
	return nil
}

// open makes the file before anything is proposed.
func (o *benchOutput) open(std streams) error {
	o.screen, o.talk = newScreen(std.out), newScreen(std.err)
	if o.csvFile == "" {
		return nil
	}
	var err error
	o.csv, err = os.Create(o.csvFile)
	return err
}

// close gives up the file, where a measurement was not to its end.
func (o *benchOutput) close() {
	if o.csv != nil {
		_ = o.csv.Close() // writeCSV has closed it where it was written
	}
}

// begin tells people what is measured; JSON tells it with the result.
func (o *benchOutput) begin(conditions string) error {
	if o.format == formatJSON {
		return nil
	}
	return o.screen.print(conditions + "\n")
}

func (o *benchOutput) startProgress(of int64, during time.Duration) *benchProgress {
	to := o.talk
	to.isTerminal = to.isTerminal && !o.isUntold
	return startBenchProgress(to, of, during)
}

// tell tells the result.
func (o *benchOutput) tell(result any, text func(screen) string) error {
	if o.format == formatJSON {
		return o.screen.printJSON(result)
	}
	return o.screen.print("\n" + text(o.screen))
}

// writeCSV writes a line for each client.
func (o *benchOutput) writeCSV(began time.Time, bytes int, meters []*meter) error {
	if o.csv == nil {
		return nil
	}
	lines := [][]string{{"client", "acknowledged", "not_acknowledged", "bytes", "seconds", "values_per_s",
		"min_us", "p50_us", "p90_us", "p99_us", "p99_9_us", "max_us"}}
	for i, m := range meters {
		took := m.took(began)
		others := int64(0)
		for _, count := range m.failures {
			others += count
		}
		line := []string{strconv.Itoa(i + 1), fmt.Sprint(m.acknowledged), fmt.Sprint(others), strconv.Itoa(bytes),
			fmt.Sprintf("%.3f", took.Seconds()), fmt.Sprintf("%.0f", perSecond(m.acknowledged, took))}
		for _, microseconds := range latencyReportOf(m.answers).all() {
			line = append(line, fmt.Sprint(microseconds))
		}
		lines = append(lines, line)
	}
	if err := csv.NewWriter(o.csv).WriteAll(lines); err != nil {
		return err
	}
	return o.csv.Close()
}
