// Checks logs, passports and evidence of forks with the parts of the Go project's checksum database, which share no line with this one:
// go run . [-log VKEY]… [-witness VKEY]… [-enough N] FOLDER|FILE…
package main

import (
	"flag"
	"fmt"
	"os"
	"strings"

	"golang.org/x/mod/sumdb/note"
)

type texts []string

func (t *texts) String() string        { return fmt.Sprint(*t) }
func (t *texts) Set(text string) error { *t = append(*t, text); return nil }

func main() {
	var logs, witnesses texts
	flag.Var(&logs, "log", "verifier key of a log")
	flag.Var(&witnesses, "witness", "verifier key of a witness")
	enough := flag.Int("enough", 0, "witnesses that must stand by each log")
	flag.Parse()
	known, err := trustIn(logs, witnesses, *enough)
	if err != nil || flag.NArg() == 0 {
		fmt.Fprintln(os.Stderr, "usage:", err)
		os.Exit(2)
	}
	code := 0
	for _, target := range flag.Args() {
		check := checkPassport
		if found, err := os.Stat(target); err == nil && found.IsDir() {
			check = checkLog
		} else if strings.HasSuffix(target, forkSuffix) {
			check = checkFork
		}
		sentence, err := check(target, known)
		if err != nil {
			fmt.Fprintf(os.Stderr, "refused: %s: %v\n", target, err)
			code = 1
			continue
		}
		fmt.Println(sentence)
	}
	os.Exit(code)
}

func trustIn(logs, witnesses []string, enough int) (trust, error) {
	known := trust{logs: map[string]note.Verifier{}, enough: enough}
	for _, vkey := range logs {
		key, err := note.NewVerifier(vkey)
		if err != nil {
			return known, fmt.Errorf("%q: %w", vkey, err)
		}
		known.logs[key.Name()] = key
	}
	for _, vkey := range witnesses {
		key, err := newCosigner(vkey)
		if err != nil {
			return known, err
		}
		known.witnesses = append(known.witnesses, key)
	}
	return known, nil
}
