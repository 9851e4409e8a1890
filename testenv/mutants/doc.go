// Package mutants breaks the product on purpose, one line at a time, and sees whether what judges it
// notices. A test that no fault can make fail proves nothing.
//
// A fault is some lines of one or two files replaced by others: testdata/faults has them, by what they
// break. A mutant is the product with one fault, or with two: testdata/pairs.txt. Each names its killer,
// which must fail on it and does not fail on the product:
//
//	killer simulate 2000         testenv/cmd/simulate, within so many worlds
//	killer test ./store TestX    the tests of a package whose names match
//
// Faults are laid over the files with the go command's -overlay: nothing in the product is a switch, and
// no file in the work tree is touched. Lines are looked for instead of counted, and must stand exactly once
// in their file, so that a fault outlives changes around it and says so when it does not.
//
// Some faults are safe alone, since another rule protects from what they break, or since they cost
// nothing but time. They say why, in a line that begins with "safe", and each is part of a pair that is
// caught: a rule that no fault, and no pair, can show to matter is one rule too many.
package mutants
