// From stored entries to a checkpoint that others can see. Live work and recovery after a crash run the same code: it
// looks at what was signed last and at how far the stored entries go, and does whatever lies between. Before a
// signature everything is read back and hashed again, because a signature over a flipped bit can never be taken back.
import { setImmediate as turn } from 'node:timers/promises';
import { equal, toBase64, toHex } from '#tlog/bytes';
import { bundleEntries } from '#tlog/bundle';
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
import type { RelayFolder } from './relay-folder';
import { keepCheckpoint, lastCheckpoint, storedEntries } from './relay-tables';
import type { Head, SignedCheckpoint } from './relay-tables';

export type PublicationParts = {
  readonly sql: Sql;
  readonly folder: RelayFolder;
  readonly origin: string;
  readonly signer: SigningKey;
  readonly clock: () => string;
  readonly crash: (step: RelayStep) => Promise<void> | void;
  /** Told after the checkpoint is visible. */
  readonly tell: (size: bigint) => void;
};

const width = BigInt(TILE_WIDTH);
// Entries between two turns of whoever waits for an answer.
const turnEntries = 64n;
// A multiple of the tile width, so that a long catch-up leaves no partial tiles of sizes that nobody signed.
const sliceEntries = 4_096n;
const damaged = 'Stored bytes were damaged or changed: find the cause, then restore from a mirror of the log.';

export class Publication {
  private tidied: bigint;

  private constructor(
    private readonly parts: PublicationParts,
    private edge: RelayEdge,
    private signed: SignedCheckpoint | undefined,
  ) {
    // A crash may have kept the tiles of the last batch from being tidied, and no batch is longer than this.
    const reach = 32n * width;
    this.tidied = signed && signed.size > reach ? signed.size - reach : 0n;
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
    // Without its folder the log is written anew from the stored entries, and must come to the same signed root.
    const kept = signed !== undefined && folder.readIfThere('vkey') !== undefined;
    const edge = publishedEdge(parts, kept ? signed.size : 0n);
    const publication = new Publication(parts, edge, signed);
    if (signed && !kept) await publication.writeFiles(signed.size);
    if (signed) await publication.demandRoot(signed.size, publication.edge.frontier.root(), signed.root);
    await publication.publish(head);
    await folder.replace('vkey', Buffer.from(`${formatVkey(parts.signer)}\n`));
    return publication;
  }

  /** Brings everything up to the head of the stored entries. Steps as in docs/adr/0004. @throws RelayFault */
  async publish(head: Head): Promise<void> {
    const { crash, folder, origin, signer, clock, sql, tell } = this.parts;
    const before = this.signed?.size;
    if (before === undefined || before < head.size) {
      // (b) Files. A crash here leaves some of them, complete, under their final names, and temporary ones. No
      // checkpoint names them, so nobody asks for them; the next start finds them equal and writes the missing ones.
      await this.writeFiles(head.size);
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
    await folder.replace('checkpoint', note);
    await crash('checkpoint');
    // (f) Tell. A crash here loses a hint; who follows also looks for himself.
    tell(size);
    await crash('told');
    // Full tiles are published now. A crash here leaves partial tiles behind, which the next start removes.
    await folder.tidy(this.tidied, size);
    this.tidied = size;
    await crash('tidied');
  }

  private async writeFiles(to: bigint): Promise<void> {
    const { sql, folder, origin } = this.parts;
    while (this.edge.size < to) {
      const from = this.edge.size;
      const border = (from / sliceEntries + 1n) * sliceEntries;
      const end = border < to ? border : to;
      // Read back from the database, not taken from memory: these bytes are what the agency will have to show.
      for (const { index, bytes, hash } of await storedEntries(sql, origin, from, end)) {
        if (index % turnEntries === 0n) await turn();
        const leaf = leafHash(bytes);
        if (toHex(leaf) !== hash) throw new RelayFault(origin, `entry ${index} is not the one of its hash`, damaged);
        this.edge.append(bytes, leaf);
      }
      await folder.write(growthFiles(from, end, this.edge.hashAt, this.edge.entryAt));
      await this.checkFiles(from, end);
      this.edge.settle();
    }
  }

  /** Reads the files of a growth back: every entry under its leaf, every full tile under its hash in the tile above. */
  private async checkFiles(from: bigint, to: bigint): Promise<void> {
    const { folder, origin } = this.parts;
    for (const name of growthNames(from, to)) {
      await turn();
      if (name.level === 'entries') {
        const tile = folder.read(tilePath(0, name.n, name.width));
        const entries = [...bundleEntries(folder.read(bundlePath(name.n, name.width)))];
        const leaves = Buffer.concat(entries.map(leafHash));
        if (!equal(leaves, tile)) {
          const index = name.n * width + BigInt(Math.floor(differsAt(leaves, tile) / HASH_SIZE));
          throw new RelayFault(origin, `the files of entry ${index} do not fit together`, damaged);
        }
      } else if (name.width === TILE_WIDTH) {
        const above = name.n / width;
        const upper = folder.read(tilePath(name.level + 1, above, tileWidth(name.level + 1, above, to)));
        const at = Number(name.n % width) * HASH_SIZE;
        const root = tileRoot(folder.read(tilePath(name.level, name.n)));
        if (equal(root, upper.subarray(at, at + HASH_SIZE))) continue;
        throw new RelayFault(origin, `tile ${tilePath(name.level, name.n)} does not fit the one above`, damaged);
      }
    }
  }

  /** The stored rows, the files and `expected` (base64) must give one root. */
  private demandRoot(size: bigint, ofRows: Uint8Array, expected: string): void {
    const { folder, origin } = this.parts;
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
      throw new RelayFault(origin, `rows, files and tree give different roots at size ${size}`, damaged);
    }
  }
}

/** @throws RelayFault when the published files do not have the form of a log of that size */
function publishedEdge({ folder, origin }: PublicationParts, size: bigint): RelayEdge {
  try {
    return RelayEdge.load(size, (path) => folder.read(path));
  } catch (cause) {
    throw new RelayFault(origin, `the published files cannot be read: ${(cause as Error).message}`, damaged);
  }
}

function differsAt(a: Uint8Array, b: Uint8Array): number {
  for (let at = 0; at < a.length; at++) if (a[at] !== b[at]) return at;
  return a.length;
}
