// Audit paths out of a log's tiles, read from wherever they are: the tiles that a path needs are asked for first, because
// a proof is computed without waiting.
import type { LogSource } from './log-reader';
import { proveInclusion } from './merkle';
import { HASH_SIZE } from './sha256';
import { tileHashReader, tilePath } from './tile';

/** @throws BadFile from the source, for a tile that is not there */
export async function inclusionProofs(
  source: Pick<LogSource, 'tile'>,
  size: bigint,
  indexes: readonly bigint[],
): Promise<Uint8Array[][]> {
  const needed = new Map<string, Parameters<LogSource['tile']>>();
  const noting = tileHashReader(size, (level, n, width) => {
    needed.set(tilePath(level, n, width), [level, n, width]);
    return new Uint8Array(width * HASH_SIZE);
  });
  for (const index of indexes) proveInclusion(index, size, noting);
  const tiles = new Map<string, Uint8Array>();
  for (const [path, name] of needed) tiles.set(path, await source.tile(...name));
  const hashAt = tileHashReader(size, (...name) => tiles.get(tilePath(...name))!);
  return indexes.map((index) => proveInclusion(index, size, hashAt));
}
