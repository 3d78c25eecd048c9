// Reads a whole log and believes nothing: every entry is hashed again, every tile of every level is compared with what
// the entries give, and the root with what the log signed. The first thing that does not fit is named by its index.
import { bundleEntries, BundleFault } from './bundle';
import { equal } from './bytes';
import { openCheckpoint } from './checkpoint';
import type { OpenCheckpoint } from './checkpoint';
import { parseEntry } from './entry';
import { IdSet } from './id-set';
import { parseVkey } from './key';
import type { VerifierKey } from './key';
import { Frontier, leafHash, perfectRoot } from './merkle';
import { NoteFault } from './note';
import { HASH_SIZE } from './sha256';
import { bundlePath, TILE_WIDTH, tilePath, tileRoot, tileWidth } from './tile';

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

/** What is wrong, for programs and for translations; `what` says it in English. */
export type FaultKind =
  | 'checkpoint' // bad form, or not signed by the key
  | 'file' // missing or oversized
  | 'entry' // changed: not the leaf of the tree
  | 'leaf' // a hash of a level-0 tile that is not the entry's
  | 'tile' // a hash of a higher tile that is not its entries'
  | 'length' // a file ends too early or too late
  | 'envelope' // an entry that breaks the entry's form
  | 'root' // all files agree with one another and not with the signed root
  | 'shrank' // smaller than an earlier state
  | 'rewritten'; // contradicts an earlier state

/** What is wrong with a log, and where first. */
export class LogFault extends Error {
  override readonly name = 'LogFault';
  readonly origin: string;
  readonly kind: FaultKind;
  /** The first bad entry; undefined when the fault is not at an entry. */
  readonly index: bigint | undefined;
  readonly what: string;
  /** The file, relative to the log. */
  readonly where: string;

  constructor(fault: Pick<LogFault, 'origin' | 'kind' | 'index' | 'what' | 'where'>, cause?: unknown) {
    const { origin, kind, index, what, where } = fault;
    super(`${origin}${index === undefined ? '' : ` entry ${index}`}: ${what} (${where})`, { cause });
    this.origin = origin;
    this.kind = kind;
    this.index = index;
    this.what = what;
    this.where = where;
  }
}

export interface VerifyOptions {
  /** The log's verifier key: its line, or the key with its turns. */
  readonly vkey: string | VerifierKey;
  /** Verifier keys of witnesses: a line of one of them must hold, its absence is for a policy to judge. */
  readonly cosigners?: readonly string[];
  /** Called after each bundle with the number of entries checked so far. */
  readonly onProgress?: (done: bigint, size: bigint) => void;
  /** Receives each entry once it fits its tile; the root above it is only proven when `verifyLog` returns. */
  readonly onEntry?: (entry: Uint8Array, index: bigint) => void;
  /** The entries are not our envelopes (a foreign log): check the tree only. */
  readonly opaque?: boolean;
  /** An earlier state of this log: it must be a prefix of what is read. */
  readonly past?: { readonly size: bigint; readonly root: Uint8Array };
}

export interface VerifiedLog {
  readonly origin: string;
  readonly size: bigint;
  readonly root: Uint8Array;
  /** Number of entries read and checked. */
  readonly entries: bigint;
  readonly checkpoint: OpenCheckpoint;
  /** The signed note that was verified, byte for byte. */
  readonly note: Uint8Array;
}

// Bundles asked for ahead of the one that is hashed: enough to hide a network's round trip.
const LOOKAHEAD = 8;

/**
 * Verifies signature, entries, tiles, root and density of a log.
 * @throws LogFault with the first bad index; whatever else the source throws (no network) goes through unchanged
 */
export async function verifyLog(source: LogSource, options: VerifyOptions): Promise<VerifiedLog> {
  const logKey = typeof options.vkey === 'string' ? parseVkey(options.vkey) : options.vkey;
  const cosigners = (options.cosigners ?? []).map(parseVkey);
  const { note, checkpoint } = await readCheckpoint(source, logKey, cosigners);
  const reading = new Reading(source, checkpoint, options);
  for await (const piece of ahead(source, checkpoint.size)) await reading.take(piece);
  return { ...reading.finish(), note };
}

