package main

import (
	"os"
	"runtime"

	"github.com/synod-log/synod/config"
	"github.com/synod-log/synod/paxos"
)

// oneProcessor has the runtime use one processor, unless the environment's GOMAXPROCS says how many.
//
// An acceptor or proposer is one loop. With more, each message that arrives wakes a second thread that
// looks for work and finds none: on two processors, which ten processes share, that took a third of all
// processor time. One is enough for about a million values a second; a sync does not hold it.
func oneProcessor() {
	if os.Getenv("GOMAXPROCS") == "" {
		runtime.GOMAXPROCS(1)
	}
}

// processorsFor has the runtime use one processor for the acceptors and proposers of one log. A second
// one costs such a process half as many switches again and a quarter more processor time per value, and
// gains nothing that can be measured. Where a learner serves readers, or several logs are busy, more are
// of use: nobody's reading should hold a vote up.
func processorsFor(roles []config.Role) {
	for _, role := range roles {
		if role.Kind() == paxos.RoleLearner || role.Settings.Log != roles[0].Settings.Log {
			return
		}
	}
	oneProcessor()
}
