package link

import (
	"testing"

	"go.uber.org/goleak"
)

// Whatever a test started has ended when all have run.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }
