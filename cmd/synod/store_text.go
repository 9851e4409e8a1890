package main

import (
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/synod-log/synod/paxos"
	"github.com/synod-log/synod/store"
)

// storeReport is an inspection as JSON. Its names are a promise to whoever parses them.
type storeReport struct {
	Dir        string           `json:"dir"`
	InUse      bool             `json:"in_use"`
	Log        string           `json:"log"`
	Acceptor   string           `json:"acceptor"`
	Store      string           `json:"store"` // in hex
	Boot       uint64           `json:"boot"`
	Membership *storeMembership `json:"membership"` // null: none adopted yet
	Free       bool             `json:"free_to_vote"`
	Promised   string           `json:"promised"` // "7.p1"; empty: nothing
	Settled    paxos.Slot       `json:"settled"`
	Highest    paxos.Slot       `json:"highest"`
	Records    uint64           `json:"records"`
	Segments   []storeSegment   `json:"segments"`
	Verdict    string           `json:"verdict"`
	Torn       *storePlace      `json:"torn,omitempty"`
	Damage     []storePlace     `json:"damage,omitempty"`
}

type storeMembership struct {
	Epoch   uint64        `json:"epoch"`
	Tag     string        `json:"tag"`
	Members []storeMember `json:"members"`
}

type storeMember struct {
	ID    string `json:"id"`
	Store string `json:"store"`
}

type storeSegment struct {
	File    string `json:"file"`
	Bytes   int64  `json:"bytes"`
	Used    int64  `json:"used"`
	Records uint64 `json:"records"`
}

// storePlace is where something is wrong: Bytes is how much, of what is torn.
type storePlace struct {
	File   string `json:"file"`
	Offset int64  `json:"offset"`
	Bytes  int64  `json:"bytes,omitempty"`
	What   string `json:"what,omitempty"`
	Remedy string `json:"remedy,omitempty"`
}

func storeReportOf(found store.Inspection) storeReport {
	report := storeReport{
		Dir: found.Dir, InUse: found.IsInUse, Log: found.Log, Acceptor: found.Acceptor,
		Store: hex.EncodeToString(found.ID[:]), Boot: found.Boot, Free: found.IsFree,
		Settled: found.Settled, Highest: found.Highest, Records: found.Records,
		Verdict: verdictOf(found),
	}
	if !found.Promised.IsZero() {
		report.Promised = found.Promised.String()
	}
	if m := found.Membership; m != nil {
		report.Membership = &storeMembership{Epoch: m.Epoch, Tag: m.Tag(found.Log).String()}
		for _, member := range m.Members {
			report.Membership.Members = append(report.Membership.Members,
				storeMember{ID: member.ID, Store: hex.EncodeToString(member.Store[:])})
		}
	}
	for _, segment := range found.Segments {
		report.Segments = append(report.Segments, storeSegment(segment))
	}
	if torn := found.Torn; torn != nil {
		report.Torn = &storePlace{File: torn.File, Offset: torn.Offset, Bytes: torn.Bytes}
	}
	for _, damage := range found.Damage {
		report.Damage = append(report.Damage, storePlace{
			File: damage.File, Offset: damage.Offset, What: damage.What, Remedy: damage.Remedy,
		})
	}
	return report
}

// inspectionText is an inspection for people.
func (s screen) inspectionText(found store.Inspection) string {
	t := &table{head: []string{"STORE", found.Dir}}
	row := func(name, value string) { t.add(cell{name, s.dim}, plain(value)) }
	row("state", stateText(found))
	row("log", found.Log)
	row("acceptor", found.Acceptor)
	row("store id", hex.EncodeToString(found.ID[:]))
	row("boot", fmt.Sprint(found.Boot))
	addMembership(found, row)
	row("promised", found.Promised.String())
	row("settled", fmt.Sprint(uint64(found.Settled)))
	row("highest", fmt.Sprint(uint64(found.Highest)))
	row("records", fmt.Sprint(found.Records))
	text := t.lines(s) + "\n" + segmentTable(found).lines(s)
	if verdictOf(found) != verdictSound {
		text += "\n" + s.checkText(found)
	}
	return text
}

// stateText warns of what limits the rest.
func stateText(found store.Inspection) string {
	text := verdictOf(found)
	if text == verdictDamaged {
		text += "; what lies behind damage in its segment is not told"
	}
	if found.IsInUse {
		text += "; in use: its acceptor runs"
	}
	return text
}

func addMembership(found store.Inspection, row func(name, value string)) {
	m := found.Membership
	switch {
	case m == nil && len(found.Damage) > 0:
		row("membership", "not known")
		return
	case m == nil:
		row("membership", "none adopted yet")
		return
	}
	row("membership", fmt.Sprintf("epoch %d, tag %v: %v", m.Epoch, m.Tag(found.Log), m))
	free := "no: the log's founding is not finished"
	if found.IsFree {
		free = "yes"
	}
	row("free to vote", free)
}

func segmentTable(found store.Inspection) *table {
	t := &table{head: []string{"SEGMENT", "BYTES>", "USED>", "RECORDS>"}}
	for _, segment := range found.Segments {
		t.add(plain(segment.File), plain(fmt.Sprint(segment.Bytes)), plain(fmt.Sprint(segment.Used)),
			plain(fmt.Sprint(segment.Records)))
	}
	return t
}

// checkText says whether a store is sound, and if not what is wrong.
func (s screen) checkText(found store.Inspection) string {
	var text strings.Builder
	switch verdictOf(found) {
	case verdictSound:
		fmt.Fprintf(&text, "%s: %s; %s in %s, every checksum right (acceptor %s of log %s)", found.Dir,
			s.green(verdictSound), count(found.Records, "record"),
			count(uint64(len(found.Segments)), "segment"), found.Acceptor, found.Log)
		if found.IsInUse {
			text.WriteString("; in use: its acceptor runs, and what it writes now was not read")
		}
		text.WriteString("\n")
	case verdictTorn:
		fmt.Fprintf(&text, "%s: %s; %s at byte %d: %s of a batch that was never acknowledged; "+
			"the next start discards them, and nothing else is to be done\n",
			found.Dir, s.yellow(verdictTorn), found.Torn.File, found.Torn.Offset,
			count(uint64(found.Torn.Bytes), "byte"))
	case verdictDamaged:
		fmt.Fprintf(&text, "%s: %s; its acceptor does not start\n", found.Dir, s.red(verdictDamaged))
		for _, damage := range found.Damage {
			fmt.Fprintf(&text, "  %s at byte %d: %s\n", damage.File, damage.Offset, damage.What)
		}
		fmt.Fprintf(&text, "  → %s\n", found.Damage[0].Remedy)
	}
	return text.String()
}

// count is "1 record", "2 records".
func count(n uint64, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
