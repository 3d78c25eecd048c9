// How a tree lies in files (C2SP tlog-tiles v0.1.0): 256 hashes a tile, eight tree levels a tile level. A tile that is
// full never changes, so any dumb file server or cache can serve a log, and a reader can check all of it.
import { writeBundle } from './bundle';
import { concat } from './bytes';
import { perfectRoot } from './merkle';
import type { HashReader } from './merkle';
import { HASH_SIZE } from './sha256';

export const TILE_WIDTH = 256;
const WIDTH = BigInt(TILE_WIDTH);

export interface TileFile {
  path: string;
  bytes: Uint8Array;
}

/** One file of a log: level is 'entries' for an entry bundle; width 256 means full. */
export interface TileName {
  level: number | 'entries';
  n: bigint;
  width: number;
}

/** Path relative to the log's folder or URL, for example `tile/0/x001/x234/067.p/12`. */
export function tilePath(level: number, n: bigint, width: number = TILE_WIDTH): string {
  if (!Number.isInteger(level) || level < 0 || level > 63) throw new Error(`no tile level ${level}`);
  return `tile/${level}/${numberedPath(n, width)}`;
}

/** Path relative to the log's folder or URL, for example `tile/entries/x001/x234/067.p/12`. */
export function bundlePath(n: bigint, width: number = TILE_WIDTH): string {
  return `tile/entries/${numberedPath(n, width)}`;
}

/** The inverse of `tilePath` and `bundlePath`; undefined for any other text, a needless `x000` group included. */
export function parseTilePath(path: string): TileName | undefined {
  const match = /^tile\/(entries|0|[1-9]\d?)\/((?:x\d{3}\/){0,6}\d{3})(?:\.p\/([1-9]\d{0,2}))?$/.exec(path);
  if (!match) return undefined;
  const [, kind, groups, partial] = match;
  const level = kind === 'entries' ? 'entries' : Number(kind);
  const name = { level, n: BigInt(groups!.replace(/[x/]/g, '')), width: Number(partial ?? TILE_WIDTH) } as const;
  if ((partial !== undefined && name.width >= TILE_WIDTH) || (level !== 'entries' && level > 63)) return undefined;
  const written = level === 'entries' ? bundlePath(name.n, name.width) : tilePath(level, name.n, name.width);
  return written === path ? name : undefined;
}

/** Number of hashes that level `level` holds in all its tiles at tree size `size`. */
export function hashesAt(level: number, size: bigint): bigint {
  return size >> BigInt(8 * level);
}

/** Width of tile `n` of a level at a tree size: 0 when there is no such tile, 256 when it is full. */
export function tileWidth(level: number, n: bigint, size: bigint): number {
  const beyond = hashesAt(level, size) - n * WIDTH;
  return beyond <= 0n ? 0 : beyond >= WIDTH ? TILE_WIDTH : Number(beyond);
}

/** Names of the tiles and bundles that a log growing from one size to another must write, the lower levels first. */
export function growthNames(oldSize: bigint, newSize: bigint): TileName[] {
  if (oldSize < 0n || newSize < oldSize) throw new Error(`a log cannot grow from ${oldSize} to ${newSize}`);
  const names: TileName[] = [];
  for (let level = 0; hashesAt(level, newSize) > 0n; level++) {
    const [from, to] = [hashesAt(level, oldSize), hashesAt(level, newSize)];
    if (from === to) break;
    for (let n = from / WIDTH; n * WIDTH < to; n++) {
      const width = tileWidth(level, n, newSize);
      if (level === 0) names.push({ level: 'entries', n, width });
      names.push({ level, n, width });
    }
  }
  return names;
}

/**
 * The tiles and entry bundles, full and partial, that must be durable before the checkpoint of `newSize` is published.
 * @param hashAt root of the complete subtree of 256^level leaves number `n`; level 0 is the leaf hash itself
 * @param entryAt the entry's bytes; asked for whole bundles, also for entries below `oldSize`
 */
export function growthFiles(
  oldSize: bigint,
  newSize: bigint,
  hashAt: (level: number, n: bigint) => Uint8Array,
  entryAt: (index: bigint) => Uint8Array,
): TileFile[] {
  return growthNames(oldSize, newSize).map(({ level, n, width }) => {
    const indexes = Array.from({ length: width }, (_, i) => n * WIDTH + BigInt(i));
    if (level === 'entries') return { path: bundlePath(n, width), bytes: writeBundle(indexes.map(entryAt)) };
    return { path: tilePath(level, n, width), bytes: concat(...indexes.map((index) => hashAt(level, index))) };
  });
}

/** Root of a full tile, which is its hash in the tile above. Throws unless the tile has 8,192 bytes. */
export function tileRoot(tile: Uint8Array): Uint8Array {
  if (tile.length !== TILE_WIDTH * HASH_SIZE) throw new Error(`a full tile has 8192 bytes, not ${tile.length}`);
  return perfectRoot(tile);
}

/** The hashes that proofs need, read from tiles; `readTile` gets a name that exists at `size`. */
export function tileHashReader(size: bigint, readTile: (level: number, n: bigint, width: number) => Uint8Array) {
  const read: HashReader = (level, n) => {
    const tileLevel = Math.floor(level / 8);
    const count = 1 << (level % 8);
    const first = n * BigInt(count);
    const tile = first / WIDTH;
    const width = tileWidth(tileLevel, tile, size);
    const start = Number(first % WIDTH);
    if (start + count > width) throw new Error(`the subtree ${n} of level ${level} is not within size ${size}`);
    return perfectRoot(readTile(tileLevel, tile, width).subarray(start * HASH_SIZE, (start + count) * HASH_SIZE));
  };
  return read;
}

function numberedPath(n: bigint, width: number): string {
  if (n < 0n) throw new Error(`no tile number ${n}`);
  if (!Number.isInteger(width) || width < 1 || width > TILE_WIDTH) throw new Error(`no tile width ${width}`);
  let path = String(n % 1000n).padStart(3, '0');
  for (let rest = n / 1000n; rest > 0n; rest /= 1000n) path = `x${String(rest % 1000n).padStart(3, '0')}/${path}`;
  return width === TILE_WIDTH ? path : `${path}.p/${width}`;
}
