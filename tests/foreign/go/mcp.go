package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/modelcontextprotocol/go-sdk/auth"
	"github.com/modelcontextprotocol/go-sdk/mcp"
	"github.com/modelcontextprotocol/go-sdk/oauthex"
)

// The API that speaks MCP, clients/mcp_api.mjs, as a program of its own.
type api struct {
	Usual, Brief string
	Seed         object
	Seconds      int
}

// A client of the API. It counts how often a person was sent to the service.
type assistant struct {
	asked   int
	session *mcp.ClientSession
}

func speaksMCP() error {
	script := filepath.Join(filepath.Dir(os.Args[0]), "../../clients/mcp_api.mjs")
	command := exec.Command("node", script)
	command.Stderr = os.Stderr
	told, err := command.StdinPipe()
	if err != nil {
		return err
	}
	tells, err := command.StdoutPipe()
	if err != nil {
		return err
	}
	if err := command.Start(); err != nil {
		return err
	}
	defer func() { _, _ = told.Close(), command.Wait() }()
	var there api
	if err := json.NewDecoder(tells).Decode(&there); err != nil {
		return err
	}
	var served service
	if err := ask(object{"ask": "service", "seed": there.Seed}, &served); err != nil {
		return err
	}
	if _, err := fmt.Fprintln(told, served.Issuer); err != nil {
		return err
	}
	calls := func(server string, pause time.Duration, asked int, tools ...string) func() error {
		return func() error { return call(server, pause, served.Alice, asked, tools) }
	}
	brief := time.Duration(there.Seconds) * time.Second
	return run(served.Flows, map[string]func() error{
		"register, sign in and call": calls(there.Usual, 0, 1, "read", "read"),
		"step up after a 403":        calls(there.Usual, 0, 2, "read", "write", "read"),
		"refresh":                    calls(there.Brief, brief, 1, "read", "read"),
	})
}

// Calls these tools of an API one after the other, with a pause between them, and counts how often alice was sent to the service.
func call(server string, pause time.Duration, alice string, asked int, tools []string) error {
	one := &assistant{}
	if err := one.connect(server); err != nil {
		return err
	}
	defer one.session.Close()
	for at, tool := range tools {
		if at > 0 {
			time.Sleep(pause)
		}
		answer, err := one.session.CallTool(context.Background(), &mcp.CallToolParams{Name: tool})
		if err != nil {
			return fmt.Errorf("%s: %w", tool, err)
		}
		text, _ := answer.Content[0].(*mcp.TextContent)
		if err := equal(text.Text, tool+" by "+alice); err != nil {
			return err
		}
	}
	return equal(one.asked, asked)
}

func (one *assistant) connect(server string) error {
	handler, err := auth.NewAuthorizationCodeHandler(&auth.AuthorizationCodeHandlerConfig{
		AuthorizationCodeFetcher: one.fetch,
		RequestRefreshToken:      true,
		DynamicClientRegistrationConfig: &auth.DynamicClientRegistrationConfig{Metadata: &oauthex.ClientRegistrationMetadata{
			ClientName:   "An assistant",
			RedirectURIs: []string{callback},
			GrantTypes:   []string{"authorization_code", "refresh_token"},
		}},
	})
	if err != nil {
		return err
	}
	transport := &mcp.StreamableClientTransport{Endpoint: server, OAuthHandler: handler}
	client := mcp.NewClient(&mcp.Implementation{Name: "assistant", Version: "1.0.0"}, nil)
	one.session, err = client.Connect(context.Background(), transport, nil)
	return err
}

// Sends alice to the service, and returns what she comes back with.
func (one *assistant) fetch(_ context.Context, args *auth.AuthorizationArgs) (*auth.AuthorizationResult, error) {
	one.asked++
	there, err := browse(object{"url": args.URL})
	if err != nil {
		return nil, err
	}
	back, err := url.Parse(there.URL)
	if err != nil {
		return nil, err
	}
	query := back.Query()
	return &auth.AuthorizationResult{Code: query.Get("code"), State: query.Get("state"), Iss: query.Get("iss")}, nil
}
