// Package proxy is a TCP proxy for tests: it cuts the connections that go through it, swallows what one
// side says or lets it through slowly, and heals.
package proxy

import (
	"net"
	"sync"
	"time"
)

// Proxy takes connections on a free port of loopback and connects each to a target. Its methods may be
// called from any goroutine.
type Proxy struct {
	target   string
	listener net.Listener
	running  sync.WaitGroup

	mutex    sync.Mutex
	isClosed bool
	isCut    bool
	swallows [2]bool // by Direction
	rates    [2]int  // by Direction, bytes per second; 0: as fast as it goes
	open     map[*pair]struct{}
}

// Direction is a way through the proxy.
type Direction int

// The directions.
const (
	ToTarget   Direction = iota // what those that connected say
	FromTarget                  // what the target says
)

// pair is a connection and the one to the target that it goes on in.
type pair struct {
	from, to net.Conn
	isHoled  bool // something was swallowed: what follows would make no sense
}

// Start starts a proxy to a target, a host and port that need not listen yet.
func Start(target string) (*Proxy, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	p := &Proxy{target: target, listener: listener, open: make(map[*pair]struct{})}
	p.running.Go(p.accept)
	return p, nil
}

// Addr is the host and port to connect to.
func (p *Proxy) Addr() string { return p.listener.Addr().String() }

// Cut ends every connection. New ones are ended at once, until Heal.
func (p *Proxy) Cut() {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	p.isCut = true
	for c := range p.open {
		c.close()
	}
}

// Swallow has what is said in one direction taken and forgotten, until Heal. To both ends a connection
// looks as it did.
func (p *Proxy) Swallow(direction Direction) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	p.swallows[direction] = true
}

// Slow lets at most about so many bytes per second, 10 at least, through in one direction of each
// connection, until Heal.
func (p *Proxy) Slow(direction Direction, bytesPerSecond int) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	p.rates[direction] = max(bytesPerSecond, ticks)
}

// Heal lets new connections through. It ends those in which something was swallowed, and leaves others.
func (p *Proxy) Heal() {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	p.isCut, p.swallows, p.rates = false, [2]bool{}, [2]int{}
	for c := range p.open {
		if c.isHoled {
			c.close()
		}
	}
}

// Close ends every connection and the proxy, and returns when all is ended.
func (p *Proxy) Close() {
	p.mutex.Lock()
	p.isClosed = true
	p.mutex.Unlock()
	p.Cut()
	p.listener.Close()
	p.running.Wait()
}

func (p *Proxy) accept() {
	for {
		from, err := p.listener.Accept()
		if err != nil {
			return // closed
		}
		p.running.Go(func() { p.serve(from) })
	}
}

// serve connects one that was accepted to the target, and carries both directions until one ends.
func (p *Proxy) serve(from net.Conn) {
	defer from.Close()
	to, err := net.Dial("tcp", p.target)
	if err != nil {
		return
	}
	c := &pair{from: from, to: to}
	defer c.close()
	if !p.add(c) {
		return
	}
	defer p.remove(c)
	var back sync.WaitGroup
	back.Go(func() { p.carry(c, c.to, c.from, FromTarget) })
	p.carry(c, c.from, c.to, ToTarget)
	back.Wait()
}

// ticks is how often in a second a slow direction lets something through.
const ticks = 10

// carry copies what from says to to, or swallows it, until one of them ends; then it ends both.
func (p *Proxy) carry(c *pair, from, to net.Conn, direction Direction) {
	defer c.close()
	buffer := make([]byte, 64<<10)
	for {
		atOnce := len(buffer)
		if rate := p.rate(direction); rate > 0 {
			atOnce = min(atOnce, rate/ticks)
			time.Sleep(time.Second / ticks)
		}
		n, err := from.Read(buffer[:atOnce])
		if n > 0 && !p.isSwallowed(c, direction) {
			if _, err := to.Write(buffer[:n]); err != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}

func (p *Proxy) isSwallowed(c *pair, direction Direction) bool {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	if p.swallows[direction] {
		c.isHoled = true
	}
	return p.swallows[direction]
}

func (p *Proxy) rate(direction Direction) int {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	return p.rates[direction]
}

// add reports whether a new connection may go on.
func (p *Proxy) add(c *pair) bool {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	if p.isCut || p.isClosed {
		return false
	}
	p.open[c] = struct{}{}
	return true
}

func (p *Proxy) remove(c *pair) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	delete(p.open, c)
}

func (c *pair) close() {
	c.from.Close()
	c.to.Close()
}
