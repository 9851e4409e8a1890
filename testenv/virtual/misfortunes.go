package virtual

import (
	"time"

	"github.com/synod-log/synod/paxos"
	"github.com/synod-log/synod/testenv/broker"
)

// misfortunes are all that may befall a cluster.
var misfortunes = []misfortune{
	{"kill broker", ofBroker((*Network).Kill)},
	{"shut broker down", ofBroker((*Network).Shutdown)},
	{"retire broker", ofBroker(func(n *Network, side int) { n.Retire(side, 300*time.Millisecond) })},
	{"storm", storm},
	{"partition", partition},
	{"cut", ofLine(func(l *Line, _ time.Duration) func() { l.Cut(); return nil })},
	{"silence", ofLine(func(l *Line, _ time.Duration) func() { l.Silence(); return nil })},
	{"hold", ofLine(func(l *Line, _ time.Duration) func() { l.Hold(); return l.Let })},
	{"refuse", ofLine(refuse)},
	{"slow line", ofLine(slowLine)},
	{"crash", crash},
	{"restart", restart},
	{"slow disk", slowDisk},
	{"slow consumer", slowConsumer},
	{"deny", deny},
	{"expire", expire},
	{"burst", burst},
}

// payloads are what brokers may take that come back, in bytes.
var payloads = []int32{48 << 10, 256 << 10, 1 << 20}

// ofBroker is a misfortune of a broker that is stopped, and comes back as one that takes more, or less.
func ofBroker(stop func(n *Network, side int)) func(*Weather) (string, func()) {
	return func(w *Weather) (string, func()) {
		network := w.cluster.network
		const victim = "broker"
		if w.afflicted[victim] {
			return "", nil
		}
		side := w.random.IntN(len(network.brokers))
		stop(network, side)
		payload := payloads[w.random.IntN(len(payloads))]
		return victim, func() {
			network.Restart(side, func(o *broker.Options) { o.MaxPayload = payload })
		}
	}
}

// ofLine is a misfortune of a worker's line. It is told the lag that the line has in good weather.
func ofLine(befall func(l *Line, lag time.Duration) func()) func(*Weather) (string, func()) {
	return func(w *Weather) (string, func()) {
		victim := w.spare(w.cluster.workers)
		if victim == nil {
			return "", nil
		}
		return victim.self.String(), befall(victim.line, w.cluster.options.Lag)
	}
}

func refuse(l *Line, _ time.Duration) func() {
	l.Refuse(true)
	l.Cut()
	return func() { l.Refuse(false) }
}

func slowLine(l *Line, lag time.Duration) func() {
	l.Slow(200 * time.Millisecond)
	return func() { l.Slow(lag) }
}

// storm cuts everybody, clients too, several times in a row.
func storm(w *Weather) (string, func()) {
	for range 3 + w.random.IntN(8) {
		for _, line := range w.cluster.network.Everybody() {
			line.Cut()
		}
		time.Sleep(w.between(0, 2*time.Second))
	}
	return "everybody", nil
}

// partition moves some workers to a broker that the others do not know.
func partition(w *Weather) (string, func()) {
	const victim = "partition"
	if len(w.cluster.network.brokers) < 2 || w.afflicted[victim] {
		return "", nil
	}
	var moved []*Line
	for _, worker := range w.cluster.workers {
		if w.random.IntN(2) == 0 {
			worker.line.Move(1)
			moved = append(moved, worker.line)
		}
	}
	return victim, func() {
		for _, line := range moved {
			line.Move(0)
		}
	}
}

func crash(w *Weather) (string, func()) {
	victim := w.spare(w.cluster.workers)
	if victim == nil {
		return "", nil
	}
	victim.crash(w.random.Uint64())
	return victim.self.String(), victim.start
}

func restart(w *Weather) (string, func()) {
	victim := w.spare(w.cluster.workers)
	if victim == nil {
		return "", nil
	}
	victim.stop()
	return victim.self.String(), victim.start
}

func slowDisk(w *Weather) (string, func()) {
	victim := w.spare(w.cluster.of(paxos.RoleAcceptor))
	if victim == nil {
		return "", nil
	}
	victim.disk.slow.Store(int64(w.between(0, time.Second)))
	return victim.self.String(), func() { victim.disk.slow.Store(int64(w.cluster.options.Sync)) }
}

func slowConsumer(w *Weather) (string, func()) {
	victim := w.spare(w.cluster.of(paxos.RoleLearner))
	if victim == nil {
		return "", nil
	}
	w.cluster.feedSlowly(victim.self, w.between(0, 5*time.Second))
	return victim.self.String(), func() { w.cluster.feedSlowly(victim.self, 0) }
}

// deny takes all permissions away from a worker.
func deny(w *Weather) (string, func()) {
	users, isUsers := w.cluster.access.(*users)
	victim := w.spare(w.cluster.workers)
	if !isUsers || victim == nil {
		return "", nil
	}
	set := func(isDenied bool) {
		users.denied[victim.self] = isDenied
		w.cluster.reload()
	}
	set(true)
	return victim.self.String(), func() { set(false) }
}

// expire has a worker get no fresh credentials, so that it is thrown out when its last ones expire.
func expire(w *Weather) (string, func()) {
	issuer, isIssued := w.cluster.access.(*credentials)
	victim := w.spare(w.cluster.workers)
	if !isIssued || victim == nil {
		return "", nil
	}
	issuer.refuse(victim.self, true)
	return victim.self.String(), func() { issuer.refuse(victim.self, false) }
}

func burst(w *Weather) (string, func()) {
	w.cluster.load.Burst(1 + w.random.IntN(300))
	return "nobody", nil
}
