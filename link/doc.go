// Package link is a role's own connection to NATS: what arrives for it is decoded, checked and kept
// in a bounded inbox; what it says is encoded and published.
//
//	NATS ──▶ callback: sender and kind from the subject, decode ──▶ inbox ──▶ Run: step, carry out
//	NATS ◀── Sender: encode into a buffer that is used again ◀─────────────────────────┘
//
// Each role has a link of its own, roles of one process too: a connection does not echo, so roles
// that shared one would not hear each other.
//
// Messages are decoded in the callbacks of nats.go, which has a goroutine per subscription, and not on
// the role's loop: the loop is the one thing that cannot be made wider, and damaged or foreign
// messages never reach it. Order is kept within a subscription and nowhere else, which is all that the
// protocol needs.
//
// The inbox is two queues, each bounded in bytes: the protocol's messages, and clients' proposals. A
// flood of proposals cannot push out votes. What arrives beyond a bound is dropped and counted; the
// protocol repairs every loss.
//
// A link never gives up. It keeps trying to connect at the start (the broker may come last) and after
// each loss, and says so in the log with what to do. While there is no connection a send fails at
// once: a message that left minutes late would help nobody.
package link
