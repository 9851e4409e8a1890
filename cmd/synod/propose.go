package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/synod-log/synod/client"
	"github.com/synod-log/synod/config"
)

// mostValue is the longest line of stdin that is read as a value, in bytes. A broker takes less.
const mostValue = 64 << 20

func newPropose(std streams) *cobra.Command {
	var file, id string
	command := &cobra.Command{
		Use:     "propose [VALUE… | -]",
		GroupID: groupUse,
		Short:   "Propose values, and print the slot that each was chosen in",
		Long: `Each value is proposed when the one before it was acknowledged, so that they stand in the log in
the order given. A slot printed means that a majority of acceptors has the value on disk.

A value that is not acknowledged within --timeout may yet be chosen: the exit code is then 3.
Proposing it again with the same --id is safe: it is chosen once.`,
		Example: `  synod propose hello world
  synod propose --id order-17 '{"item":"tea"}'
  synod propose --file picture.png
  seq 3 | synod propose -`,
		RunE: func(command *cobra.Command, args []string) error {
			if err := checkValues(args, file, id); err != nil {
				return err
			}
			settings, err := load(command)
			if err != nil {
				return err
			}
			p, err := newProposing(settings, std, id)
			if err != nil {
				return err
			}
			defer p.close()
			return p.all(command.Context(), args, file)
		},
	}
	addFlags(command, config.OfLog)
	command.Flags().StringVar(&id, "id", "", "id of the proposal: proposed again with it, it is chosen once")
	command.Flags().StringVar(&file, "file", "", "propose the bytes of this file as one value")
	addFlags(command, config.OfConnection)
	return command
}

func checkValues(args []string, file, id string) error {
	fromInput := len(args) == 1 && args[0] == "-"
	switch {
	case file == "" && len(args) == 0:
		return usagef("nothing to propose: give values, - for the lines of stdin, or --file")
	case file != "" && len(args) > 0:
		return usagef("--file gives the one value to propose: leave out %q", args[0])
	case id != "" && (fromInput || len(args) > 1):
		return usagef("--id names one proposal, and there may be several values: propose one at a time")
	}
	return nil
}

// proposing proposes values one after another.
type proposing struct {
	settings config.Config
	std      streams
	id       string // "": the client draws one for each value
	client   *client.Client
	close    func()
}

func newProposing(settings config.Config, std streams, id string) (*proposing, error) {
	conn, err := connect(settings.NATS, "synod propose")
	if err != nil {
		return nil, err
	}
	to, err := client.New(conn, settings.Log, client.Options{Prefix: settings.Prefix})
	if err != nil {
		conn.Close()
		return nil, err
	}
	return &proposing{settings: settings, std: std, id: id, client: to,
		close: func() { to.Close(); conn.Close() }}, nil
}

// all proposes everything that the command line names.
func (p *proposing) all(ctx context.Context, args []string, file string) error {
	if file != "" {
		data, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		return p.one(ctx, data)
	}
	if len(args) == 1 && args[0] == "-" {
		return p.lines(ctx, p.std.in)
	}
	for _, value := range args {
		if err := p.one(ctx, []byte(value)); err != nil {
			return err
		}
	}
	return nil
}

func (p *proposing) lines(ctx context.Context, from io.Reader) error {
	scanner := bufio.NewScanner(from)
	scanner.Buffer(nil, mostValue)
	for number := 1; scanner.Scan(); number++ {
		if err := p.one(ctx, scanner.Bytes()); err != nil {
			return fmt.Errorf("line %d of stdin: %w", number, err)
		}
	}
	return scanner.Err()
}

// one proposes a value, waits until it is acknowledged, and prints its slot.
func (p *proposing) one(ctx context.Context, value []byte) error {
	limited, cancel := context.WithTimeout(ctx, p.settings.NATS.Timeout)
	defer cancel()
	outcome, err := p.client.Propose(limited, client.Proposal{Value: value, ID: p.id})
	switch {
	case err == nil:
	case ctx.Err() != nil:
		return unknown{errors.New("interrupted before the value was acknowledged; it may yet be chosen")}
	default:
		return p.explain(err)
	}
	if outcome.Duplicate && p.id != "" {
		fmt.Fprintf(p.std.err, "id %s was proposed before: its value is in slot %d\n", p.id, outcome.Slot)
	}
	_, err = fmt.Fprintln(p.std.out, outcome.Slot)
	return err
}

// explain adds to an error what to do about it.
func (p *proposing) explain(err error) error {
	if !errors.Is(err, client.ErrOutcomeUnknown) {
		return err
	}
	log := p.settings.Log
	why, remedy := "no answer", "repeat it with a longer --timeout"
	switch {
	case errors.Is(err, client.ErrNoQuorum):
		why, remedy = "the leader hears no majority of acceptors", "start those of log "+log+" that are down"
	case errors.Is(err, client.ErrNoLeader):
		why, remedy = "no proposer of log "+log+" leads",
			"start one with `synod proposer`, and a majority of the acceptors; is the log's name right?"
	case errors.Is(err, client.ErrOverloaded):
		why, remedy = "the leader's queue is full", "propose more slowly, or repeat it with a longer --timeout"
	case errors.Is(err, client.ErrForeignAnswer):
		why, remedy = err.Error(), "leave the subjects of log "+log+" to its proposers"
	}
	return unknown{fmt.Errorf("not acknowledged within %v, and may yet be chosen: %s; %s",
		p.settings.NATS.Timeout, why, remedy)}
}
