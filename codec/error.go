package codec

import "fmt"

// Reason is why bytes or a subject were refused, in a word that suits a counter's label.
type Reason string

// The reasons to refuse.
const (
	ReasonTruncated Reason = "truncated" // bytes end, or cannot suffice for what is announced
	ReasonTrailing  Reason = "trailing"  // bytes follow the end
	ReasonType      Reason = "type"      // another msgpack type than the field's: nil, −1, a float, …
	ReasonForm      Reason = "form"      // not the one encoding of what it says
	ReasonArity     Reason = "arity"     // an array of another number of fields
	ReasonLength    Reason = "length"    // a list or byte string longer or shorter than it may be
	ReasonRange     Reason = "range"     // a number beyond its bounds, or that contradicts another
	ReasonID        Reason = "id"        // not an id of a worker
	ReasonOrder     Reason = "order"     // members not sorted by id, or one twice
	ReasonKind      Reason = "kind"      // a kind of message, record, value or id that is not known
	ReasonVersion   Reason = "version"   // of a later version
	ReasonSubject   Reason = "subject"   // not a subject of this log
	ReasonVerb      Reason = "verb"      // a body that does not belong to its subject
)

// Error says why bytes or a subject were refused. Whoever drops them counts them by Reason.
type Error struct {
	Reason  Reason
	Offset  int    // where in the bytes, or in the subject
	Version uint64 // where Reason is ReasonVersion: the version seen
}

// Error implements error.
func (e *Error) Error() string {
	if e.Reason == ReasonVersion {
		return fmt.Sprintf("codec: version %d was sent by a newer worker; this one is older and knows "+
			"version %d at most: upgrade it", e.Version, Version)
	}
	return fmt.Sprintf("codec: %s (%s) at byte %d", explanations[e.Reason], e.Reason, e.Offset)
}

var explanations = map[Reason]string{
	ReasonTruncated: "ends too early",
	ReasonTrailing:  "goes on after its end",
	ReasonType:      "a field of another type",
	ReasonForm:      "not in its one form",
	ReasonArity:     "another number of fields",
	ReasonLength:    "too long or too short",
	ReasonRange:     "a number out of bounds",
	ReasonID:        "not an id",
	ReasonOrder:     "members not in order",
	ReasonKind:      "an unknown kind",
	ReasonSubject:   "not a subject of this log",
	ReasonVerb:      "a body that does not belong to its subject",
}
