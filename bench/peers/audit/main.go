// What `bench audit` compares with: reads every entry of a log, builds the same tree and the same tiles with the parts of
// the Go project's checksum database, compares them with the files, and the root with the signed one. It parses no entry.
// audit VKEY FOLDER
package main

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const (
	height = 8
	width  = 1 << height
)

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: audit VKEY FOLDER")
		os.Exit(2)
	}
	tree, err := audit(os.Args[1], os.Args[2])
	if err != nil {
		fmt.Fprintln(os.Stderr, "refused:", err)
		os.Exit(1)
	}
	fmt.Printf("%d entries, root %s\n", tree.N, tree.Hash)
}

func audit(vkey, folder string) (tlog.Tree, error) {
	tree, err := signed(vkey, folder)
	if err != nil {
		return tree, err
	}
	var hashes []tlog.Hash
	reader := tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		out := make([]tlog.Hash, len(indexes))
		for i, index := range indexes {
			out[i] = hashes[index]
		}
		return out, nil
	})
	for first := int64(0); first < tree.N; first += width {
		count := int64(width)
		if tree.N-first < width {
			count = tree.N - first
		}
		bundle, err := os.ReadFile(filepath.Join(folder, bundlePath(first/width, int(count))))
		if err != nil {
			return tree, err
		}
		for n := first; n < first+count; n++ {
			entry, rest, err := next(bundle)
			if err != nil {
				return tree, fmt.Errorf("entry %d: %w", n, err)
			}
			bundle = rest
			more, err := tlog.StoredHashes(n, entry, reader)
			if err != nil {
				return tree, err
			}
			hashes = append(hashes, more...)
		}
		if len(bundle) > 0 {
			return tree, fmt.Errorf("entry %d: its bundle goes on behind it", first+count-1)
		}
	}
	for _, tile := range tlog.NewTiles(height, 0, tree.N) {
		made, err := tlog.ReadTileData(tile, reader)
		if err != nil {
			return tree, err
		}
		there, err := os.ReadFile(filepath.Join(folder, tilePath(tile)))
		if err != nil {
			return tree, err
		}
		if !bytes.Equal(made, there) {
			return tree, fmt.Errorf("%s is not what the entries give", tilePath(tile))
		}
	}
	root, err := tlog.TreeHash(tree.N, reader)
	if err == nil && root != tree.Hash {
		err = errors.New("the entries do not give the signed root")
	}
	return tree, err
}

func signed(vkey, folder string) (tree tlog.Tree, err error) {
	key, err := note.NewVerifier(vkey)
	if err != nil {
		return tree, err
	}
	text, err := os.ReadFile(filepath.Join(folder, "checkpoint"))
	if err != nil {
		return tree, err
	}
	opened, err := note.Open(text, note.VerifierList(key))
	if err != nil {
		return tree, err
	}
	lines := strings.Split(opened.Text, "\n")
	if len(lines) != 4 || lines[0] != key.Name() {
		return tree, errors.New("not a checkpoint of this log")
	}
	root, err := base64.StdEncoding.DecodeString(lines[2])
	if err != nil || len(root) != tlog.HashSize {
		return tree, errors.New("the root is no hash")
	}
	copy(tree.Hash[:], root)
	_, err = fmt.Sscanf(lines[1], "%d", &tree.N)
	return tree, err
}

func next(bundle []byte) (entry, rest []byte, err error) {
	if len(bundle) < 2 {
		return nil, nil, errors.New("its bundle ends before it")
	}
	end := 2 + (int(bundle[0])<<8 | int(bundle[1]))
	if len(bundle) < end {
		return nil, nil, errors.New("its bundle ends within it")
	}
	return bundle[2:end], bundle[end:], nil
}

// x/mod puts the tile height into its paths, tlog-tiles does not.
func tilePath(tile tlog.Tile) string {
	return strings.Replace(tile.Path(), "tile/8/", "tile/", 1)
}

func bundlePath(n int64, count int) string {
	path := tilePath(tlog.Tile{H: height, L: 0, N: n, W: count})
	return strings.Replace(path, "tile/0/", "tile/entries/", 1)
}
