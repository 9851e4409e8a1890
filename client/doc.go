// Package client proposes values to a Synod log, and reads it, over a NATS connection that the program
// already has.
//
//	log, err := client.New(conn, "main", client.Options{})
//
// # To propose
//
//	outcome, err := log.Propose(ctx, client.Proposal{Value: []byte("hello")})
//
// returns when a majority of acceptors has the value on disk, with the slot that it has in the log. Until
// then it is repeated under one id, so that it is chosen once, however often it was sent and whoever leads.
// Where ctx ends first, the error is ErrOutcomeUnknown, never a failure: the value may yet be chosen. To find
// out, propose it again with the same Proposal.ID, from this process or another.
//
// What many goroutines propose at once shares messages, disk syncs and answers. One goroutine that has many
// values gives them to ProposeAll, which keeps their order, or to Go, which does not wait:
//
//	pending, err := log.Go(ctx, client.Proposal{Value: value})
//	…
//	outcome, err := pending.Result()
//
//	call         waits for                       costs
//	Propose      its value to be on disk         two hops there, two back, one sync: one for all who wait
//	ProposeAll   all its values to be on disk    a message for about every 28 KiB, and one for their outcomes
//	Go           room in the window              the same
//
// # To read
//
//	for entry, err := range log.Entries(ctx, 1) {
//		if err != nil {
//			return err // the last word
//		}
//		fmt.Println(entry.Slot, string(entry.Value))
//	}
//
// gives out every slot from the first wanted, in order, each once, and goes on with what is chosen later.
// Keep the slot of the last entry that was dealt with, next to what it led to, and begin after it the next
// time.
//
// # Limits
//
// Everything is bounded, and this is what happens at the bound:
//
//	a value             max_payload less 8 KiB, with headers   ErrTooLarge, before it is sent
//	an id               256 bytes                              ErrBadRequest
//	on their way        Options.Window and WindowBytes         who proposes waits in line
//	the leader's queue  64 MiB                                 waits 20 ms to 1 s, and repeats
//	waiting entries     twice Options.BufferBytes, an answer   read again when there is room
//	an answer           2,000 slots, or a mebibyte             the next is asked for
//	known ids           2^20 slots                             older ones are chosen again
//
// # What the broker must allow
//
// A program that proposes publishes <prefix>.<log>.c.<id>.propose and subscribes to
// <prefix>.<log>.p.*.outcome.<id>.*, where <id> is Options.ID. One that reads publishes <prefix>.<log>.read,
// and subscribes to <prefix>.<log>.chosen and to its inbox, _INBOX.> unless the connection has another.
//
// # Without a learner in between
//
// With Options.Learn, Entries learns the log in this process, as learners do. Learn does the same without
// a Client, for programs that want whole runs.
package client
