// From stored entries to a checkpoint that others can see. Live work and recovery after a crash run the same code: it
// looks at what was signed last and at how far the stored entries go, and does whatever lies between. Before a
// signature everything is read back and hashed again, because a signature over a flipped bit can never be taken back.
// The rows are the truth, so files reach the disk later (relay-flush.ts); a start writes anew those that did not.
import { setImmediate as turn } from 'node:timers/promises';
import { equal, toBase64 } from '#tlog/bytes';
import { bundleEntries } from '#tlog/bundle';
import type { LogSink } from '#stream/log-sink';
import { signCheckpoint } from '#tlog/checkpoint';
import { formatVkey } from '#tlog/key';
import type { SigningKey } from '#tlog/key';
import { leafHash, rootOf } from '#tlog/merkle';
import { HASH_SIZE } from '#tlog/sha256';
import { bundlePath, growthFiles, growthNames, hashesAt, TILE_WIDTH } from '#tlog/tile';
import { tileHashReader, tilePath, tileRoot, tileWidth } from '#tlog/tile';
import type { Sql } from './database';
import { RelayEdge } from './relay-edge';
import { RelayFault } from './relay-fault';
import type { RelayStep } from './relay-fault';
import { RelayFlush } from './relay-flush';
import { isSuperseded } from './relay-folder';
import type { RelayFolder } from './relay-folder';
import { damaged, demandHash, demandStored, flushedSize, keepCheckpoint, lastCheckpoint } from './relay-tables';
import { markFlushed, signedSizes, storedEntries } from './relay-tables';
import type { Head, NewEntry, SignedCheckpoint } from './relay-tables';

export type PublicationParts = {
  readonly sql: Sql;
  readonly folder: RelayFolder;
  readonly origin: string;
  readonly signer: SigningKey;
  readonly clock: () => string;
  readonly crash: (step: RelayStep) => Promise<void> | void;
  /** Told after the checkpoint is visible. */
  readonly tell: (size: bigint) => void;
  readonly log: LogSink;
  /** Entries in full tiles that may wait for their flush. */
  readonly flushEntries?: number;
};

type Fresh = Pick<NewEntry, 'bytes' | 'leaf'>;

const width = BigInt(TILE_WIDTH);
// Entries between two turns of whoever waits for an answer.
const turnEntries = 64n;
const smallStep = 16n;
// A multiple of the tile width, so that a long catch-up leaves no partial tiles of sizes that nobody signed.
const sliceEntries = 4_096n;

export class Publication {
  private readonly flushes: RelayFlush;
  /** While a log is taken up: beyond this size its files may be damaged. */
  private lostBeyond: bigint | undefined;
  /** While files are written anew: partial ones that are full at this size are not. */
  private mending = 0n;

  private constructor(
    private readonly parts: PublicationParts,
    private readonly edge: RelayEdge,
    private signed: SignedCheckpoint | undefined,
    flushed: bigint,
  ) {
    this.lostBeyond = flushed;
    this.flushes = new RelayFlush(parts, flushed);
  }

  /** Takes up the log where the last start left it, whatever that was. @throws RelayFault */
  static async open(parts: PublicationParts, head: Head): Promise<Publication> {
    const { folder, origin, sql } = parts;
    const signed = await lastCheckpoint(sql);
    if (signed && signed.size > head.size) {
      const remedy = 'The entries went back to an older backup: rebuild them from a mirror before the log may go on.';
      throw new RelayFault(origin, `size ${signed.size} is signed, but only ${head.size} entries are stored`, remedy);
    }
    await folder.refuseFilesBeyond(head.size);
    await folder.clearTemporary();
    const flushed = await onDisk(parts);
    const kept = signed && folder.readIfThere('vkey') ? (signed.size < flushed ? signed.size : flushed) : 0n;
    const publication = new Publication(parts, publishedEdge(parts, kept), signed, flushed);
    if (signed) await publication.mend(signed);
    await folder.replace('vkey', Buffer.from(`${formatVkey(parts.signer)}\n`));
    if (parts.signer.second) await folder.replace('sm2-vkey', Buffer.from(`${parts.signer.second.vkey}\n`));
    await publication.publish(head);
    publication.lostBeyond = undefined;
    await publication.settle();
    return publication;
  }

  /** Brings all files to disk, so that the next start need not look at them. */
  settle(): Promise<void> {
    return this.flushes.settle(this.edge.size);
  }

  /** Resolves when nothing goes on behind the steps. */
  ended(): Promise<void> {
    return this.flushes.ended();
  }

