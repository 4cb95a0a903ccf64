package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"strings"
	"time"

	"foreign/app"

	"golang.org/x/oauth2"
)

// A website with the handlers of docs/frameworks.md. It knows one person at a time.
type website struct {
	*app.App
	address string
	tokens  oauth2.TokenSource
	who     object
}

// Long enough for go-oidc to use a token once: it refreshes those that end within ten seconds.
const seconds = 12

func signsIn() error {
	var served service
	if err := ask(object{"ask": "service", "parameters": object{"AccessTokenSeconds": fmt.Sprint(seconds)}}, &served); err != nil {
		return err
	}
	site, err := serve(served.Issuer)
	if err != nil {
		return err
	}
	return run(served.Flows, map[string]func() error{
		"sign in":  func() error { return site.shows("/login", served.Alice, "Alice Liddell") },
		"refresh":  site.refreshes,
		"sign out": func() error { return site.shows("/logout", nil, nil) },
	})
}

func serve(issuer string) (*website, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	address := strings.Replace("http://"+listener.Addr().String(), "127.0.0.1", "localhost", 1)
	client := object{
		"client_name": "App", "redirect_uris": []string{address + "/callback"}, "post_logout_redirect_uris": []string{address + "/"},
		"grant_types": []string{"authorization_code", "refresh_token"}, "scope": "openid profile offline_access",
	}
	var registered struct {
		ID     string `json:"client_id"`
		Secret string `json:"client_secret"`
	}
	if err := ask(object{"ask": "operator", "order": object{"action": "create_client", "client": client}}, &registered); err != nil {
		return nil, err
	}
	known, err := app.New(context.Background(), issuer, registered.ID, registered.Secret, address)
	if err != nil {
		return nil, err
	}
	site := &website{App: known, address: address}
	go func() { _ = http.Serve(listener, site.routes()) }()
	return site, nil
}

func (site *website) routes() http.Handler {
	routes := http.NewServeMux()
	routes.HandleFunc("/login", site.Login)
	routes.HandleFunc("/callback", func(w http.ResponseWriter, r *http.Request) {
		tokens, verified, err := site.Callback(r)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		site.tokens, site.who = tokens, object{}
		if err := verified.Claims(&site.who); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		http.Redirect(w, r, "/", http.StatusFound)
	})
	routes.HandleFunc("/logout", func(w http.ResponseWriter, r *http.Request) {
		site.who = nil
		site.Logout(w, r)
	})
	routes.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) { _ = json.NewEncoder(w).Encode(site.who) })
	return routes
}

// Whether a visit ends at the page of this person.
func (site *website) shows(path string, sub, name any) error {
	there, err := browse(object{"url": site.address + path, "app": site.address, "browser": "hers"})
	if err != nil {
		return err
	}
	var who object
	if err := json.Unmarshal([]byte(there.Text), &who); err != nil {
		return fmt.Errorf("%w: %v", err, there)
	}
	return equal([]any{who["sub"], who["name"]}, []any{sub, name})
}

func (site *website) refreshes() error {
	first, err := site.tokens.Token()
	if err != nil {
		return err
	}
	time.Sleep((seconds - 10) * time.Second)
	second, err := site.tokens.Token()
	if err != nil {
		return err
	}
	if first.RefreshToken == second.RefreshToken || first.AccessToken == second.AccessToken {
		return fmt.Errorf("the tokens are the same")
	}
	return nil
}
