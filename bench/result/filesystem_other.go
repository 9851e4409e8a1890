//go:build !linux

package result

func fileSystem(string) string { return "unknown" }
