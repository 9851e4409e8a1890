package worker

import (
	"encoding/json"

	"github.com/nats-io/nats.go/micro"
	"github.com/synod-log/synod/link"
	"github.com/synod-log/synod/paxos"
)

// serviceVersion is the version of what the status endpoint answers, not of the program.
const serviceVersion = "0.1.0"

// serve shows a worker to `nats service ls|info|stats`, with one endpoint that answers what report
// returns, as JSON. Report is called from other goroutines than the worker's loop. The service ends with
// the link's connection.
func serve(l *link.Link, role paxos.RoleKind, log, subject string, report func() any) error {
	service, err := micro.AddService(l.Conn(), micro.Config{
		Name:        "synod-" + link.RoleName(role),
		Version:     serviceVersion,
		Description: "Synod " + link.RoleName(role) + " of log " + log,
		Metadata:    map[string]string{"log": log},
		// Two workers of one name are a fault that both should show.
		QueueGroupDisabled: true,
	})
	if err != nil {
		return err
	}
	answer := func(request micro.Request) {
		data, err := json.Marshal(report())
		if err != nil {
			_ = request.Error("500", err.Error(), nil)
			return
		}
		_ = request.Respond(data) // who asked may be gone
	}
	return service.AddEndpoint("status", micro.HandlerFunc(answer), micro.WithEndpointSubject(subject))
}
