package control

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestQuestionsAndOrdersAreAnswered(t *testing.T) {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /three", Question(func(context.Context) (int, error) { return 3, nil }))
	mux.HandleFunc("POST /twice", Order(func(_ context.Context, n int) (int, error) { return 2 * n, nil }))
	mux.HandleFunc("POST /never", Order(func(context.Context, int) (int, error) {
		return 0, errors.New("no leader")
	}))
	server := httptest.NewServer(mux)
	defer server.Close()
	var answer int
	if err := Get(t.Context(), server.URL+"/three", &answer); err != nil || answer != 3 {
		t.Errorf("got %d (%v), want 3", answer, err)
	}
	if err := Post(t.Context(), server.URL+"/twice", 21, &answer); err != nil || answer != 42 {
		t.Errorf("got %d (%v), want 42", answer, err)
	}
	if err := Post(t.Context(), server.URL+"/never", 1, &answer); err == nil || !strings.Contains(err.Error(), "no leader") {
		t.Errorf("got %v, want why it failed", err)
	}
	if err := Post(t.Context(), server.URL+"/twice", "many", &answer); err == nil {
		t.Error("an order that cannot be read was carried out")
	}
}