async function readCheckpoint(source: LogSource, logKey: VerifierKey, cosigners: readonly VerifierKey[]) {
  try {
    const note = await source.checkpoint();
    return { note, checkpoint: openCheckpoint(note, logKey, cosigners) };
  } catch (cause) {
    if (!(cause instanceof NoteFault || cause instanceof BadFile)) throw cause;
    const kind = cause instanceof BadFile ? 'file' : 'checkpoint';
    const where = 'checkpoint';
    throw new LogFault({ origin: logKey.name, kind, index: undefined, what: cause.message, where }, cause);
  }
}

type File = Uint8Array | BadFile;
type Piece = { n: bigint; width: number; bundle: File; tile: File };

/** Bundles with their level-0 tiles in order, a few of them already on their way. */
async function* ahead(source: LogSource, size: bigint): AsyncGenerator<Piece, void> {
  const asked: Promise<Piece>[] = [];
  const ask = async (n: bigint, width: number): Promise<Piece> => {
    const [bundle, tile] = await Promise.all([orBadFile(source.bundle(n, width)), orBadFile(source.tile(0, n, width))]);
    return { n, width, bundle, tile };
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
async function orBadFile(file: Promise<Uint8Array>): Promise<File> {
  try {
    return await file;
  } catch (error) {
    if (error instanceof BadFile) return error;
    throw error;
  }
}

/** One pass over a log, from entry 0 upwards. */
class Reading {
  private readonly frontier = Frontier.empty();
  private readonly higherTiles = new Map<number, { n: bigint; bytes: Uint8Array }>();
  private readonly ids = new IdSet();

  constructor(
    private readonly source: LogSource,
    private readonly checkpoint: OpenCheckpoint,
    private readonly options: VerifyOptions,
  ) {
    const { past } = options;
    if (past && past.size > checkpoint.size) {
      throw this.fault(
        'shrank',
        undefined,
        `the log shrank: it had ${past.size} entries, now ${checkpoint.size}`,
        'checkpoint',
      );
    }
    if (past?.size === 0n) this.checkPast(this.frontier);
  }

  async take({ n, width, bundle, tile }: Piece): Promise<void> {
    const first = n * BigInt(TILE_WIDTH);
    const where = { bundle: bundlePath(n, width), tile: tilePath(0, n, width) };
    if (bundle instanceof BadFile) throw this.fault('file', first, bundle.message, where.bundle);
    if (tile instanceof BadFile) throw this.fault('file', first, tile.message, where.tile);
    const leaves: Uint8Array[] = [];
    try {
      for (const entry of bundleEntries(bundle)) {
        const index = first + BigInt(leaves.length);
        if (leaves.length === width)
          throw this.fault('length', index - 1n, 'the bundle goes on behind this entry', where.bundle);
        const leaf = leafHash(entry);
        const listed = tile.subarray(leaves.length * HASH_SIZE, (leaves.length + 1) * HASH_SIZE);
        if (!equal(leaf, listed)) throw await this.disagreement(index, tile, n, width);
        this.checkEntry(entry, index, where.bundle);
        leaves.push(leaf);
      }
    } catch (error) {
      if (!(error instanceof BundleFault)) throw error;
      throw this.fault('length', first + BigInt(error.position), error.message, where.bundle, error);
    }
    const end = first + BigInt(leaves.length);
    if (leaves.length < width) throw this.fault('length', end, 'the bundle ends before this entry', where.bundle);
    if (tile.length !== width * HASH_SIZE)
      throw this.fault('length', end - 1n, 'the tile goes on behind this leaf', where.tile);
    await this.grow(n, leaves, tile);
    this.options.onProgress?.(end, this.checkpoint.size);
  }

  finish(): Omit<VerifiedLog, 'note'> {
    const { checkpoint, frontier } = this;
    const { origin, size, root } = checkpoint;
    if (!equal(frontier.root(), root)) {
      throw this.fault('root', undefined, 'the entries and tiles do not give the signed root', 'checkpoint');
    }
    return { origin, size, root, entries: frontier.size, checkpoint };
  }

  private async grow(n: bigint, leaves: readonly Uint8Array[], tile: Uint8Array): Promise<void> {
    const { past } = this.options;
    const start = this.frontier.size;
    if (past && past.size > start && past.size <= start + BigInt(leaves.length)) {
      const then = this.frontier.copy();
      for (const leaf of leaves.slice(0, Number(past.size - start))) then.append(leaf);
      this.checkPast(then);
    }
    if (leaves.length < TILE_WIDTH) return leaves.forEach((leaf) => this.frontier.append(leaf));
    const root = tileRoot(tile);
    this.frontier.appendPerfect(root, 8);
    await this.checkHigher(1, n, root);
  }

  /** Compares hash `n` of a level with what the entries gave; a tile that is thereby complete is checked above too. */
  private async checkHigher(level: number, n: bigint, hash: Uint8Array): Promise<void> {
    const first = n << BigInt(8 * level);
    const tile = await this.higherTile(level, n / BigInt(TILE_WIDTH));
    const at = Number(n % BigInt(TILE_WIDTH)) * HASH_SIZE;
    const where = this.higherPath(level, n / BigInt(TILE_WIDTH));
    if (!equal(tile.subarray(at, at + HASH_SIZE), hash)) {
      throw this.fault('tile', first, 'the tile does not hold the root of the entries from this one on', where);
    }
    const width = tileWidth(level, n / BigInt(TILE_WIDTH), this.checkpoint.size);
    if (at + HASH_SIZE < width * HASH_SIZE) return;
    if (tile.length !== width * HASH_SIZE)
      throw this.fault('length', first, 'the tile goes on behind this hash', where);
    if (width === TILE_WIDTH) await this.checkHigher(level + 1, n / BigInt(TILE_WIDTH), tileRoot(tile));
  }

  private async higherTile(level: number, n: bigint): Promise<Uint8Array> {
    const kept = this.higherTiles.get(level);
    if (kept?.n === n) return kept.bytes;
    const bytes = await orBadFile(this.source.tile(level, n, tileWidth(level, n, this.checkpoint.size)));
    if (bytes instanceof BadFile) {
      throw this.fault('file', n << BigInt(8 * (level + 1)), bytes.message, this.higherPath(level, n));
    }
    this.higherTiles.set(level, { n, bytes });
    return bytes;
  }

  private higherPath(level: number, n: bigint): string {
    return tilePath(level, n, tileWidth(level, n, this.checkpoint.size));
  }

  private checkEntry(entry: Uint8Array, index: bigint, where: string): void {
    if (!this.options.opaque) {
      try {
        const { id } = parseEntry(entry);
        if (!this.ids.add(id)) throw new Error(`the id ${id} stands in the log already`);
      } catch (cause) {
        throw this.fault('envelope', index, (cause as Error).message, where, cause);
      }
    }
    this.options.onEntry?.(entry, index);
  }

  private checkPast(then: Frontier): void {
    if (equal(then.root(), this.options.past!.root)) return;
    throw this.fault('rewritten', undefined, `the log was rewritten below its earlier size ${then.size}`, 'checkpoint');
  }

  /** The entry and its leaf hash differ: the signed tree above tells which of the two files was changed. */
  private async disagreement(index: bigint, tile: Uint8Array, n: bigint, width: number): Promise<LogFault> {
    let tileHolds = false;
    if (tile.length === width * HASH_SIZE && width === TILE_WIDTH) {
      const above = await this.higherTile(1, n / BigInt(TILE_WIDTH));
      const at = Number(n % BigInt(TILE_WIDTH)) * HASH_SIZE;
      tileHolds = equal(perfectRoot(tile), above.subarray(at, at + HASH_SIZE));
    } else if (tile.length === width * HASH_SIZE) {
      const whole = this.frontier.copy();
      for (let at = 0; at < tile.length; at += HASH_SIZE) whole.append(tile.subarray(at, at + HASH_SIZE));
      tileHolds = equal(whole.root(), this.checkpoint.root);
    }
    return tileHolds
      ? this.fault('entry', index, 'the entry was changed: its hash is not the one in the tree', bundlePath(n, width))
      : this.fault('leaf', index, 'the leaf hash in the tile is not that of the entry', tilePath(0, n, width));
  }

  private fault(kind: FaultKind, index: bigint | undefined, what: string, where: string, cause?: unknown): LogFault {
    return new LogFault({ origin: this.checkpoint.origin, kind, index, what, where }, cause);
  }
}
