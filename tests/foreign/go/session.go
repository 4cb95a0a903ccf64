package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
)

// The client's end of the line to stage.rs, which runs the service and plays the person.

// An address of an app: nobody listens there, the browser stops when it is sent there.
const callback = "https://app.example/callback"

type object = map[string]any

// The running service, and alice.
type service struct {
	Issuer string
	Alice  string
	Flows  []string
}

// Where a browser ended up.
type arrival struct {
	URL    string
	Status int
	Text   string
}

var lines = bufio.NewReader(os.Stdin)

func ask(question object, answer any) error {
	if err := json.NewEncoder(os.Stdout).Encode(question); err != nil {
		return err
	}
	line, err := lines.ReadBytes('\n')
	if err != nil {
		return err
	}
	return json.Unmarshal(line, answer)
}

// Sends alice to an address.
func browse(question object) (arrival, error) {
	question["ask"] = "browse"
	var there arrival
	return there, ask(question, &there)
}

// Does the wanted ones of these flows, and tells of each how it went.
func run(wanted []string, flows map[string]func() error) error {
	verdicts := map[string]string{}
	for _, name := range wanted {
		verdicts[name] = "ok"
		if err := flows[name](); err != nil {
			verdicts[name] = err.Error()
		}
	}
	if err := json.NewEncoder(os.Stdout).Encode(object{"ask": "report", "verdicts": verdicts}); err != nil {
		return err
	}
	_, err := io.Copy(io.Discard, lines)
	return err
}

func equal(left, right any) error {
	if fmt.Sprint(left) != fmt.Sprint(right) {
		return fmt.Errorf("%v is not %v", left, right)
	}
	return nil
}
