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
	forkForm   = "sanfang.fork/v1"
	forkSuffix = ".fork.json"
)

type forkFile struct {
	Form       string   `json:"form"`
	Origin     string   `json:"origin"`
	Notes      []string `json:"notes"`
	PrefixRoot string   `json:"prefixRoot"`
	Proof      []string `json:"proof"`
}

// checkFork reads docs/spec/witness.md section 5: two checkpoints that one log has signed and that cannot both be true.
func checkFork(file string, known trust) (string, error) {
	bytes, err := os.ReadFile(file)
	if err != nil {
		return "", err
	}
	var fork forkFile
	if err := json.Unmarshal(bytes, &fork); err != nil {
		return "", err
	}
	if fork.Form != forkForm || len(fork.Notes) != 2 {
		return "", fmt.Errorf("not a file of the form %s", forkForm)
	}
	var trees []tlog.Tree
	for _, signed := range fork.Notes {
		opened, err := known.open([]byte(signed))
		if err != nil {
			return "", err
		}
		if opened.origin != fork.Origin {
			return "", fmt.Errorf("a checkpoint of %s in a file about %s", opened.origin, fork.Origin)
		}
		trees = append(trees, opened.tree)
	}
	small, large := trees[0], trees[1]
	if small.N > large.N {
		small, large = large, small
	}
	if small.N == large.N {
		if small.Hash == large.Hash {
			return "", errors.New("both checkpoints say the same")
		}
		return fmt.Sprintf("fork of %s: two roots of size %d", fork.Origin, small.N), nil
	}
	prefix, err := hashOf(fork.PrefixRoot)
	if err != nil {
		return "", err
	}
	if prefix == small.Hash {
		return "", errors.New("the larger log begins with the smaller one")
	}
	var proof tlog.TreeProof
	for _, text := range fork.Proof {
		hash, err := hashOf(text)
		if err != nil {
			return "", err
		}
		proof = append(proof, hash)
	}
	if err := tlog.CheckTree(proof, large.N, large.Hash, small.N, prefix); err != nil {
		return "", err
	}
	return fmt.Sprintf("fork of %s: size %d does not begin with size %d", fork.Origin, large.N, small.N), nil
}

func hashOf(text string) (tlog.Hash, error) {
	var hash tlog.Hash
	bytes, err := base64.StdEncoding.DecodeString(text)
	if err != nil || len(bytes) != tlog.HashSize {
		return hash, fmt.Errorf("%q is no hash", strings.TrimSpace(text))
	}
	copy(hash[:], bytes)
	return hash, nil
}
