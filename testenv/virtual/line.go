package virtual

import (
	"errors"
	"math/rand/v2"
	"net"
	"sync"
	"time"
)

// Line is one worker's, or one client's, way to the broker: what befalls its connections is decided here.
// It is a nats.InProcessConnProvider. Its methods may be called from any goroutine.
type Line struct {
	network *Network

	mutex     sync.Mutex
	wires     map[*wire]bool
	isRefused bool          // new connections are
	side      int           // index of the broker that it reaches
	held      chan struct{} // closed when it is let go; nil: it is not held
	most      time.Duration // what passes takes up to this, at random; 0: no time
	dials     int           // connections made
}

var (
	errRefused = errors.New("connection refused")
	errDown    = errors.New("connection refused: no broker runs")
)

// InProcessConn makes a connection to the broker that the line reaches.
func (l *Line) InProcessConn() (net.Conn, error) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	if l.isRefused {
		return nil, errRefused
	}
	pipe, err := l.network.dial(l.side)
	if err != nil {
		return nil, err
	}
	w := newWire(l, pipe)
	if l.wires == nil {
		l.wires = make(map[*wire]bool)
	}
	l.wires[w] = true
	l.dials++
	return w, nil
}

func (l *Line) forget(w *wire) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	delete(l.wires, w)
}

// all are the connections that are not closed at both ends, half-open ones among them.
func (l *Line) all() []*wire {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	var wires []*wire
	for w := range l.wires {
		wires = append(wires, w)
	}
	return wires
}

// Dials is how many connections were made.
func (l *Line) Dials() int {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	return l.dials
}

// Cut ends its connections, at both ends. What was on its way is lost.
func (l *Line) Cut() {
	for _, w := range l.all() {
		w.cut()
	}
}

// Silence has its connections lose everything, both ways, while both ends think that they stand.
func (l *Line) Silence() {
	for _, w := range l.all() {
		w.isMute.Store(w.isOpen.Load())
	}
}

// Refuse says whether new connections are refused.
func (l *Line) Refuse(isRefused bool) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	l.isRefused = isRefused
}

// Hold has everything wait, both ways, until Let. Nothing is lost, but by whoever loses patience.
func (l *Line) Hold() {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	if l.held == nil {
		l.held = make(chan struct{})
	}
}

// Let ends what Hold began.
func (l *Line) Let() {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	if l.held != nil {
		close(l.held)
		l.held = nil
	}
}

// Slow has all that passes take up to most, at random.
func (l *Line) Slow(most time.Duration) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	l.most = most
}

// Move has the line reach another broker, and cuts its connections to the last one.
func (l *Line) Move(side int) {
	l.mutex.Lock()
	hasMoved := l.side != side
	l.side = side
	l.mutex.Unlock()
	if hasMoved {
		l.Cut()
	}
}

// delay takes the time that it takes something to pass.
func (l *Line) delay(w *wire) {
	if !w.isOpen.Load() {
		return
	}
	l.mutex.Lock()
	most, held := l.most, l.held
	l.mutex.Unlock()
	if most > 0 {
		w.sleep(rand.N(most))
	}
	if held != nil {
		select {
		case <-held:
		case <-w.closed:
		}
	}
}

func (w *wire) sleep(d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-w.closed:
	}
}
