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
// What is judged: an acceptor's promises and votes against what
// is durable at the moment they are sent (A1 to A7), the choice of at most one value per slot against
// all votes ever sent, and against all that was ever proposed (I1, I2, I3, I7), what learners deliver (I4),
// ids and outcomes (I5), and messages of strangers (I8, I9). The last operation of a run is settle:
// the faults are over, and within so many rounds everything proposed must be chosen, learned and
// settled everywhere.
package simulate
