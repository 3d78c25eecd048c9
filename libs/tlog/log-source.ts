// Where a log's files come from, and in which order a reader of the whole log gets them.
import { bundleEntries, narrowBundle } from './bundle';
import { parseEntry } from './entry';
import { markOf } from './id-marks';
import type { MarkKey } from './id-marks';
import { judgeBundle } from './judge';
import type { JudgedBundle } from './judge';
import { Frontier } from './merkle';
import { HASH_SIZE } from './sha256';
import { TILE_WIDTH, tileWidth } from './tile';

/** Where a log's files come from: HTTP, a folder, memory. Widths are 1 to 256; a missing file throws `BadFile`. */
export interface LogSource {
  checkpoint(): Promise<Uint8Array>;
  tile(level: number, n: bigint, width: number): Promise<Uint8Array>;
  bundle(n: bigint, width: number): Promise<Uint8Array>;
}

/** A source says: the log does not offer this file, or offers one that cannot be right. Not for a dead network. */
export class BadFile extends Error {
  override readonly name = 'BadFile';
}

export type Piece = { n: bigint; width: number; judged: JudgedBundle | BadFile; tile: Uint8Array | BadFile };
type Judge = (bundle: Uint8Array, width: number) => Promise<JudgedBundle>;

// Bundles asked for ahead of the one that is compared: enough to hide a network's round trip.
const LOOKAHEAD = 8;

/** Judged bundles with their level-0 tiles in order, a few of them already on their way. */
export async function* ahead(source: LogSource, size: bigint, judge: Judge): AsyncGenerator<Piece, void> {
  const asked: Promise<Piece>[] = [];
  const ask = async (n: bigint, width: number): Promise<Piece> => {
    const bundle = source.bundle(n, width).then((bytes) => judge(bytes, width));
    const [judged, tile] = await Promise.all([orBadFile(bundle), orBadFile(source.tile(0, n, width))]);
    return { n, width, judged, tile };
  };
  try {
    for (let n = 0n, width; (width = tileWidth(0, n, size)) > 0 || asked.length > 0; n++) {
      if (width > 0) asked.push(ask(n, width));
      // A failure is thrown when its turn comes; until then it must not count as unhandled.
      asked.at(-1)!.catch(() => undefined);
      if (asked.length >= LOOKAHEAD || width === 0) yield await asked.shift()!;
    }
  } finally {
    // Whoever stops at a fault leaves no request behind that still runs.
    await Promise.allSettled(asked);
  }
}

// A bad file is a finding about its own index, so it waits until all before it is checked.
export async function orBadFile<T>(file: Promise<T>): Promise<T | BadFile> {
  try {
    return await file;
  } catch (error) {
    if (error instanceof BadFile) return error;
    throw error;
  }
}

/**
 * Reads the first `bundles` full bundles once more: does an entry have this id? Whether they are what was read before,
 * the frontier tells.
 */
export async function readAgain(
  source: LogSource,
  bundles: bigint,
  id: string,
  key: MarkKey,
): Promise<{ found: boolean; frontier: Frontier }> {
  const frontier = Frontier.empty();
  const [first, second] = markOf(id, key);
  let found = false;
  for (let n = 0n; n < bundles; n++) {
    const bundle = await orBadFile(source.bundle(n, TILE_WIDTH));
    if (bundle instanceof BadFile) break;
    const { leaves, marks, bad } = judgeBundle(bundle, { width: TILE_WIDTH, opaque: false, key });
    frontier.appendEach(leaves);
    const whole = bad?.position ?? leaves.length / HASH_SIZE;
    for (let position = 0; position < whole; position++) {
      if (marks[2 * position] === first && marks[2 * position + 1] === second)
        found ||= idsUpTo(bundle, position).at(-1) === id;
    }
  }
  return { found, frontier };
}

/** Ids of a bundle's entries up to that position; it must hold so many, each of the envelope's form. */
export function idsUpTo(bundle: Uint8Array, position: number): string[] {
  return [...bundleEntries(narrowBundle(bundle, position + 1))].map((entry) => parseEntry(entry).id);
}
