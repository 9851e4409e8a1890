package main

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
)

func newVersion(std streams) *cobra.Command {
	return &cobra.Command{
		Use:     "version",
		GroupID: groupConfig,
		Short:   "Print the version this program was built from",
		Args:    noArgs,
		RunE: func(*cobra.Command, []string) error {
			info, ok := debug.ReadBuildInfo()
			if !ok {
				info = &debug.BuildInfo{}
			}
			_, err := fmt.Fprintln(std.out, describeBuild(info))
			return err
		},
	}
}

// describeBuild is one line: version, commit, and what built it.
func describeBuild(info *debug.BuildInfo) string {
	version := info.Main.Version
	if version == "" || version == "(devel)" {
		version = "development"
	}
	commit, changed := "", ""
	for _, setting := range info.Settings {
		switch setting.Key {
		case "vcs.revision":
			commit = " " + setting.Value[:min(12, len(setting.Value))]
		case "vcs.modified":
			if setting.Value == "true" {
				changed = " with changes"
			}
		}
	}
	return fmt.Sprintf("synod %s%s%s (%s, %s/%s)", version, commit, changed,
		runtime.Version(), runtime.GOOS, runtime.GOARCH)
}
