package link

import "testing"

func TestAddressesAreShownWithoutTheirPasswords(t *testing.T) {
	for given, want := range map[string]string{
		"nats://127.0.0.1:4222":                "nats://127.0.0.1:4222",
		"nats://me:secret@one:4222,nats://two": "nats://xxxxx@one:4222,nats://two",
		"nats://token@one":                     "nats://xxxxx@one",
		"one:4222":                             "one:4222",
		"nats://me:se%cret@one":                "(an address that cannot be read)",
	} {
		if got := redacted(given); got != want {
			t.Errorf("redacted(%q) = %q, want %q", given, got, want)
		}
	}
}
