package main

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"

	"golang.org/x/mod/sumdb/tlog"
)

const (
	passportForm = "sanfang.passport/v1"
	proofForm    = "c2sp.org/tlog-proof@v1"
)

// checkPassport reads docs/spec/passport.md: each entry with its tlog-proof. The cover is for people and not checked.
func checkPassport(file string, known trust) (string, error) {
	bytes, err := os.ReadFile(file)
	if err != nil {
		return "", err
	}
	parts := strings.Split(string(bytes), "\n\nentry ")
	head := strings.SplitN(parts[0], "\n", 3)
	if len(parts) < 2 || len(head) != 3 || head[0] != passportForm {
		return "", fmt.Errorf("not a file of the form %s", passportForm)
	}
	about := strings.Split(head[1], " ")
	if len(about) != 3 || about[0] != "about" {
		return "", errors.New("the second line must be \"about <field> <value>\"")
	}
	logs := map[string]bool{}
	for n, part := range parts[1:] {
		origin, err := checkBlock(part+"\n", about[1], about[2], known)
		if n == len(parts)-2 {
			origin, err = checkBlock(part, about[1], about[2], known)
		}
		if err != nil {
			return "", fmt.Errorf("passport entry number %d: %w", n, err)
		}
		logs[origin] = true
	}
	return fmt.Sprintf("passport %s %s: %d entries of %d logs", about[1], about[2], len(parts)-1, len(logs)), nil
}

func checkBlock(block, field, value string, known trust) (string, error) {
	entry, rest, _ := strings.Cut(block, "\n")
	head, signed, found := strings.Cut(rest, "\n\n")
	lines := strings.Split(head, "\n")
	if !found || len(lines) < 2 || lines[0] != proofForm {
		return "", errors.New("no tlog-proof")
	}
	var index int64
	if _, err := fmt.Sscanf(lines[1], "index %d", &index); err != nil || lines[1] != fmt.Sprintf("index %d", index) {
		return "", errors.New("no index")
	}
	var proof tlog.RecordProof
	for _, line := range lines[2:] {
		hash, err := base64.StdEncoding.Strict().DecodeString(line)
		if err != nil || len(hash) != tlog.HashSize {
			return "", badEntry{index, "a line of its proof is no hash"}
		}
		proof = append(proof, *(*tlog.Hash)(hash))
	}
	at, err := known.open([]byte(signed))
	if err != nil {
		return "", badEntry{index, err.Error()}
	}
	if len(at.by) < known.enough {
		return "", badEntry{index, fmt.Sprintf("%d of %d witnesses", len(at.by), known.enough)}
	}
	if err := tlog.CheckRecord(proof, at.tree.N, at.tree.Hash, index, tlog.RecordHash([]byte(entry))); err != nil {
		return "", badEntry{index, err.Error()}
	}
	var said struct{ Data map[string]any }
	if err := json.Unmarshal([]byte(entry), &said); err != nil || said.Data[field] != value {
		return "", badEntry{index, "it is not about the passport's subject"}
	}
	return at.origin, nil
}
