package paxos

// noter keeps the notices until the driver takes them. It says nothing twice within a while, since
// what lasts is heard again with every hello; and of what strangers send, which may be new each
// time, it tells no more than maxStrange things in that while.
type noter struct {
	notices []Notice
	said    map[string]bool
	strange int
}

const (
	maxStrange = 32
	noterWhile = 6000 // ticks
)

// tick begins a new while when the last one is over.
func (n *noter) tick(now int) {
	if now%noterWhile == 0 {
		n.said, n.strange = nil, 0
	}
}

// warnOf warns of something that anybody can send.
func (n *noter) warnOf(text string) {
	if text == "" || n.said[text] || n.strange >= maxStrange {
		return
	}
	n.strange++
	n.warn(text)
}

func (n *noter) warn(text string) { n.note(Notice{Warning: true, Text: text}) }
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
