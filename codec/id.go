package codec

import "fmt"

// MaxID is the most bytes that an id or a log's name may have.
const MaxID = 32

// CheckID returns an error, fit to show to whoever wrote the configuration, unless id may name a worker
// or a client: 1 to 32 letters, digits, - and _, of which the first is a letter or digit.
func CheckID(id string) error { return checkName("id", id) }

// CheckLog returns an error unless name may name a log. The rule is that of ids.
func CheckLog(name string) error { return checkName("log name", name) }

func checkName(what, name string) error {
	switch {
	case isID(name):
		return nil
	case name == "":
		return fmt.Errorf("%s is empty", what)
	case len(name) > MaxID:
		return fmt.Errorf("%s %.40q is %d bytes long; at most %d are allowed", what, name, len(name), MaxID)
	}
	return fmt.Errorf("%s %q: only letters, digits, - and _ are allowed, and a letter or digit first",
		what, name)
}

// isID reports whether s matches ^[A-Za-z0-9][A-Za-z0-9_-]{0,31}$. It never matches a wildcard, a dot or
// a path, so that ids are safe as tokens of subjects.
func isID[T string | []byte](s T) bool {
	if len(s) == 0 || len(s) > MaxID || s[0] == '-' || s[0] == '_' {
		return false
	}
	for i := range len(s) {
		if !isIDByte[s[i]] {
			return false
		}
	}
	return true
}

// isIDByte is a table, since every token of every subject is checked.
var isIDByte = tableOf("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")

// isTokenByte are the bytes of a token of HTTP [RFC 9110 §5.6.2].
var isTokenByte = tableOf("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!#$%&'*+-.^_`|~")

func tableOf(members string) (table [256]bool) {
	for i := range len(members) {
		table[members[i]] = true
	}
	return table
}

// IsHeaderName reports whether name may name a header of a value: whether it is a token of HTTP. Others
// are dropped where values are admitted, and refused where they are decoded: a client of the feed may
// not be able to read past one.
func IsHeaderName(name string) bool { return isToken(name) }

func isToken[T string | []byte](s T) bool {
	if len(s) == 0 {
		return false
	}
	for i := range len(s) {
		if !isTokenByte[s[i]] {
			return false
		}
	}
	return true
}
