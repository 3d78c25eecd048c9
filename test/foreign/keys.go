package main

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// trust is what the caller believes: verifier keys from elsewhere, never from the thing that is checked.
type trust struct {
	logs      map[string]note.Verifier
	witnesses []note.Verifier
	// enough is how many of the witnesses must have signed a checkpoint.
	enough int
}

// cosigner verifies C2SP tlog-cosignature v1 lines (type 0x04), the one thing that x/mod lacks.
type cosigner struct {
	name string
	hash uint32
	key  ed25519.PublicKey
}

func (c cosigner) Name() string    { return c.name }
func (c cosigner) KeyHash() uint32 { return c.hash }
func (c cosigner) Verify(msg, sig []byte) bool {
	if len(sig) != 8+ed25519.SignatureSize {
		return false
	}
	time := binary.BigEndian.Uint64(sig)
	return ed25519.Verify(c.key, []byte(fmt.Sprintf("cosignature/v1\ntime %d\n%s", time, msg)), sig[8:])
}

func newCosigner(vkey string) (note.Verifier, error) {
	name, rest, _ := strings.Cut(vkey, "+")
	id, encoded, _ := strings.Cut(rest, "+")
	typed, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil || name == "" || len(typed) != 1+ed25519.PublicKeySize || typed[0] != 4 {
		return nil, fmt.Errorf("%q is not a witness's key", vkey)
	}
	sum := sha256.Sum256(append([]byte(name+"\n"), typed...))
	if hex.EncodeToString(sum[:4]) != id {
		return nil, fmt.Errorf("the key of %s is damaged", name)
	}
	return cosigner{name, binary.BigEndian.Uint32(sum[:]), typed[1:]}, nil
}

// checkpoint is a signed tree; by are the names of the witnesses whose lines hold.
type checkpoint struct {
	origin string
	tree   tlog.Tree
	by     []string
}

// open demands the line of the log's own key, and that every line of a known key holds.
func (t trust) open(signed []byte) (checkpoint, error) {
	origin := string(signed[:max(0, bytes.IndexByte(signed, '\n'))])
	log, known := t.logs[origin]
	if !known {
		return checkpoint{}, fmt.Errorf("no key is known of the log %q", origin)
	}
	opened, err := note.Open(signed, note.VerifierList(append([]note.Verifier{log}, t.witnesses...)...))
	if err != nil {
		return checkpoint{}, err
	}
	result := checkpoint{origin: origin}
	own := false
	for _, line := range opened.Sigs {
		if line.Name == log.Name() && line.Hash == log.KeyHash() {
			own = true
		} else {
			result.by = append(result.by, line.Name)
		}
	}
	if !own {
		return checkpoint{}, errors.New("the log itself has not signed the checkpoint")
	}
	result.tree, err = treeOf(opened.Text, origin)
	return result, err
}

func treeOf(text, origin string) (tlog.Tree, error) {
	lines := strings.Split(text, "\n")
	if len(lines) != 4 {
		return tlog.Tree{}, errors.New("a checkpoint has three lines")
	}
	root, err := base64.StdEncoding.DecodeString(lines[2])
	if err != nil || len(root) != tlog.HashSize {
		return tlog.Tree{}, errors.New("the root is no hash")
	}
	var tree tlog.Tree
	copy(tree.Hash[:], root)
	if _, err := fmt.Sscanf(lines[1], "%d", &tree.N); err != nil || tree.N < 0 {
		return tlog.Tree{}, errors.New("the size is no number")
	}
	if text != fmt.Sprintf("%s\n%d\n%s\n", origin, tree.N, tree.Hash) {
		return tlog.Tree{}, errors.New("the checkpoint is spelled differently")
	}
	return tree, nil
}

func max(a, b int) int {
	if a > b {
		return a
	}
	return b
}
