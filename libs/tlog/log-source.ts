// Where a log's files come from, and in which order a reader of the whole log gets them.
import type { JudgedBundle } from './judge';
import { tileWidth } from './tile';

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
