package paxos

// noter keeps the notices until the driver takes them, and says nothing twice: what lasts is heard again
// with every hello.
type noter struct {
	notices []Notice
	said    map[string]bool
}

// maxSaid bounds what a noter remembers: past it, it may repeat itself.
const maxSaid = 64

func (n *noter) warn(text string) { n.note(Notice{Warning: true, Text: text}) }
func (n *noter) say(text string)  { n.note(Notice{Text: text}) }
func (n *noter) fail(text string) { n.note(Notice{Fatal: true, Warning: true, Text: text}) }

func (n *noter) note(notice Notice) {
	if notice.Text == "" || n.said[notice.Text] {
		return
	}
	if n.said == nil || len(n.said) >= maxSaid {
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
