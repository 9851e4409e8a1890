package virtual

import (
	"testing"
	"time"
)

const (
	denied   = "the broker denies this worker something it needs"
	noAccess = "give this worker credentials that the broker knows"
)

func TestAWorkerThatAReloadDeniesSaysSoAndHearsAgainOnceItIsAllowed(t *testing.T) {
	Run(t, func(t *testing.T) {
		c := Start(t, Options{Access: newUsers})
		defer c.End()
		c.said.listen(denied)
		users := c.access.(*users)
		for _, id := range []string{"a1", "p1", "p2", "l1"} {
			said, acknowledged := c.said.said(denied), c.load.history.Acknowledged()
			users.denied[c.worker(id).self] = true
			c.reload()
			time.Sleep(30 * time.Second)
			if c.said.said(denied) == said {
				t.Errorf("nobody says that %s is denied", id)
			}
			if c.load.history.Acknowledged() == acknowledged {
				t.Errorf("nothing was acknowledged while %s was denied", id)
			}
			users.denied[c.worker(id).self] = false
			c.reload()
			time.Sleep(30 * time.Second)
		}
		c.Judge(denied)
	})
}
