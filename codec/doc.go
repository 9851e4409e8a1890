// Package codec turns messages and records into bytes, and back, and builds and reads the subjects that
// they travel on.
package codec
