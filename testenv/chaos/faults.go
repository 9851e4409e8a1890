package chaos

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/synod-log/synod/testenv/proxy"
)

// inject does to the cluster what a step says, and returns when it is undone. Its error says what
// did not hold; targets are the step's with their ids found out.
func (r *runner) inject(s Step, targets []string) error {
	switch s.Kind {
	case "cut route":
		return r.through(s, r.routesBetween(targets[0], targets[1]), (*proxy.Proxy).Cut)
	case "cut broker off":
		return r.through(s, r.routesOf(targets[0]), (*proxy.Proxy).Cut)
	case "one-way broker":
		return r.deafenBroker(s, targets[0])
	case "cut connection":
		return r.through(s, r.cluster.members[targets[0]].proxies, (*proxy.Proxy).Cut)
	case "one-way connection", "one-way leader":
		direction := proxy.Direction(s.Variant % 2)
		return r.through(s, r.cluster.members[targets[0]].proxies,
			func(p *proxy.Proxy) { p.Swallow(direction) })
	case "slow connection", "slow learner":
		return r.through(s, r.cluster.members[targets[0]].proxies,
			func(p *proxy.Proxy) { p.Slow(proxy.FromTarget, slowBytes) })
	case "wiped store":
		return r.wipe(targets[0])
	case "old copy of a store":
		return r.rollBack(targets[0])
	case "cloned store":
		return r.clone(s, targets[0])
	case "disk full":
		return r.fillDisk(targets[0])
	}
	verb, _, _ := strings.Cut(s.Kind, " ")
	switch verb {
	case "kill":
		return r.kill(s, targets)
	case "stop":
		return r.stop(s, targets)
	case "pause":
		return r.pause(s, targets)
	}
	panic("no such fault: " + s.Kind)
}

// slowBytes is how much a second a slow connection lets through: less than the load.
const slowBytes = 8 << 10

// kill kills all targets at once, and starts them again after a while.
func (r *runner) kill(s Step, targets []string) error {
	for _, id := range targets {
		r.cluster.members[id].kill()
	}
	time.Sleep(s.For)
	return r.begin(s, targets)
}

// stop asks the targets to end, which they must do with exit code 0, and starts them again.
func (r *runner) stop(s Step, targets []string) error {
	var errs []error
	for _, id := range targets {
		errs = append(errs, r.cluster.members[id].stop())
	}
	time.Sleep(s.For)
	return errors.Join(append(errs, r.begin(s, targets))...)
}

// begin starts targets. Half the learners begin the log anew, while that is short.
func (r *runner) begin(s Step, targets []string) error {
	const short = 200_000
	_, highest := r.history.acknowledged()
	var errs []error
	for _, id := range targets {
		errs = append(errs, r.cluster.begin(id, s.Variant%2 == 0 && highest < short))
	}
	return errors.Join(errs...)
}

// pause stops all targets as SIGSTOP does, and lets them go on.
func (r *runner) pause(s Step, targets []string) error {
	var errs []error
	for _, id := range targets {
		errs = append(errs, r.cluster.members[id].current().Signal(syscall.SIGSTOP))
	}
	time.Sleep(s.For)
	for _, id := range targets {
		errs = append(errs, r.cluster.members[id].current().Signal(syscall.SIGCONT))
	}
	return errors.Join(errs...)
}

// through does something to proxies, and heals them.
func (r *runner) through(s Step, proxies []*proxy.Proxy, do func(*proxy.Proxy)) error {
	for _, p := range proxies {
		do(p)
	}
	time.Sleep(s.For)
	for _, p := range proxies {
		p.Heal()
	}
	return nil
}

// deafenBroker has a broker hear the others and not be heard, or the other way round.
func (r *runner) deafenBroker(s Step, id string) error {
	index, hears := slices.Index(brokerIDs, id), s.Variant%2 == 0
	for _, route := range r.cluster.routes {
		switch {
		case route.dials != index && route.to != index:
		case (route.dials == index) == hears:
			route.proxy.Swallow(proxy.ToTarget)
		default:
			route.proxy.Swallow(proxy.FromTarget)
		}
	}
	return r.through(s, r.routesOf(id), func(*proxy.Proxy) {})
}

// routesOf are the routes that a broker has.
func (r *runner) routesOf(id string) (found []*proxy.Proxy) {
	index := slices.Index(brokerIDs, id)
	for _, route := range r.cluster.routes {
		if route.dials == index || route.to == index {
			found = append(found, route.proxy)
		}
	}
	return found
}

func (r *runner) routesBetween(id, other string) (found []*proxy.Proxy) {
	for _, p := range r.routesOf(id) {
		if slices.Contains(r.routesOf(other), p) {
			found = append(found, p)
		}
	}
	return found
}

// resolve finds out who a step's targets are now.
func (r *runner) resolve(targets []string) ([]string, error) {
	var ids []string
	for _, target := range targets {
		switch target {
		case "leader":
			id, err := r.awaitLeader()
			if err != nil {
				return nil, err
			}
			ids = append(ids, id)
		case "standby":
			leader, err := r.awaitLeader()
			if err != nil {
				return nil, err
			}
			ids = append(ids, proposerIDs[(slices.Index(proposerIDs, leader)+1)%len(proposerIDs)])
		default:
			ids = append(ids, target)
		}
	}
	return ids, nil
}

func (r *runner) awaitLeader() (string, error) {
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(poll) {
		if id := r.cluster.leader(); id != "" {
			return id, nil
		}
	}
	return "", fmt.Errorf("no proposer leads after %v", patience)
}
