package store_test

import (
	"fmt"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/synod-log/synod/paxos"
	"github.com/synod-log/synod/store"
)

// BenchmarkSave is one write and one sync, of one small value and of a batch of 64 KiB.
func BenchmarkSave(b *testing.B) {
	for _, c := range []struct{ values, size int }{{1, 128}, {512, 128}, {64, 1024}} {
		b.Run(fmt.Sprintf("values=%d/bytes=%d", c.values, c.size), func(b *testing.B) {
			s, err := store.Open(b.TempDir(), store.Options{Log: "main", Acceptor: "a1"}, discard)
			if err != nil {
				b.Fatal(err)
			}
			defer s.Close()
			records := make([]paxos.Record, 2)
			b.SetBytes(int64(c.values * c.size))
			b.ReportAllocs()
			next := paxos.Slot(1)
			record := accepted(1, next, c.values, c.size).(*paxos.AcceptedRecord)
			for b.Loop() {
				record.Proposal.Run.First = next
				records[0], records[1] = settled(next-1), record
				mustSave(b, s, records...)
				next += paxos.Slot(c.values)
			}
		})
	}
}

// BenchmarkSaveFast is one Save of 2 MiB of values, as fast as they can be written, across segments: the
// making of the next segment and the saves then want the same disk. It reports the longest of the Saves.
// Of -benchtime=500x it writes a GiB.
func BenchmarkSaveFast(b *testing.B) {
	const records, values, size = 64, 256, 128
	s, err := store.Open(b.TempDir(), store.Options{Log: "main", Acceptor: "a1"}, discard)
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	batch := make([]paxos.Record, records)
	for i := range batch {
		batch[i] = accepted(1, paxos.Slot(1+i*values), values, size)
	}
	mustSave(b, s, batch...) // makes the memory for a batch of this size
	var took []time.Duration
	b.SetBytes(records * values * size)
	for b.Loop() {
		began := time.Now()
		mustSave(b, s, batch...)
		took = append(took, time.Since(began))
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
	b.ReportMetric(float64(took[len(took)-1].Microseconds())/1000, "longest-ms")
}

// million fills a store with a million values of 128 bytes, so many in each record, and settles them.
func million(b *testing.B, o store.Options, path string, inRecord paxos.Slot) *store.Store {
	s, err := store.Open(path, o, discard)
	if err != nil {
		b.Fatal(err)
	}
	const each = 10_000
	records := make([]paxos.Record, 0, each+1)
	for first := paxos.Slot(1); first < 1_000_000; first += each {
		records = records[:0]
		for slot := first; slot < first+each; slot += inRecord {
			records = append(records, accepted(1, slot, int(inRecord), 128))
		}
		mustSave(b, s, append(records, settled(first+each-1))...)
	}
	return s
}

// BenchmarkOpen is opening a store of a million values and giving an acceptor its records. It reports
// the memory that the store holds afterwards.
func BenchmarkOpen(b *testing.B) {
	for _, inRecord := range []paxos.Slot{250, 1} {
		b.Run(fmt.Sprintf("record=%d", inRecord), func(b *testing.B) {
			path, o := b.TempDir(), store.Options{Log: "main", Acceptor: "a1"}
			if err := million(b, o, path, inRecord).Close(); err != nil {
				b.Fatal(err)
			}
			inspection, err := store.Inspect(path)
			if err != nil {
				b.Fatal(err)
			}
			var bytes int64
			for _, segment := range inspection.Segments {
				bytes += segment.Used
			}
			b.SetBytes(bytes)
			b.ReportAllocs()
			for b.Loop() {
				b.StopTimer()
				before := held()
				b.StartTimer()
				s, err := store.Open(path, o, newAcceptor().Restore)
				if err != nil {
					b.Fatal(err)
				}
				b.StopTimer()
				b.ReportMetric(float64(held()-before)/(1<<20), "MiB-held")
				if err := s.Close(); err != nil {
					b.Fatal(err)
				}
				b.StartTimer()
			}
			b.ReportMetric(1e6*float64(b.N)/b.Elapsed().Seconds(), "values/s")
		})
	}
}

func held() int64 {
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return int64(stats.HeapAlloc)
}

// BenchmarkRead reads a log of a million values from its beginning, page by page.
func BenchmarkRead(b *testing.B) {
	s := million(b, store.Options{Log: "main", Acceptor: "a1"}, b.TempDir(), 1)
	defer s.Close()
	for _, page := range []int{8 << 10, 1 << 20} {
		b.Run(fmt.Sprintf("page=%dKiB", page>>10), func(b *testing.B) {
			next, values := paxos.Slot(1), 0
			for b.Loop() {
				run, err := s.Read(next, next+1_000_000, page, false)
				if err != nil {
					b.Fatal(err)
				}
				values += len(run.Values)
				if next = run.Last() + 1; next > 1_000_000 {
					next = 1
				}
			}
			b.ReportMetric(float64(values)/b.Elapsed().Seconds(), "values/s")
		})
	}
}
