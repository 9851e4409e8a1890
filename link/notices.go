package link

import (
	"context"
	"errors"
	"log/slog"

	"github.com/synod-log/synod/paxos"
)

// Tell logs what a role wants people to be told. A fatal notice is not logged but returned, as the
// error that its process must end with.
func Tell(logger *slog.Logger, notices []paxos.Notice) error {
	for _, notice := range notices {
		if notice.Fatal {
			return errors.New(notice.Text)
		}
		level := slog.LevelInfo
		if notice.Warning {
			level = slog.LevelWarn
		}
		logger.Log(context.Background(), level, notice.Text)
	}
	return nil
}
