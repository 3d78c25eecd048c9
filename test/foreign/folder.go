package main

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/mod/sumdb/tlog"
)

const (
	height = 8
	width  = 1 << height
)

// badEntry is a fault with its place: the first entry that does not fit.
type badEntry struct {
	index int64
	why   string
}

func (b badEntry) Error() string { return fmt.Sprintf("entry %d: %s", b.index, b.why) }

// folder is a log in the layout of C2SP tlog-tiles; x/mod puts the tile height into its paths, tlog-tiles does not.
type folder string

func (f folder) Height() int                      { return height }
func (f folder) SaveTiles([]tlog.Tile, [][]byte)  {}
func (f folder) read(path string) ([]byte, error) { return os.ReadFile(filepath.Join(string(f), path)) }
func (f folder) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var all [][]byte
	for _, tile := range tiles {
		bytes, err := f.tile(tile)
		if err != nil {
			return nil, err
		}
		all = append(all, bytes)
	}
	return all, nil
}

// tile falls back on the full tile, since a log may drop a partial one when the full one is there.
func (f folder) tile(tile tlog.Tile) ([]byte, error) {
	size := tile.W * tlog.HashSize
	bytes, err := f.read(tilePath(tile))
	if errors.Is(err, os.ErrNotExist) && tile.W < width {
		full := tile
		full.W = width
		bytes, err = f.read(tilePath(full))
		if err == nil && len(bytes) == width*tlog.HashSize {
			bytes = bytes[:size]
		}
	}
	return bytes, err
}

func tilePath(tile tlog.Tile) string {
	return strings.Replace(tile.Path(), "tile/8/", "tile/", 1)
}

// bundle reads the entries of one file, as many as the tree has there.
func (f folder) bundle(n int64, count int) ([][]byte, error) {
	tile := tlog.Tile{H: height, L: 0, N: n, W: count}
	path := strings.Replace(tilePath(tile), "tile/0/", "tile/entries/", 1)
	bytes, err := f.read(path)
	if errors.Is(err, os.ErrNotExist) && count < width {
		tile.W = width
		bytes, err = f.read(strings.Replace(tilePath(tile), "tile/0/", "tile/entries/", 1))
	}
	if err != nil {
		return nil, badEntry{n * width, err.Error()}
	}
	var entries [][]byte
	for len(bytes) > 0 && len(entries) < count {
		index := n*width + int64(len(entries))
		if len(bytes) < 2 {
			return nil, badEntry{index, "its bundle ends within it"}
		}
		length := int(bytes[0])<<8 | int(bytes[1])
		if len(bytes) < 2+length {
			return nil, badEntry{index, "its bundle ends within it"}
		}
		entries = append(entries, bytes[2:2+length])
		bytes = bytes[2+length:]
	}
	if len(entries) < count {
		return nil, badEntry{n*width + int64(len(entries)), "it is missing from its bundle"}
	}
	if len(bytes) > 0 && tile.W == count {
		return nil, badEntry{n*width + int64(count) - 1, "its bundle goes on behind it"}
	}
	return entries, nil
}

// checkLog verifies the checkpoint, every tile that its root needs, every entry, and the cosigned checkpoint beside it.
func checkLog(dir string, known trust) (string, error) {
	here := folder(dir)
	// Read first: a log that grows meanwhile then still contains it.
	cosigned, err := here.read("cosigned")
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return "", err
	}
	signed, err := here.read("checkpoint")
	if err != nil {
		return "", err
	}
	newest, err := known.open(signed)
	if err != nil {
		return "", fmt.Errorf("checkpoint: %w", err)
	}
	tree := newest.tree
	if tree.N == 0 && tree.Hash != tlog.Hash(sha256.Sum256(nil)) {
		return "", errors.New("the log is empty and its root is not that of nothing")
	}
	hashes := tlog.TileHashReader(tree, here)
	for first := int64(0); first < tree.N; first += width {
		if err := here.checkBundle(first/width, tree.N, hashes); err != nil {
			return "", fmt.Errorf("log %s: %w", newest.origin, err)
		}
	}
	confirmed, err := earlier(cosigned, newest, known, hashes)
	if err != nil {
		return "", fmt.Errorf("log %s: %w", newest.origin, err)
	}
	if len(confirmed.by) < known.enough {
		return "", fmt.Errorf("log %s: %d of %d witnesses", newest.origin, len(confirmed.by), known.enough)
	}
	return fmt.Sprintf("log %s: %d entries, root %s, %d witnesses for %d",
		newest.origin, tree.N, tree.Hash, len(confirmed.by), confirmed.tree.N), nil
}

// checkBundle compares the leaf hash of each entry with the tree's, which x/mod has verified up to the root.
func (f folder) checkBundle(n, size int64, hashes tlog.HashReader) error {
	count := widthAt(n*width, size)
	entries, err := f.bundle(n, count)
	if err != nil {
		return err
	}
	indexes := make([]int64, count)
	for i := range indexes {
		indexes[i] = tlog.StoredHashIndex(0, n*width+int64(i))
	}
	leaves, err := hashes.ReadHashes(indexes)
	if err != nil {
		return f.placeOf(n, size, err)
	}
	for i, entry := range entries {
		if tlog.RecordHash(entry) != leaves[i] {
			return badEntry{n*width + int64(i), "its hash is not the one in the tree"}
		}
	}
	return nil
}

// placeOf finds the first entry where a tile that does not fit the root departs from its entries; else where reading
// ended. The tiles on the right edge are read before all others, so the fault may lie behind the bundle at hand.
func (f folder) placeOf(n, size int64, cause error) error {
	for first := n * width; first < size; first += width {
		count := widthAt(first, size)
		entries, err := f.bundle(first/width, count)
		if err != nil {
			return err
		}
		tile, err := f.tile(tlog.Tile{H: height, L: 0, N: first / width, W: count})
		if err != nil {
			return badEntry{first, err.Error()}
		}
		for i, entry := range entries {
			leaf := tlog.RecordHash(entry)
			at := i * tlog.HashSize
			if len(tile) < at+tlog.HashSize || string(tile[at:at+tlog.HashSize]) != string(leaf[:]) {
				return badEntry{first + int64(i), "its hash is not the one in its tile"}
			}
		}
	}
	return badEntry{n * width, cause.Error()}
}

func widthAt(first, size int64) int {
	if size-first > width {
		return width
	}
	return int(size - first)
}

// earlier proves that the checkpoint with the witnesses' lines is an earlier state of this very log.
func earlier(signed []byte, newest checkpoint, known trust, hashes tlog.HashReader) (checkpoint, error) {
	if signed == nil {
		return newest, nil
	}
	older, err := known.open(signed)
	if err != nil {
		return checkpoint{}, fmt.Errorf("cosigned: %w", err)
	}
	if older.origin != newest.origin || older.tree.N > newest.tree.N || older.tree.N == 0 {
		return checkpoint{}, errors.New("cosigned: not of this log")
	}
	proof, err := tlog.ProveTree(newest.tree.N, older.tree.N, hashes)
	if err != nil {
		return checkpoint{}, err
	}
	if err := tlog.CheckTree(proof, newest.tree.N, newest.tree.Hash, older.tree.N, older.tree.Hash); err != nil {
		return checkpoint{}, fmt.Errorf("cosigned: another history than the log's: %w", err)
	}
	if len(newest.by) > len(older.by) {
		return newest, nil
	}
	return older, nil
}
