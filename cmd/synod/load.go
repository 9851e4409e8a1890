package main

import (
	"io"
	"log/slog"
	"os"

	"github.com/spf13/cobra"

	"github.com/synod-log/synod/config"
	"github.com/synod-log/synod/link"
	"github.com/synod-log/synod/worker"
)

// load reads the settings of a command.
func load(command *cobra.Command, checks ...config.Check) (config.Config, error) {
	file, err := command.Flags().GetString("config")
	if err != nil {
		return config.Config{}, err
	}
	if file == "" {
		file = os.Getenv(config.FileVariable)
	}
	settings, err := config.Load(config.Source{File: file, Flags: command.Flags()}, checks...)
	if err != nil {
		return config.Config{}, usageError{err}
	}
	return settings, nil
}

// newLogger returns what writes a process's talk, from level on unless the settings say otherwise.
func newLogger(to io.Writer, settings config.Logging, level slog.Level) *slog.Logger {
	if settings.Level != "" {
		if err := level.UnmarshalText([]byte(settings.Level)); err != nil {
			panic(err) // config let it pass
		}
	}
	options := &slog.HandlerOptions{Level: level}
	if settings.Format == "json" {
		return slog.New(slog.NewJSONHandler(to, options))
	}
	return slog.New(slog.NewTextHandler(to, options))
}

// workerOptions are what every role of a process is told.
func workerOptions(settings config.Config, id string, logger *slog.Logger) (worker.Options, error) {
	natsOptions, err := connectionOptions(settings.NATS)
	return worker.Options{
		Conn:   link.Options{URL: settings.NATS.URL, NATS: natsOptions},
		Prefix: settings.Prefix,
		Log:    settings.Log,
		ID:     id,
		Timing: settings.Timing.Ticks(link.Tick),
		Limits: settings.Limits,
		Logger: logger,
	}, err
}
