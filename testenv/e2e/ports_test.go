package e2e

import "testing"

// Whoever can reach a worker's machine reaches nothing of Synod but the broker.
func TestWorkersListenOnNoPort(t *testing.T) {
	for _, c := range []*cluster{startCluster(t), startNodes(t)} {
		c.mustPropose(c.connect(), "red")
		if len(c.broker.Ports()) == 0 {
			t.Fatal("a broker is said to listen on no port: so nothing is known of workers either")
		}
		for id, worker := range c.workers {
			if ports := worker.Ports(); len(ports) > 0 {
				t.Errorf("%s listens on %v", id, ports)
			}
		}
	}
}
