package virtual

import "os"

// minutes is how long a test lasts in virtual time, and how long where there is time.
func minutes(short, long int) int {
	if os.Getenv("SYNOD_LONG") != "" {
		return long
	}
	return short
}
