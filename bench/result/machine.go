package result

import (
	"encoding/json"
	"os"
	"runtime"
	"runtime/debug"
	"strings"
	"time"
)

// Machine is where and how a part was made: one run of the comparison.
type Machine struct {
	Date       string            `json:"date"`   // when it began; later ones compare as greater
	System     string            `json:"system"` // operating system and kernel
	Processor  string            `json:"processor"`
	Cores      int               `json:"cores"`
	MemoryGiB  float64           `json:"memory_gib"`
	FileSystem string            `json:"file_system"`
	Go         string            `json:"go"`
	Versions   map[string]string `json:"versions"` // of the contestants' modules
	Revision   string            `json:"revision"` // of Synod
	Settings   string            `json:"settings"` // the comparison's flags
	Skipped    []string          `json:"skipped"`  // what could not be measured, and why
}

// Here is this machine, now; dir is on the disk that is measured.
func Here(dir, settings string) Machine {
	m := Machine{
		Date: time.Now().UTC().Format("2006-01-02 15:04:05 MST"), System: runtime.GOOS, Cores: runtime.NumCPU(),
		FileSystem: fileSystem(dir), Go: runtime.Version(), Settings: settings,
		Versions: make(map[string]string),
	}
	if kernel, err := os.ReadFile("/proc/sys/kernel/osrelease"); err == nil {
		m.System += " " + strings.TrimSpace(string(kernel))
	}
	m.Processor = procField("/proc/cpuinfo", "model name")
	if kilobytes := procField("/proc/meminfo", "MemTotal"); kilobytes != "" {
		var count float64
		if json.Unmarshal([]byte(strings.TrimSuffix(kilobytes, " kB")), &count) == nil {
			m.MemoryGiB = count / (1 << 20)
		}
	}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, module := range info.Deps {
			m.Versions[module.Path] = module.Version
		}
	}
	return m
}

// procField is the first value of a field in a file of lines "field: value".
func procField(path, field string) string {
	text, err := os.ReadFile(path)
	if err != nil {
		return ""
	}
	for line := range strings.Lines(string(text)) {
		if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == field {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

// SaveMachines writes what is known of all parts.
func SaveMachines(path string, all []Machine) error {
	text, err := json.MarshalIndent(all, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(path, append(text, '\n'), 0o644)
}

// ReadMachines reads what SaveMachines wrote.
func ReadMachines(path string) ([]Machine, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var all []Machine
	return all, json.Unmarshal(text, &all)
}
