package simulate

// judgeFenced holds an acceptor whose store was copied or rolled back against what the design promises:
// it does not run on beside its copy, and not with less in its store than others heard it say.
func (w *World) judgeFenced(k *worker) {
	twin := &w.workers[Twin]
	switch {
	case !k.faulty:
	case twin.member == k.id && k.state == running && twin.state == running:
		w.violated("G6", "%v and its copy both run on", k.id)
	case k.hasForgotten && k.state == running:
		w.violated("G6", "%v runs on, and its store has forgotten what others heard of it", k.id)
	}
}
