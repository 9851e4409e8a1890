package client_test

import (
	"fmt"
	"time"

	"github.com/synod-log/synod/client"
	"github.com/synod-log/synod/paxos"
)

// A program that keeps an eye on a log itself judges what it knows in the same words as `synod status`.
func ExampleJudge() {
	members := paxos.Membership{Epoch: 1, Members: []paxos.Member{{ID: "a1"}, {ID: "a2"}, {ID: "a3"}}}
	report := client.Judge(client.StatusFacts{
		Log:       "main",
		Acceptors: []client.AcceptorFacts{{ID: "a1", Membership: &members, IsFree: true}},
		LastHeard: map[string]time.Duration{"a2": 41 * time.Second},
	})
	fmt.Println(report.Verdict)
	fmt.Println(report.State, report.Next)
	// Output:
	// main: stalled, 1 of 3 acceptors answering (need 2); missing a2 (last heard 41 s ago), a3 (never)
	// stalled [start a2 and a3 again, each with the data directory that it had, or see whether they reach NATS]
}
