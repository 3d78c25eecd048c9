// Reads a whole log and believes nothing: every entry is hashed again, every tile of every level is compared with what
// the entries give, and the root with what the log signed. The first thing that does not fit is named by its index.
import { bundleEntries } from './bundle';
import { commonLength, equal } from './bytes';
import { openCheckpoint } from './checkpoint';
import type { OpenCheckpoint } from './checkpoint';
import { drawMarkKey, IdMarks } from './id-marks';
import type { MetIds } from './id-marks';
import { judgeBundle } from './judge';
import type { JudgedBundle, JudgeTask } from './judge';
import { parseVkey } from './key';
import type { VerifierKey } from './key';
import { LogFault } from './log-fault';
import type { FaultKind } from './log-fault';
import { ahead, BadFile, orBadFile } from './log-source';
import type { LogSource, Piece } from './log-source';
import { Frontier, perfectRoot } from './merkle';
import { NoteFault } from './note';
import { idAgain, idsUpTo, readAgain } from './read-again';
import { HASH_SIZE } from './sha256';
import { bundlePath, TILE_WIDTH, tilePath, tileRoot, tileWidth } from './tile';

export { BadFile, LogFault };
export type { FaultKind, LogSource };

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
  /**
   * Judges bundles instead of `judgeBundle`, several at a time and each as it does: for a program with several threads.
   */
  readonly judge?: (bundle: Uint8Array, task: JudgeTask) => Promise<JudgedBundle>;
  /** Remembers ids instead of `IdMarks`: for a program that has a disk, given the size that the log claims. */
  readonly ids?: (expected: bigint) => MetIds;
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

/**
 * Verifies signature, entries, tiles, root and density of a log.
 * @throws LogFault with the first bad index; whatever else the source throws (no network) goes through unchanged
 */
