package config

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/synod-log/synod/paxos"
)

// The functions below make a setting's parser out of where its value goes. Empty text leaves the field
// as it is: the setting is not set.

func text(field func(*Config) *string) func(any, *Config) error {
	return scalar(func(text string, c *Config) error {
		*field(c) = text
		return nil
	})
}

func oneOf(field func(*Config) *string, choices ...string) func(any, *Config) error {
	return scalar(func(text string, c *Config) error {
		if !slices.Contains(choices, text) {
			return fmt.Errorf("%q is not one of %s%s", text, strings.Join(choices, ", "),
				suggest(text, choices))
		}
		*field(c) = text
		return nil
	})
}

func duration(field func(*Config) *time.Duration) func(any, *Config) error {
	return scalar(func(text string, c *Config) error {
		if _, err := strconv.ParseFloat(text, 64); err == nil {
			return fmt.Errorf("duration %s needs a unit: %ss or %sms?", text, text, text)
		}
		parsed, err := time.ParseDuration(text)
		if err != nil {
			return fmt.Errorf("%q is not a duration such as 500ms, 5s or 1m30s", text)
		}
		if parsed <= 0 {
			return fmt.Errorf("duration %s must be above zero", text)
		}
		*field(c) = parsed
		return nil
	})
}

func count(field func(*Config) *int) func(any, *Config) error {
	return scalar(func(text string, c *Config) error {
		n, err := wholeNumber(text, 1<<31-1)
		*field(c) = int(n)
		return err
	})
}

func slot(field func(*Config) *paxos.Slot) func(any, *Config) error {
	return scalar(func(text string, c *Config) error {
		n, err := wholeNumber(text, 1<<63-1)
		*field(c) = paxos.Slot(n)
		return err
	})
}

// units are what sizes may be written in.
var units = []struct {
	name  string
	bytes uint64
}{{"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30}, {"B", 1}}

func size(field func(*Config) *int) func(any, *Config) error {
	return scalar(func(text string, c *Config) error {
		for _, unit := range units {
			number, ok := strings.CutSuffix(text, unit.name)
			if !ok {
				continue
			}
			n, err := wholeNumber(strings.TrimSpace(number), (1<<40)/unit.bytes)
			*field(c) = int(n * unit.bytes)
			return err
		}
		return fmt.Errorf("size %s needs a unit: B, KiB, MiB or GiB", text)
	})
}

// wholeNumber parses a number from 1 to most.
func wholeNumber(text string, most uint64) (uint64, error) {
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil || n == 0 || n > most {
		return 0, fmt.Errorf("%q is not a whole number from 1 to %d", text, most)
	}
	return n, nil
}

func list(field func(*Config) *[]string) func(any, *Config) error {
	return func(value any, c *Config) error {
		items, isList := value.([]string)
		if !isList {
			written, ok := value.(string)
			if !ok {
				return fmt.Errorf("%v is not a list", value)
			}
			if written == "" {
				return nil
			}
			items = strings.Split(written, ",")
		}
		trimmed := make([]string, len(items))
		for i, item := range items {
			trimmed[i] = strings.TrimSpace(item)
		}
		*field(c) = trimmed
		return nil
	}
}

// scalar makes a parser of one that takes text that is not empty.
func scalar(parse func(string, *Config) error) func(any, *Config) error {
	return func(value any, c *Config) error {
		text, ok := value.(string)
		if !ok {
			return fmt.Errorf("%v is a list, and one value is wanted", value)
		}
		if text == "" {
			return nil
		}
		return parse(text, c)
	}
}
