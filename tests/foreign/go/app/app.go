// Package app signs people in with go-oidc.
package app

import (
	"context"
	"crypto/rand"
	"net/http"
	"net/url"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

// App is a website whose people sign in with Gatewright.
type App struct {
	config   oauth2.Config
	provider *oidc.Provider
	address  string
}

// New discovers the service.
func New(ctx context.Context, issuer, clientID, clientSecret, address string) (*App, error) {
	provider, err := oidc.NewProvider(ctx, issuer)
	if err != nil {
		return nil, err
	}
	return &App{provider: provider, address: address, config: oauth2.Config{
		ClientID:     clientID,
		ClientSecret: clientSecret,
		Endpoint:     provider.Endpoint(),
		RedirectURL:  address + "/callback",
		Scopes:       []string{oidc.ScopeOpenID, "profile", oidc.ScopeOfflineAccess},
	}}, nil
}

// Login sends the browser to the service.
func (app *App) Login(w http.ResponseWriter, r *http.Request) {
	state, nonce := rand.Text(), rand.Text()
	remember(w, "state", state)
	remember(w, "nonce", nonce)
	http.Redirect(w, r, app.config.AuthCodeURL(state, oidc.Nonce(nonce)), http.StatusFound)
}

// Callback returns the tokens of the person who comes back, and the verified ID token. The tokens' source,
// config.TokenSource, refreshes them.
func (app *App) Callback(r *http.Request) (oauth2.TokenSource, *oidc.IDToken, error) {
	state, err := r.Cookie("state")
	if err != nil || r.URL.Query().Get("state") != state.Value {
		return nil, nil, http.ErrNoCookie
	}
	tokens, err := app.config.Exchange(r.Context(), r.URL.Query().Get("code"))
	if err != nil {
		return nil, nil, err
	}
	hint, _ := tokens.Extra("id_token").(string)
	verified, err := app.provider.Verifier(&oidc.Config{ClientID: app.config.ClientID}).Verify(r.Context(), hint)
	if err != nil {
		return nil, nil, err
	}
	nonce, err := r.Cookie("nonce")
	if err != nil || verified.Nonce != nonce.Value {
		return nil, nil, http.ErrNoCookie
	}
	return app.config.TokenSource(context.Background(), tokens), verified, nil
}

// Logout sends the browser to the service, which ends its sign-in and sends it back.
func (app *App) Logout(w http.ResponseWriter, r *http.Request) {
	var metadata struct {
		EndSession string `json:"end_session_endpoint"`
	}
	if err := app.provider.Claims(&metadata); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	back := url.Values{"client_id": {app.config.ClientID}, "post_logout_redirect_uri": {app.address + "/"}}
	http.Redirect(w, r, metadata.EndSession+"?"+back.Encode(), http.StatusFound)
}

func remember(w http.ResponseWriter, name, value string) {
	http.SetCookie(w, &http.Cookie{Name: name, Value: value, MaxAge: 600, HttpOnly: true, SameSite: http.SameSiteLaxMode})
}
