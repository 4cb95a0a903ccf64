// Programs around Go modules. The argument selects one; stage.rs in the folder above runs the service and acts as the person.
package main

import (
	"context"
	"encoding/json"
	"log"
	"os"

	"foreign/notes"

	"github.com/coreos/go-oidc/v3/oidc"
)

func main() {
	programs := map[string]func() error{"go-oidc": signsIn, "go-sdk": speaksMCP, "verify": verifies}
	if len(os.Args) < 2 || programs[os.Args[1]] == nil {
		return
	}
	if err := programs[os.Args[1]](); err != nil {
		log.Fatal(err)
	}
}

// Verifies each token of a list, and prints the person of each that is accepted.
func verifies() error {
	ctx := context.Background()
	provider, err := oidc.NewProvider(ctx, os.Getenv("ISSUER"))
	if err != nil {
		return err
	}
	var tokens []string
	if err := json.Unmarshal([]byte(os.Getenv("TOKENS")), &tokens); err != nil {
		return err
	}
	verdicts := make([]any, len(tokens))
	for at, token := range tokens {
		if claims, err := notes.Verify(ctx, provider, os.Getenv("AUDIENCE"), os.Getenv("SCOPE"), token); err == nil {
			verdicts[at] = claims["sub"]
		}
	}
	return json.NewEncoder(os.Stdout).Encode(verdicts)
}