  /**
   * Brings everything up to the head of the stored entries. Steps as in docs/adr/0004.
   * @param fresh the entries since the last call, when this process has stored them @throws RelayFault
   */
  async publish(head: Head, fresh?: readonly Fresh[]): Promise<void> {
    const { crash, folder, origin, signer, clock, sql, tell } = this.parts;
    const before = this.signed?.size;
    if (before === undefined || before < head.size) {
      // (b) Files. A crash here leaves some of them, complete, under their final names, and temporary ones. No
      // checkpoint names them, so nobody asks for them; the next start finds them equal and writes the missing ones.
      // A power cut, here or at any later step, may leave them torn or empty as well: the next start writes them anew.
      await this.writeFiles(head.size, fresh);
      await crash('files');
      // (c) Check. It changes nothing, so a crash here leaves what a crash after (b) leaves.
      const root = this.edge.frontier.root();
      this.demandRoot(head.size, root, toBase64(head.frontier.root()));
      await crash('checked');
      // (d) Sign. A crash before the row is kept leaves no trace: the note was never shown. A crash after it leaves a
      // signature that nobody has seen; the next start shows this very note and signs nothing else for its size.
      const note = signCheckpoint({ origin, size: head.size, root }, signer);
      this.signed = await keepCheckpoint(sql, origin, before, { size: head.size, root, note, signedAt: clock() });
      await crash('signed');
    }
    const { note, size } = this.signed!;
    // (e) Show. A crash here leaves the older checkpoint visible, a valid one; the next start replaces it.
    await folder.replace('checkpoint', note, isSmall(before ?? 0n, size));
    await crash('checkpoint');
    // (f) Tell. A crash here loses a hint; who follows also looks for himself.
    tell(size);
    await crash('told');
    // (g) Now and then, behind all this: flush. A crash before its row leaves the next start more to look at.
    await this.flushes.offer(size);
  }

  /**
   * Writes anew, from the rows, what a power cut took of the files of signed sizes. Nothing is touched before what is
   * on disk and the rows are known to give the signed root. @throws RelayFault
   */
  private async mend(signed: SignedCheckpoint): Promise<void> {
    const { sql, log, origin } = this.parts;
    const frontier = this.edge.frontier.copy();
    await this.eachEntry(this.edge.size, signed.size, (_, leaf) => frontier.append(leaf));
    if (toBase64(frontier.root()) !== signed.root) throw this.rootFault(signed.size);
    // Older partial files of tiles that are not full yet are still asked for, by whoever holds an older checkpoint.
    this.mending = signed.size;
    const upper = (signed.size >> 16n) << 16n;
    const sizes = await signedSizes(sql, this.edge.size > upper ? this.edge.size : upper);
    const written: string[] = [];
    for (const size of stopsOf(sizes, signed.size)) written.push(...(await this.writeFiles(size)));
    this.mending = 0n;
    this.demandRoot(signed.size, this.edge.frontier.root(), signed.root);
    if (written.length === 0) return;
    log.warn({ origin, files: written.length, first: written[0] }, 'files of the log were written anew from its rows');
  }

  /** @returns paths of those that were not there, or not as they must be */
  private async writeFiles(to: bigint, fresh?: readonly Fresh[]): Promise<string[]> {
    const { sql, folder, origin } = this.parts;
    const written: string[] = [];
    const start = this.edge.size;
    while (this.edge.size < to) {
      const from = this.edge.size;
      const end = borderAfter(from, to);
      const known = fresh?.slice(Number(from - start), Number(end - start));
      if (known) for (const { bytes, leaf } of known) this.edge.append(bytes, leaf);
      else await this.eachEntry(from, end, (bytes, leaf) => this.edge.append(bytes, leaf));
      const files = growthFiles(from, end, this.edge.hashAt, this.edge.entryAt);
      const wanted = files.filter(({ path }) => !isSuperseded(path, this.mending));
      // What this process has just stored need not come back whole: the database says what it has stored.
      const leaves = known?.map(({ leaf }) => leaf);
      const [paths] = await Promise.all([
        folder.write(wanted, isSmall(from, end), this.lostBeyond),
        leaves && demandStored(sql, origin, from, leaves),
      ]);
      written.push(...paths);
      await this.checkFiles(from, end);
      this.edge.settle();
    }
    return written;
  }

  /** Read back from the database: these bytes are what the agency will have to show. */
  private async eachEntry(from: bigint, to: bigint, take: (bytes: Uint8Array, leaf: Uint8Array) => void) {
    const { sql, origin } = this.parts;
    for (let start = from; start < to; start = borderAfter(start, to)) {
      for (const { index, bytes, hash } of await storedEntries(sql, origin, start, borderAfter(start, to))) {
        if (index % turnEntries === 0n) await turn();
        take(bytes, demandHash(origin, index, bytes, hash));
      }
    }
  }

