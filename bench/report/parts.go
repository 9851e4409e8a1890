package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/synod-log/synod/bench/result"
)

// partsText tells where and when what is shown was measured, part by part.
func partsText(rows []result.Row, machines []result.Machine) string {
	var b strings.Builder
	shown := partsOf(rows)
	for i, part := range shown {
		machine := machineOf(machines, part)
		if i == 0 || describe(machine) != describe(machineOf(machines, shown[i-1])) {
			fmt.Fprintf(&b, "%s\n\n", describe(machine))
		}
		fmt.Fprintf(&b, "- %s: `%s`%s\n", part, commandOf(machine), contentOf(rows, part, len(shown)))
	}
	b.WriteString("\nEverything shares these cores: contestant, brokers and clients. Ratios are taken within a round of a part;\n" +
		"what a later part measured again replaces what was there. `go run . report` makes this page again.\n")
	return b.String()
}

// partsOf are the parts of which something is shown, oldest first.
func partsOf(rows []result.Row) []string {
	all := order(rows, func(r result.Row) (string, bool) { return r.Part, r.Contestant != result.Floor })
	slices.Sort(all)
	return all
}

// machineOf is where a part was made. Of one that was broken off nothing but its date is known.
func machineOf(machines []result.Machine, part string) result.Machine {
	for _, machine := range machines {
		if machine.Date == part {
			return machine
		}
	}
	return result.Machine{Date: part}
}

func describe(m result.Machine) string {
	if m.Cores == 0 {
		return "On a machine that was not written down, since the comparison was broken off:"
	}
	var versions []string
	for _, module := range []struct{ path, name string }{
		{"github.com/nats-io/nats-server/v2", "nats-server"}, {"github.com/nats-io/nats.go", "nats.go"},
		{"go.etcd.io/etcd/server/v3", "etcd"}, {"github.com/hashicorp/raft", "hashicorp/raft"},
		{"github.com/hashicorp/raft-wal", "raft-wal"},
	} {
		if version := m.Versions[module.path]; version != "" {
			versions = append(versions, module.name+" "+version)
		}
	}
	return fmt.Sprintf("Measured on %s, %d cores (%s), %.0f GiB of memory, data on %s, %s;\n%s:", m.System, m.Cores,
		m.Processor, m.MemoryGiB, m.FileSystem, m.Go, strings.Join(versions, ", "))
}

func commandOf(m result.Machine) string {
	return strings.TrimRight("go run . compare "+m.Settings, " ")
}

// mostNamed is how many loads of a part are named.
const mostNamed = 4

// contentOf names what a part is shown for, where there are others.
func contentOf(rows []result.Row, part string, parts int) string {
	if parts == 1 {
		return ""
	}
	loads := order(rows, func(r result.Row) (string, bool) {
		name := r.Workload
		if r.Basis == result.Together {
			name += " in one process"
		}
		return name, r.Part == part && r.Contestant != result.Floor
	})
	if len(loads) > mostNamed {
		more := len(loads) - mostNamed
		loads = append(loads[:mostNamed:mostNamed], fmt.Sprintf("and %d more", more))
	}
	return ", for " + strings.Join(loads, "; ")
}

// skipped is what could not be measured in the parts that are shown, and why.
func skipped(rows []result.Row, machines []result.Machine) (lines []string) {
	shown := partsOf(rows)
	for _, machine := range machines {
		if !slices.Contains(shown, machine.Date) {
			continue
		}
		for _, line := range machine.Skipped {
			if len(shown) > 1 {
				line = machine.Date + ": " + line
			}
			lines = append(lines, line)
		}
	}
	return lines
}
