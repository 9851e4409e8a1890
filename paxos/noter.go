package paxos

// noter keeps the notices until the driver takes them. It says nothing twice within a while, since what lasts
// is heard again with every hello; and it warns of no more than maxWarnings things in that while, since what
// strangers send may be new each time.
type noter struct {
	notices  []Notice
	said     map[string]bool
	warnings int
}

const (
	maxWarnings = 32
	noterWhile  = 6000 // ticks
)

// tick begins a new while when the last one is over.
func (n *noter) tick(now int) {
	if now%noterWhile == 0 {
		n.said, n.warnings = nil, 0
	}
}

func (n *noter) warn(text string) {
	if text == "" || n.said[text] || n.warnings >= maxWarnings {
		return
	}
	n.warnings++
	n.note(Notice{Warning: true, Text: text})
}

func (n *noter) say(text string)  { n.note(Notice{Text: text}) }
func (n *noter) fail(text string) { n.note(Notice{Fatal: true, Warning: true, Text: text}) }

func (n *noter) note(notice Notice) {
	if notice.Text == "" || n.said[notice.Text] {
		return
	}
	if n.said == nil {
		n.said = map[string]bool{}
	}
	n.said[notice.Text] = true
	n.notices = append(n.notices, notice)
}

// take returns the notices since the last call.
func (n *noter) take() []Notice {
	taken := n.notices
	n.notices = nil
	return taken
}
