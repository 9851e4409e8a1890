package client

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/synod-log/synod/codec"
	"github.com/synod-log/synod/paxos"
)

// ObserverOptions say how a log is observed. The zero value suits most.
type ObserverOptions struct {
	// Prefix is the first token of all subjects; "" is "synod".
	Prefix string
	// Window is how long a look listens before it asks those that it heard; 0 is 1.25 s. Workers
	// say hello each second, unless they were told another time: the window must be longer than
	// that. Where a log does not look healthy, the look takes two windows.
	Window time.Duration
}

const (
	defaultLook = 1250 * time.Millisecond
	// answerWithin is how long a look waits for answers at most.
	answerWithin = 500 * time.Millisecond
)

// Observer looks at a log from outside, over a connection that it does not own. It listens to what
// its workers say of themselves, and asks those that it hears for more. It needs no rights beyond
// that, and disturbs nobody.
type Observer struct {
	conn     *nats.Conn
	log      string
	subjects *codec.Subjects
	window   time.Duration
	inbox    string // answers arrive below it: <inbox>.<role>.<id>, <inbox>.js.<verb>
	taken    []*nats.Subscription

	mutex    sync.Mutex // guards what follows, which nats.go's callbacks fill
	workers  map[paxos.Address]*observed
	foreign  map[paxos.Address]string // why what it says is not understood
	captures map[string][]string      // JetStream streams by the verb of what they capture
	heardAt  map[string]time.Time     // acceptors, also those long gone
	awaited  int                      // workers that were asked and have not answered yet
	answered chan struct{}            // capacity 1: nobody is awaited any more
}

// observed is a worker that was heard.
type observed struct {
	at      time.Time
	tag     paxos.Tag
	hello   *paxos.Hello
	earlier paxos.Nonce // the process before the one heard last; zero: there was none
	isTwice bool
	answer  statusAnswer // the zero one where it gave none

	hasAnswered bool // the last request, or the broker did in its place: nobody listens
	isThere     bool // it was the worker that answered
}

// keptWorkers bounds the workers that an observer remembers.
const keptWorkers = 1024

// NewObserver begins to listen to the named log.
func NewObserver(conn *nats.Conn, log string, options ObserverOptions) (*Observer, error) {
	subjects, err := codec.NewSubjects(options.Prefix, log)
	if err != nil {
		return nil, err
	}
	o := &Observer{
		conn: conn, log: log, subjects: subjects, inbox: conn.NewInbox(),
		window:   cmp.Or(options.Window, defaultLook),
		workers:  make(map[paxos.Address]*observed),
		foreign:  make(map[paxos.Address]string),
		captures: make(map[string][]string),
		heardAt:  make(map[string]time.Time),
		answered: make(chan struct{}, 1),
	}
	for subject, callback := range map[string]nats.MsgHandler{
		subjects.Hellos(): o.onHello, o.inbox + ".*.*": o.onAnswer,
	} {
		taken, err := conn.Subscribe(subject, callback)
		if err != nil {
			return nil, errors.Join(fmt.Errorf("listening to %s: %w", subject, err), o.Close())
		}
		o.taken = append(o.taken, taken)
	}
	return o, nil
}

// Close ends the listening.
func (o *Observer) Close() error {
	var all error
	for _, taken := range o.taken {
		all = errors.Join(all, taken.Unsubscribe())
	}
	return all
}

// Look listens for the observer's window, and judges what it heard. It fails only where ctx ends.
func (o *Observer) Look(ctx context.Context) (StatusReport, error) {
	facts, err := o.Facts(ctx)
	if err != nil {
		return StatusReport{}, err
	}
	return Judge(facts), nil
}

// Facts listens for the observer's window, asks whom it heard, and returns all that it was told.
// Where that is not a healthy log, it listens once more before it says so: on a busy machine a
// hello may be late, and a process that follows another may run beside it. It fails only where ctx
// ends.
func (o *Observer) Facts(ctx context.Context) (StatusFacts, error) {
	o.forget()
	o.askStreams()
	first, err := o.listen(ctx)
	if err != nil || Judge(first).State == Healthy && !o.sawAnother() {
		return first, err
	}
	return o.listen(ctx)
}

// sawAnother reports whether a worker was heard as one process and then as another: restarted, or
// twice.
func (o *Observer) sawAnother() bool {
	o.mutex.Lock()
	defer o.mutex.Unlock()
	for _, worker := range o.workers {
		if worker.earlier != (paxos.Nonce{}) {
			return true
		}
	}
	return false
}

// listen goes on to listen for a window, and then asks all that were heard until now.
func (o *Observer) listen(ctx context.Context) (StatusFacts, error) {
	if err := wait(ctx, nil, o.window); err != nil {
		return StatusFacts{}, err
	}
	o.askWorkers()
	if err := wait(ctx, o.answered, answerWithin); err != nil {
		return StatusFacts{}, err
	}
	return o.facts(), nil
}

