package main

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"

	"github.com/nats-io/nats.go"

	"github.com/synod-log/synod/config"
)

// connectionOptions say as whom to connect. A file that cannot be read is an error now: a connection
// that is tried for ever would only log it.
func connectionOptions(settings config.NATS) ([]nats.Option, error) {
	var problems []error
	for _, file := range []struct{ what, name string }{
		{"NATS credentials", settings.Creds}, {"tlsca", settings.TLSCA},
		{"tlscert", settings.TLSCert}, {"tlskey", settings.TLSKey},
	} {
		if file.name == "" {
			continue
		}
		if _, err := os.ReadFile(file.name); err != nil {
			problems = append(problems, fmt.Errorf("%s: %w", file.what, err))
		}
	}
	if len(problems) > 0 {
		return nil, usageError{errors.Join(problems...)}
	}
	options := []nats.Option{nats.Timeout(settings.Timeout)}
	if settings.Creds != "" {
		options = append(options, nats.UserCredentials(settings.Creds))
	}
	switch {
	case settings.Password != "":
		options = append(options, nats.UserInfo(settings.User, settings.Password))
	case settings.User != "":
		options = append(options, nats.Token(settings.User)) // as the nats tool does
	}
	if settings.TLSCA != "" {
		options = append(options, nats.RootCAs(settings.TLSCA))
	}
	if settings.TLSCert != "" {
		options = append(options, nats.ClientCert(settings.TLSCert, settings.TLSKey))
	}
	return options, nil
}

// connect connects an interactive command, which does not wait for a broker to appear.
func connect(settings config.NATS, name string) (*nats.Conn, error) {
	options, err := connectionOptions(settings)
	if err != nil {
		return nil, err
	}
	conn, err := nats.Connect(settings.URL, append(options, nats.Name(name))...)
	if err != nil {
		return nil, fmt.Errorf("no NATS at %s: %w; start it, give its address with -s, or run `synod dev`",
			redacted(settings.URL), err)
	}
	return conn, nil
}

// redacted is a list of addresses without the passwords in them.
func redacted(addresses string) string {
	parts := strings.Split(addresses, ",")
	for i, part := range parts {
		if parsed, err := url.Parse(strings.TrimSpace(part)); err == nil {
			parts[i] = parsed.Redacted()
		}
	}
	return strings.Join(parts, ",")
}
