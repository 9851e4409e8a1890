package simulate

import "testing"

func TestAnOperationReadsAsItIsPrinted(t *testing.T) {
	for _, line := range []string{
		"propose red green to=p2",
		"propose red id=reply",
		"deliver",
		"deliver from=p1 to=a3 kind=accept nth=2",
		"batch to=a1",
		"drop kind=hello",
		"repeat from=a1 to=p1 nth=1",
		"stray from=p1 to=a1 nth=1",
		"tick p2 3",
		"run 20",
		"crash a3 unsent",
		"crash a3 unsaved",
		"crash a3 2 torn",
		"slow a1",
		"quick",
		"saved a2",
		"members a2 a1 a2 a9",
		"members a2",
		"flood 3 kind=prepare",
		"flood p1 200 kind=hello",
		"propose red to=p1 1000",
		"settle 400 storm",
		"drained 100",
		"partition a1 p1 / a2 a3",
		"cut from=a1 to=p1",
		"heal",
		"rollback a2 4",
		"settle 400 quiet",
	} {
		op, err := Parse(line)
		if err != nil {
			t.Errorf("%s: %v", line, err)
		} else if got := op.String(); got != line {
			t.Errorf("%q is printed as %q", line, got)
		}
	}
}

func TestAnOperationThatMakesNoSenseIsRefused(t *testing.T) {
	for _, line := range []string{
		"", "dance", "crash", "crash a9", "propose", "deliver to=nobody", "deliver kind=letter", "partition a1 / b2",
		"tick p1 often", "deliver colour=red", "deliver nth=last",
	} {
		if op, err := Parse(line); err == nil {
			t.Errorf("%q is read as %q", line, op)
		}
	}
}

func TestASetupReadsAsItIsPrinted(t *testing.T) {
	for _, line := range []string{
		"cluster acceptors=3 proposers=1 learners=1",
		"cluster acceptors=5 proposers=2 learners=2 tail=5 page=1 run=2 flight=3 runs=2 window=3 founding echo tight",
	} {
		setup, err := ParseSetup(line)
		if err != nil {
			t.Errorf("%s: %v", line, err)
		} else if got := setup.String(); got != line {
			t.Errorf("%q is printed as %q", line, got)
		}
	}
	for _, line := range []string{"cluster acceptors=0", "cluster proposers=many", "cluster cats=3"} {
		if _, err := ParseSetup(line); err == nil {
			t.Errorf("%q is taken", line)
		}
	}
}