// wait waits for a signal, but no longer than most; it fails where ctx ends.
func wait(ctx context.Context, signal <-chan struct{}, most time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-signal:
	case <-time.After(most):
	}
	return nil
}

// forget makes the next look one of its own: what was said before does not count any more.
func (o *Observer) forget() {
	o.mutex.Lock()
	defer o.mutex.Unlock()
	clear(o.workers)
	clear(o.foreign)
	clear(o.captures)
}

// onHello takes in what a worker says of itself.
func (o *Observer) onHello(msg *nats.Msg) {
	from, _, _, err := o.subjects.Parse(msg.Subject)
	if err != nil {
		return
	}
	message, err := o.subjects.Decode(msg.Subject, msg.Data)
	hello, isHello := message.Body.(*paxos.Hello)
	o.mutex.Lock()
	defer o.mutex.Unlock()
	if len(o.workers)+len(o.foreign) >= keptWorkers {
		return
	}
	if err != nil || !isHello || from.Role == paxos.RoleAcceptor && hello.Acceptor == nil {
		o.foreign[from] = reasonText(err)
		return
	}
	worker, isKnown := o.workers[from]
	if !isKnown {
		worker = &observed{}
		o.workers[from] = worker
	}
	worker.take(message.Tag, hello)
	if len(o.heardAt) >= keptWorkers {
		clear(o.heardAt) // ids that somebody makes up
	}
	if from.Role == paxos.RoleAcceptor {
		o.heardAt[from.ID] = worker.at
	}
}

// take takes in a hello. One process after another is a restart; one that speaks again after
// another did runs beside it.
func (w *observed) take(tag paxos.Tag, hello *paxos.Hello) {
	if w.hello != nil && w.hello.Process != hello.Process {
		w.isTwice = w.isTwice || w.earlier == hello.Process
		w.earlier = w.hello.Process
	}
	w.at, w.tag, w.hello = time.Now(), tag, hello
}

func reasonText(err error) string {
	var refusal *codec.Error
	if errors.As(err, &refusal) {
		return strings.TrimPrefix(refusal.Error(), "codec: ")
	}
	return "it says hello in a form that this program does not know"
}

// askWorkers asks all that were heard, client libraries aside, for what hellos do not tell.
func (o *Observer) askWorkers() {
	o.mutex.Lock()
	defer o.mutex.Unlock()
	o.awaited = 0
	select {
	case <-o.answered: // from the time before
	default:
	}
	for from, worker := range o.workers {
		if from.Role == paxos.RoleClient {
			continue
		}
		worker.hasAnswered, worker.isThere = false, false
		o.awaited++
		o.ask(o.subjects.Status(from.Role, from.ID), from.String(), nil)
	}
	o.tellAnswered()
}

// ask sends a request whose answer arrives below the inbox. One that cannot be sent is one that is
// not answered.
func (o *Observer) ask(subject, answer string, data []byte) {
	_ = o.conn.PublishRequest(subject, o.inbox+"."+answer, data)
}

// onAnswer takes in what somebody answers. An empty one comes from the broker: nobody listens
// there.
func (o *Observer) onAnswer(msg *nats.Msg) {
	role, id, _ := strings.Cut(strings.TrimPrefix(msg.Subject, o.inbox+"."), ".")
	o.mutex.Lock()
	defer o.mutex.Unlock()
	if role == jetStream {
		o.captures[id] = readStreams(msg.Data)
		return
	}
	worker := o.workers[paxos.Address{Role: paxos.RoleKind(role), ID: id}]
	answer, ok := readStatus(id, msg.Data)
	if worker == nil || worker.hasAnswered {
		return
	}
	worker.hasAnswered, worker.isThere = true, ok
	if ok {
		worker.answer = answer
	}
	o.awaited--
	o.tellAnswered()
}

// tellAnswered ends the wait for answers where none is awaited any more. The mutex is held.
func (o *Observer) tellAnswered() {
	if o.awaited != 0 {
		return
	}
	select {
	case o.answered <- struct{}{}:
	default: // told already
	}
}

// jetStream stands in the place of a role in the inbox.
const jetStream = "js"

// askStreams asks JetStream, if there is one and it may be asked, for streams that capture what
// only workers should answer.
func (o *Observer) askStreams() {
	for verb, subject := range map[codec.Verb]string{
		codec.VerbPropose: o.subjects.Propose(), codec.VerbRead: o.subjects.Read(),
	} {
		o.ask("$JS.API.STREAM.NAMES", jetStream+"."+string(verb), []byte(`{"subject":"`+subject+`"}`))
	}
}

func readStreams(data []byte) []string {
	var answer struct {
		Streams []string `json:"streams"`
	}
	if json.Unmarshal(data, &answer) != nil {
		return nil
	}
	return answer.Streams
}
