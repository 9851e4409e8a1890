package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/synod-log/synod/client"
	"github.com/synod-log/synod/paxos"
)

// statusText is a report for people: the verdict, what to do, and then who is there.
func (s screen) statusText(report client.StatusReport) string {
	var text strings.Builder
	text.WriteString(s.verdict(report) + "\n")
	for _, next := range report.Next {
		text.WriteString("  → " + next + "\n")
	}
	tables := []*table{s.acceptorTable(report), s.proposerTable(report), learnerTable(report)}
	for _, part := range tables {
		if lines := part.lines(s); lines != "" {
			text.WriteString("\n" + lines)
		}
	}
	switch {
	case report.Clients == 1:
		text.WriteString("\n1 client library follows the log.\n")
	case report.Clients > 1:
		fmt.Fprintf(&text, "\n%d client libraries follow the log.\n", report.Clients)
	}
	return text.String()
}

// verdict is the first line, with its words, not the log's name, in colour.
func (s screen) verdict(report client.StatusReport) string {
	paint := map[client.State]func(string) string{
		client.Healthy: s.green, client.Degraded: s.yellow, client.Stalled: s.red, client.Unseen: s.red,
	}[report.State]
	name, rest, _ := strings.Cut(report.Verdict, ": ")
	words, details, hasDetails := strings.Cut(rest, ";")
	if hasDetails {
		details = ";" + details
	}
	return s.bold(name+":") + " " + paint(words) + details
}

func (s screen) acceptorTable(report client.StatusReport) *table {
	t := &table{head: []string{
		"ACCEPTOR", "STATE", "SETTLED>", "HIGHEST>", "PROMISED", "LAST HEARD", "STORE", "BOOT>",
	}}
	for _, a := range report.Acceptors {
		state := cell{text: string(a.State)}
		if a.State != client.AcceptorVoting {
			state.paint = s.red
		}
		if a.State == client.AcceptorMissing {
			t.add(plain(a.ID), state, plain("-"), plain("-"), plain("-"), plain(heardText(a.LastHeard)),
				plain(a.Store), plain("-"))
			continue
		}
		t.add(plain(a.ID), state, slotCell(a.Settled), slotCell(a.Highest), plain(orDash(a.Promised)),
			plain("now"), plain(a.Store), plain(fmt.Sprint(a.Boot)))
	}
	return t
}

func heardText(milliseconds *int64) string {
	if milliseconds == nil {
		return "never"
	}
	return client.Ago(time.Duration(*milliseconds) * time.Millisecond)
}

func (s screen) proposerTable(report client.StatusReport) *table {
	t := &table{head: []string{"PROPOSER", "STATE", "BALLOT", "LEARNED>", "HELD>", "IN FLIGHT>", ""}}
	for _, p := range report.Proposers {
		state := cell{text: p.State}
		if p.State == "leading" {
			state.paint = s.green
		}
		t.add(plain(p.ID), state, plain(orDash(p.Ballot)), slotCell(p.Learned),
			plain(fmt.Sprint(p.Held)), plain(fmt.Sprint(p.Flight)), plain(p.Waiting))
	}
	return t
}

func learnerTable(report client.StatusReport) *table {
	t := &table{head: []string{"LEARNER", "DELIVERED>", "LAG>", ""}}
	for _, l := range report.Learners {
		t.add(plain(l.ID), slotCell(l.Delivered), slotCell(l.Lag), plain(l.Waiting))
	}
	return t
}

func slotCell(slot paxos.Slot) cell { return plain(fmt.Sprint(uint64(slot))) }

func orDash(text string) string {
	if text == "" {
		return "-"
	}
	return text
}
