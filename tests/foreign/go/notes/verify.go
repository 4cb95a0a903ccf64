// Package notes is an API that verifies access tokens with go-oidc.
package notes

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"github.com/coreos/go-oidc/v3/oidc"
)

// Verify returns the claims of an access token for this audience with this scope. The provider, oidc.NewProvider(ctx, issuer), is
// made once: it caches the keys.
func Verify(ctx context.Context, provider *oidc.Provider, audience, scope, token string) (map[string]any, error) {
	// What go-oidc calls a client id is the audience. It does not check typ.
	verified, err := provider.Verifier(&oidc.Config{ClientID: audience}).Verify(ctx, token)
	if err != nil {
		return nil, err
	}
	var header struct{ Typ string }
	first, _, _ := strings.Cut(token, ".")
	text, err := base64.RawURLEncoding.DecodeString(first)
	if err != nil || json.Unmarshal(text, &header) != nil || header.Typ != "at+jwt" {
		return nil, errors.New("not an access token")
	}
	claims := map[string]any{}
	if err := verified.Claims(&claims); err != nil {
		return nil, err
	}
	granted, _ := claims["scope"].(string)
	if !slices.Contains(strings.Fields(granted), scope) {
		return nil, errors.New("insufficient_scope")
	}
	return claims, nil
}
