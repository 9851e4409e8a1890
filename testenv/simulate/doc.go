// Package simulate runs the roles of paxos in a simulated world, where everything that can go wrong
// does, and judges them by all that they ever said.
//
// A World is a handful of workers around a network and disks that are nothing but slices. It changes
// only by operations, and each operation has a text form:
//
//	cluster acceptors=3 proposers=2 learners=1
//	propose red to=p1
//	deliver from=p1 to=a1 nth=1
//	crash a3
//	settle 400
//
// One interpreter, World.Do, carries them out, whoever thinks of them:
//
//	scripts   paxos/testdata/*.txt, stories that people read
//	seeds     Run draws a profile of faults from a seed, and then one operation after another
//	shrinking Shrink leaves out operations of a failing run for as long as it fails
//
// so that what a seed finds is printed as a script, and the script kept as a test.
//
// Nothing in here is random, concurrent or timed: the same setup and operations make the same world.
//
// What goes wrong is listed, and counted, as Faults: messages are lost, doubled, late, forged or of another
// membership; processes crash alone or all at once, before, in the midst of or after a save, hang, and
// have clocks of different speed; disks are slow, keep the first of the records of a save that a crash cut
// short (never less than was saved before), are wiped, copied or restored; founders are told different
// lists; strangers and clients flood workers.
//
// What is judged, as faults.md numbers it:
//
//	A1 to A5   each record, against those before it
//	A6         each message sent, against what is durable at that moment; a promise leaves nothing out
//	A7         what an acceptor knows after a start
//	I1 to I3   all votes ever sent, and all that was ever proposed
//	I4         what learners deliver
//	I5         ids within their window, and what clients are told
//	I6         the order that clients see: what is proposed after an acknowledgement has the higher slot
//	I7         no no-op where a client's value was chosen
//	I8         a message of another membership changes nothing
//	I9         nobody uses the ballot of another process, or its own of before a restart; what only
//	           members may say changes nothing where others say it
//	G6         copies and old stores do not run on
//	limit      where there are floods, what waits stays within its bounds at each step
//
// The last operation of a run is settle: the faults are over, and within so many rounds everything
// proposed must be chosen, learned, settled everywhere and answered. Drained asks besides that nothing
// waits anywhere any more.
//
// A stranger that campaigns without end cannot take the lead from who has it, but keeps others from taking
// it; so settle asks for nothing during such a storm unless somebody leads. And a proposer lets go of what it
// has seen chosen a while ago, though messages may be on their way for longer; so requests are judged
// as answered only where little time has passed since their choice.
package simulate
