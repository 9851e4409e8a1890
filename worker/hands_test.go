package worker

import (
	"bytes"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"testing"

	"github.com/synod-log/synod/paxos"
)

// recorded are hands that write down what they do. The store writes down a save only once it is durable.
type recorded struct {
	did  []string
	disk error
	said bytes.Buffer
}

func (r *recorded) hands() *hands {
	return &hands{
		save: func(records []paxos.Record) error {
			if r.disk != nil {
				return r.disk
			}
			for range records {
				r.did = append(r.did, "saved")
			}
			return nil
		},
		send:   func(m paxos.Message) { r.did = append(r.did, "sent to "+m.To.ID) },
		read:   func(paxos.Read) { r.did = append(r.did, "read") },
		answer: func([]paxos.Outcome) { r.did = append(r.did, "answered") },
		logger: slog.New(slog.NewTextHandler(&r.said, nil)),
	}
}

// everything are effects of every kind.
func everything() paxos.Effects {
	return paxos.Effects{
		Save:     []paxos.Record{&paxos.PromisedRecord{}, &paxos.SettledRecord{}},
		Send:     []paxos.Message{{To: paxos.Address{ID: "p1"}}, {To: paxos.Address{ID: "p2"}}},
		Read:     []paxos.Read{{}},
		Outcomes: []paxos.Outcome{{}},
		Notices:  []paxos.Notice{{Text: "something is so", Warning: true}},
	}
}

func TestEverythingIsDurableBeforeAnythingIsSaid(t *testing.T) {
	r := &recorded{}
	if err := r.hands().carryOut(everything()); err != nil {
		t.Fatal(err)
	}
	want := []string{"saved", "saved", "sent to p1", "sent to p2", "read", "answered"}
	if !slices.Equal(r.did, want) {
		t.Errorf("did %q, want %q", r.did, want)
	}
	if !strings.Contains(r.said.String(), `level=WARN msg="something is so"`) {
		t.Errorf("the notice is not in the log: %s", &r.said)
	}
}

func TestWhatCannotBeSavedIsNotSaid(t *testing.T) {
	r := &recorded{disk: errors.New("the disk is full")}
	if err := r.hands().carryOut(everything()); !errors.Is(err, r.disk) {
		t.Errorf("carrying out ended with %v, want the store's own words", err)
	}
	if len(r.did) > 0 {
		t.Errorf("did %q although nothing was saved", r.did)
	}
}

func TestAFatalNoticeEndsTheRoleWithItsText(t *testing.T) {
	const text = "acceptor a1 runs twice, or from an old copy of its store"
	r := &recorded{}
	err := r.hands().carryOut(paxos.Effects{
		Send:    []paxos.Message{{To: paxos.Address{ID: "p1"}}},
		Notices: []paxos.Notice{{Text: text, Fatal: true}},
	})
	if err == nil || err.Error() != text {
		t.Errorf("ended with %v, want %q", err, text)
	}
	if !slices.Equal(r.did, []string{"sent to p1"}) {
		t.Errorf("did %q: the last message must still be sent", r.did)
	}
}