  /**
   * Reads the files of a growth back: every new entry under its leaf, and all of a bundle that is full; older entries
   * of a bundle that is not full byte for byte, which is cheaper; every full tile under its hash in the tile above.
   */
  private async checkFiles(from: bigint, to: bigint): Promise<void> {
    const { folder, origin } = this.parts;
    for (const name of growthNames(from, to)) {
      await turn();
      if (name.level === 'entries') {
        if (isSuperseded(bundlePath(name.n, name.width), this.mending)) continue;
        const tile = folder.read(tilePath(0, name.n, name.width));
        const entries = [...bundleEntries(folder.read(bundlePath(name.n, name.width)))];
        const first = name.n * width;
        const old = name.width < TILE_WIDTH ? Number(from - first) : 0;
        const known = (entry: Uint8Array, nth: number): boolean =>
          nth < old && Buffer.compare(entry, this.edge.entryAt(first + BigInt(nth))) === 0;
        // Of what is known, the leaf is known as well; never the tile's own word for it.
        const leaf = (entry: Uint8Array, nth: number): Uint8Array =>
          known(entry, nth) ? this.edge.hashAt(0, first + BigInt(nth)) : leafHash(entry);
        const leaves = Buffer.concat(entries.map(leaf));
        if (!equal(leaves, tile)) {
          const index = first + BigInt(Math.floor(differsAt(leaves, tile) / HASH_SIZE));
          throw new RelayFault(origin, `the files of entry ${index} do not fit together`, damaged);
        }
      } else if (name.width === TILE_WIDTH) {
        const above = name.n / width;
        const upper = folder.readOrFull(tilePath(name.level + 1, above, tileWidth(name.level + 1, above, to)));
        const at = Number(name.n % width) * HASH_SIZE;
        const root = tileRoot(folder.read(tilePath(name.level, name.n)));
        if (equal(root, upper.subarray(at, at + HASH_SIZE))) continue;
        throw new RelayFault(origin, `tile ${tilePath(name.level, name.n)} does not fit the one above`, damaged);
      }
    }
  }

  /** The stored rows, the files and `expected` (base64) must give one root. */
  private demandRoot(size: bigint, ofRows: Uint8Array, expected: string): void {
    const { folder } = this.parts;
    const tiles = new Map<number, Uint8Array>();
    for (let level = 0; hashesAt(level, size) > 0n; level++) {
      const n = hashesAt(level, size) / width;
      const count = tileWidth(level, n, size);
      if (count > 0) tiles.set(level, folder.read(tilePath(level, n, count)));
    }
    const ofFiles = rootOf(
      size,
      tileHashReader(size, (level) => tiles.get(level)!),
    );
    if (toBase64(ofRows) !== expected || toBase64(ofFiles) !== expected) {
      throw this.rootFault(size);
    }
  }

  private rootFault(size: bigint): RelayFault {
    return new RelayFault(this.parts.origin, `rows, files and tree give different roots at size ${size}`, damaged);
  }
}

/** Up to this size all files are on disk, or were: a log without its folder is written anew from the stored entries. */
async function onDisk({ sql, folder }: PublicationParts): Promise<bigint> {
  const flushed = await flushedSize(sql);
  if (flushed === 0n || folder.has('tile') || folder.has('vkey')) return flushed;
  await markFlushed(sql, 0n);
  return 0n;
}

/** Sizes at which partial files were left that are still asked for, out of the signed ones; the last one included. */
function stopsOf(sizes: readonly bigint[], last: bigint): bigint[] {
  const open = (last / width) * width;
  const stops = sizes.filter((size, nth) => size > open || size / width !== (sizes[nth + 1] ?? 0n) / width);
  return stops.at(-1) === last ? stops : [...stops, last];
}

/** What one step takes in under steady load. */
function isSmall(from: bigint, to: bigint): boolean {
  return to - from <= smallStep;
}

function borderAfter(from: bigint, to: bigint): bigint {
  const border = (from / sliceEntries + 1n) * sliceEntries;
  return border < to ? border : to;
}

/** @throws RelayFault when the published files do not have the form of a log of that size */
function publishedEdge({ folder, origin }: PublicationParts, size: bigint): RelayEdge {
  try {
    return RelayEdge.load(size, (path) => folder.readOrFull(path));
  } catch (cause) {
    throw new RelayFault(origin, `the published files cannot be read: ${(cause as Error).message}`, damaged);
  }
}

function differsAt(a: Uint8Array, b: Uint8Array): number {
  for (let at = 0; at < a.length; at++) if (a[at] !== b[at]) return at;
  return a.length;
}
