package virtual

import (
	"testing"
	"time"
)

func TestABrokerThatRestartsEveryMinuteLosesNothing(t *testing.T) {
	Run(t, func(t *testing.T) {
		c := Start(t, Options{Seed: 1})
		defer c.End()
		for range minutes(5, 60) {
			time.Sleep(time.Minute)
			c.network.Kill(0)
			time.Sleep(time.Duration(c.random.IntN(10_000)) * time.Millisecond)
			c.network.Restart(0, nil)
		}
		c.Judge()
	})
}
