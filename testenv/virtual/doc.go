// Package virtual runs whole clusters in virtual time: real workers and clients, over a real embedded NATS
// server, inside a bubble of testing/synctest. An hour of a cluster takes seconds, and what would take a
// real cluster a week of bad luck is tried in a few minutes.
//
//	Run ──▶ Cluster ──▶ workers, clients ──▶ line ──▶ wire ──▶ broker (in process)
//	            │            └─ disk (memfs)   └─ cut, silenced, held up, slowed, refused
//	            └──▶ Weather: draws misfortunes by a seed, and heals them
//	            └──▶ Judge: what was acknowledged, learned and left behind
//
// Time in a bubble goes on when every goroutine in it waits for something in it. Three things follow.
//
// Nothing may touch the network: a goroutine that waits for a socket does not count as waiting. Clients
// reach the broker through pipes in memory, and the broker listens nowhere. So brokers cannot have routes
// here (a route is accepted from a socket, whatever else it would be), nor a lame duck mode (the server
// leaves it out where it does not listen): testenv/e2e has routes, in real time. A partition is two
// brokers that do not know each other, and lame duck is played by cutting one line after another.
//
// Nothing may wait for time while it holds a lock that another goroutine wants: who waits for a lock does
// not count as waiting either, and the clock would stand still for ever. nats.go connects, and writes,
// under the lock of its connection. So a wire takes every write at once and passes it on by itself, and
// nothing delays a wire before its first pong. A broker that accepts and then says nothing cannot be had.
//
// Timers belong to their bubble, and nats.go keeps a pool of them for the whole process. So one bubble runs
// at a time, and the pool is emptied before and after it. Campaigns use other cores by other processes.
package virtual
