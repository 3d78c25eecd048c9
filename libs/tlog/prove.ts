// Audit paths out of a log's tiles, read from wherever they are: the tiles that a path needs are asked for first, because
// a proof is computed without waiting.
import { BadFile } from './log-source';
import type { LogSource } from './log-source';
import { proveConsistency, proveInclusion, rootOf, verifyConsistency } from './merkle';
import type { HashReader } from './merkle';
import { HASH_SIZE } from './sha256';
import { tileHashReader, tilePath } from './tile';

/** @throws BadFile from the source, for a tile that is not there */
export function inclusionProofs(
  source: Pick<LogSource, 'tile'>,
  size: bigint,
  indexes: readonly bigint[],
): Promise<Uint8Array[][]> {
  return withTiles(source, size, (hashAt) => indexes.map((index) => proveInclusion(index, size, hashAt)));
}

/** Proof that the tree of `size1` is a prefix of the tree of `size2`. @throws BadFile as above */
export function consistencyProof(source: Pick<LogSource, 'tile'>, size1: bigint, size2: bigint): Promise<Uint8Array[]> {
  return withTiles(source, size2, (hashAt) => proveConsistency(size1, size2, hashAt));
}

/** Root that the tree of `size2` has at the smaller `size1`. @throws BadFile as above */
export function prefixRoot(source: Pick<LogSource, 'tile'>, size1: bigint, size2: bigint): Promise<Uint8Array> {
  return withTiles(source, size2, (hashAt) => rootOf(size1, hashAt));
}

/** @param compute pure: it runs twice, the first time only to learn which tiles it reads */
async function withTiles<T>(
  source: Pick<LogSource, 'tile'>,
  size: bigint,
  compute: (hashAt: HashReader) => T,
): Promise<T> {
  const needed = new Map<string, Parameters<LogSource['tile']>>();
  const noting = tileHashReader(size, (level, n, width) => {
    needed.set(tilePath(level, n, width), [level, n, width]);
    return new Uint8Array(width * HASH_SIZE);
  });
  compute(noting);
  const tiles = new Map<string, Uint8Array>();
  for (const [path, name] of needed) tiles.set(path, await source.tile(...name));
  return compute(tileHashReader(size, (...name) => tiles.get(tilePath(...name))!));
}

/**
 * What the larger tree has at the smaller size, proven by the tiles that the log serves.
 * @param root of the larger tree
 * @returns undefined when the tiles do not give that root
 */
export async function provenPrefix(
  source: Pick<LogSource, 'tile'>,
  size: bigint,
  larger: bigint,
  root: Uint8Array,
): Promise<{ readonly root: Uint8Array; readonly proof: Uint8Array[] } | undefined> {
  try {
    const found = await prefixRoot(source, size, larger);
    const proof = await consistencyProof(source, size, larger);
    return verifyConsistency(size, larger, found, root, proof) ? { root: found, proof } : undefined;
  } catch (error) {
    if (!(error instanceof BadFile)) throw error;
    return undefined;
  }
}
