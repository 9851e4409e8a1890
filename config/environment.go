package config

import (
	"fmt"
	"os"
	"strings"
)

// variablePrefix begins the names of all our own variables.
const variablePrefix = "SYNOD_"

// FileVariable names the configuration file where no flag does.
const FileVariable = variablePrefix + "CONFIG"

// checkEnvironment finds variables that look like settings and are none.
func checkEnvironment() []error {
	known := []string{FileVariable}
	for _, s := range settings {
		known = append(known, s.variable())
	}
	isKnown := make(map[string]bool)
	for _, name := range known {
		isKnown[name] = true
	}
	var problems []error
	for _, entry := range os.Environ() {
		name, value, _ := strings.Cut(entry, "=")
		if !strings.HasPrefix(name, variablePrefix) || isKnown[name] || isInjected(name, value) {
			continue
		}
		problems = append(problems, fmt.Errorf("unknown variable %s%s", name, suggest(name, known)))
	}
	return problems
}

// isInjected reports whether Kubernetes sets this variable in each pod beside a service called synod
// or synod-….
func isInjected(name, value string) bool {
	return strings.Contains(name, "_SERVICE_") || strings.Contains(name, "_PORT_") ||
		strings.HasPrefix(value, "tcp://") || strings.HasPrefix(value, "udp://")
}
