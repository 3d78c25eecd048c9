// Ids of a log once more, by their text: what marks only suspect is settled here.
import { bundleEntries, narrowBundle } from './bundle';
import { parseEntry } from './entry';
import { markOf } from './id-marks';
import type { MarkKey } from './id-marks';
import { judgeBundle } from './judge';
import { BadFile, orBadFile } from './log-source';
import type { LogSource } from './log-source';
import { Frontier } from './merkle';
import { HASH_SIZE } from './sha256';
import { TILE_WIDTH, tileWidth } from './tile';

/**
 * Reads the first `size` entries once more: which of them have this id? Whether they are what was read before, the
 * frontier tells.
 * @returns the first two indexes
 */
export async function readAgain(
  source: LogSource,
  size: bigint,
  id: string,
  key: MarkKey,
): Promise<{ at: readonly bigint[]; frontier: Frontier }> {
  const frontier = Frontier.empty();
  const [first, second] = markOf(id, key);
  const at: bigint[] = [];
  for (let n = 0n, width; (width = tileWidth(0, n, size)) > 0; n++) {
    const bundle = await orBadFile(source.bundle(n, width));
    if (bundle instanceof BadFile) break;
    const { leaves, marks, bad } = judgeBundle(bundle, { width, opaque: false, key });
    frontier.appendEach(leaves);
    const whole = bad?.position ?? leaves.length / HASH_SIZE;
    for (let position = 0; position < whole; position++) {
      if (at.length === 2 || marks[2 * position] !== first || marks[2 * position + 1] !== second) continue;
      if (idsUpTo(bundle, position).at(-1) === id) at.push(n * BigInt(TILE_WIDTH) + BigInt(position));
    }
  }
  return { at, frontier };
}

/** The id of one of the first `size` entries, read once more; undefined when it cannot be read any more. */
export async function idAgain(source: LogSource, index: bigint, size: bigint): Promise<string | undefined> {
  const n = index / BigInt(TILE_WIDTH);
  const bundle = await orBadFile(source.bundle(n, tileWidth(0, n, size)));
  if (bundle instanceof BadFile) return undefined;
  try {
    return idsUpTo(bundle, Number(index % BigInt(TILE_WIDTH))).at(-1);
  } catch {
    // It was whole when it was read first: that it changed is for the caller to tell.
    return undefined;
  }
}

/** Ids of a bundle's entries up to that position; it must hold so many, each of the envelope's form. */
export function idsUpTo(bundle: Uint8Array, position: number): string[] {
  return [...bundleEntries(narrowBundle(bundle, position + 1))].map((entry) => parseEntry(entry).id);
}
