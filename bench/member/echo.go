package member

import (
	"context"
	"flag"

	"github.com/nats-io/nats.go"
)

// EchoSubject is what the echo answers on.
const EchoSubject = "echo"

// echo answers each request with what it came with.
func echo(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("echo", flag.ContinueOnError)
	url := flags.String("url", "", "broker to connect to")
	if err := flags.Parse(args); err != nil {
		return err
	}
	conn, err := nats.Connect(*url)
	if err != nil {
		return err
	}
	defer conn.Close()
	_, err = conn.Subscribe(EchoSubject, func(m *nats.Msg) {
		_ = m.Respond(m.Data) // who asked asks again
	})
	if err != nil {
		return err
	}
	<-ctx.Done()
	return nil
}
