// Package control is how this program talks with the processes that it runs: JSON over HTTP, on loopback.
package control

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"
)

// mostSaid is how many bytes of an error a process may tell.
const mostSaid = 64 << 10

// Get asks a short question; the answer may be a pointer to anything that JSON can be read into.
func Get(ctx context.Context, url string, answer any) error {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	return do(ctx, http.MethodGet, url, nil, answer)
}

// Post has something done, for as long as it takes.
func Post(ctx context.Context, url string, order, answer any) error {
	body, err := json.Marshal(order)
	if err != nil {
		return err
	}
	return do(ctx, http.MethodPost, url, bytes.NewReader(body), answer)
}

func do(ctx context.Context, method, url string, body io.Reader, answer any) error {
	request, err := http.NewRequestWithContext(ctx, method, url, body)
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		said, _ := io.ReadAll(io.LimitReader(response.Body, mostSaid)) // what there is of it
		return fmt.Errorf("%s: %s: %s", url, response.Status, bytes.TrimSpace(said))
	}
	return json.NewDecoder(response.Body).Decode(answer)
}

// Question answers a GET.
func Question[Answer any](answer func(context.Context) (Answer, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		found, err := answer(r.Context())
		reply(w, found, err)
	}
}

// Order answers a POST, with what was asked for.
func Order[Ordered, Answer any](carryOut func(context.Context, Ordered) (Answer, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var order Ordered
		if err := json.NewDecoder(r.Body).Decode(&order); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		done, err := carryOut(r.Context(), order)
		reply(w, done, err)
	}
}

func reply(w http.ResponseWriter, answer any, err error) {
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	_ = json.NewEncoder(w).Encode(answer) // who asked may be gone
}