export async function verifyLog(source: LogSource, options: VerifyOptions): Promise<VerifiedLog> {
  const logKey = typeof options.vkey === 'string' ? parseVkey(options.vkey) : options.vkey;
  const cosigners = (options.cosigners ?? []).map(parseVkey);
  const { note, checkpoint } = await readCheckpoint(source, logKey, cosigners);
  const reading = new Reading(source, checkpoint, options);
  try {
    const ended = await reading.through().then(
      () => undefined,
      (error: unknown) => ({ error }),
    );
    // An id that was there before is told before all that comes after it, also when it is found last.
    const repeated = await reading.repeated();
    if (repeated) throw repeated;
    if (ended) throw ended.error;
    return { ...reading.finish(), note };
  } finally {
    reading.close();
  }
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

/** One pass over a log, from entry 0 upwards. */
class Reading {
  private readonly frontier = Frontier.empty();
  private readonly higherTiles = new Map<number, { n: bigint; bytes: Uint8Array }>();
  private readonly ids: MetIds;
  private readonly key = drawMarkKey();
  /** The bundle that is compared. */
  private judged: JudgedBundle | BadFile | undefined;

  constructor(
    private readonly source: LogSource,
    private readonly checkpoint: OpenCheckpoint,
    private readonly options: VerifyOptions,
  ) {
    const { past, ids } = options;
    this.ids = ids ? ids(checkpoint.size) : new IdMarks(checkpoint.size);
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

  private readonly judge = async (bundle: Uint8Array, width: number): Promise<JudgedBundle> => {
    const task = { width, opaque: this.options.opaque === true, key: this.key };
    return this.options.judge ? this.options.judge(bundle, task) : judgeBundle(bundle, task);
  };

  async through(): Promise<void> {
    for await (const piece of ahead(this.source, this.checkpoint.size, this.judge)) await this.take(piece);
  }

  finish(): Omit<VerifiedLog, 'note'> {
    const { checkpoint, frontier } = this;
    const { origin, size, root } = checkpoint;
    if (!equal(frontier.root(), root)) {
      throw this.fault('root', undefined, 'the entries and tiles do not give the signed root', 'checkpoint');
    }
    return { origin, size, root, entries: frontier.size, checkpoint };
  }

  close(): void {
    this.ids.close();
  }

  private async take({ n, width, judged, tile }: Piece): Promise<void> {
    this.judged = judged;
    const first = n * BigInt(TILE_WIDTH);
    const where = { bundle: bundlePath(n, width), tile: tilePath(0, n, width) };
    if (judged instanceof BadFile) throw this.fault('file', first, judged.message, where.bundle);
    if (tile instanceof BadFile) throw this.fault('file', first, tile.message, where.tile);
    const count = judged.leaves.length / HASH_SIZE;
    const agreed = Math.floor(commonLength(judged.leaves, tile) / HASH_SIZE);
    await this.takeEntries(n, judged, agreed, where.bundle);
    if (agreed < count) throw await this.disagreement(first + BigInt(agreed), tile, n, width);
    const end = first + BigInt(count);
    if (judged.rest === 'cut')
      throw this.fault('length', end, `the bundle ends within entry ${count} of it`, where.bundle);
    if (judged.rest === 'more')
      throw this.fault('length', end - 1n, 'the bundle goes on behind this entry', where.bundle);
    if (count < width) throw this.fault('length', end, 'the bundle ends before this entry', where.bundle);
    if (tile.length !== width * HASH_SIZE)
      throw this.fault('length', end - 1n, 'the tile goes on behind this leaf', where.tile);
    await this.grow(n, judged);
    this.options.onProgress?.(end, this.checkpoint.size);
  }

  /** Form and id of the first entries of a bundle, as many as agree with the tile. */
  private async takeEntries(n: bigint, judged: JudgedBundle, agreed: number, where: string): Promise<void> {
    const { onEntry, opaque } = this.options;
    const { bundle, marks, bad } = judged;
    const indexOf = (position: number): bigint => n * BigInt(TILE_WIDTH) + BigInt(position);
    const entries = onEntry && bundleEntries(bundle);
    for (let position = 0; position < agreed; position++) {
      if (bad?.position === position) throw this.malformed(indexOf(position), bad.cause, where);
      if (!opaque && !this.ids.add(marks[2 * position]!, marks[2 * position + 1]!)) {
        const id = await this.repeatedId(bundle, position, n);
        if (id !== undefined) throw this.repeats(indexOf(position), id, where);
      }
      if (entries) onEntry(entries.next().value!, indexOf(position));
    }
  }

  /** The id of an entry whose mark was met before, when an entry before it has the same one. */
  private async repeatedId(bundle: Uint8Array, position: number, n: bigint): Promise<string | undefined> {
    const ids = idsUpTo(bundle, position);
    const id = ids.pop()!;
    if (ids.includes(id)) return id;
    const { at } = await this.again(n * BigInt(TILE_WIDTH), id);
    return at.length > 0 ? id : undefined;
  }

  /** What `ids` tells only when all that could be read has been read. */
  async repeated(): Promise<LogFault | undefined> {
    for (let index = this.ids.firstRepeat(0n); index !== undefined; index = this.ids.firstRepeat(index + 1n)) {
      const n = index / BigInt(TILE_WIDTH);
      const where = bundlePath(n, tileWidth(0, n, this.checkpoint.size));
      let id: string | undefined;
      if (index >= this.frontier.size) {
        // Not in the tree yet: of the bundle at which reading ended.
        const { bundle } = this.judged as JudgedBundle;
        id = await this.repeatedId(bundle, Number(index % BigInt(TILE_WIDTH)), n);
      } else {
        const there = await idAgain(this.source, index, this.frontier.size);
        if (there === undefined) throw this.changed();
        const { at } = await this.again(this.frontier.size, there);
        if (!at.includes(index)) throw this.changed();
        if (at[0]! < index) id = there;
      }
      if (id !== undefined) return this.repeats(index, id, where);
    }
    return undefined;
  }

  /** What is read again must be what was read, or the answer is about another log. @param size of the frontier */
  private async again(size: bigint, id: string): Promise<{ readonly at: readonly bigint[] }> {
    const { at, frontier } = await readAgain(this.source, size, id, this.key);
    if (!equal(frontier.root(), this.frontier.root())) throw this.changed();
    return { at };
  }

  private changed(): LogFault {
    return this.fault('file', undefined, 'the bundles changed while the log was read', bundlePath(0n));
  }

  private repeats(index: bigint, id: string, where: string): LogFault {
    return this.malformed(index, new Error(`the id ${id} stands in the log already`), where);
  }

  private malformed(index: bigint, cause: Error, where: string): LogFault {
    return this.fault('envelope', index, cause.message, where, cause);
  }

  private async grow(n: bigint, { leaves, root }: JudgedBundle): Promise<void> {
    const { past } = this.options;
    const start = this.frontier.size;
    if (past && past.size > start && past.size <= start + BigInt(leaves.length / HASH_SIZE)) {
      const then = this.frontier.copy();
      then.appendEach(leaves.subarray(0, Number(past.size - start) * HASH_SIZE));
      this.checkPast(then);
    }
    if (!root) return this.frontier.appendEach(leaves);
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
