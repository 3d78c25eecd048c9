// The own log as it is kept twice, in rows and in files, judged by the own signature: every copy of an entry, of its
// leaf and of every tile is read again and must be what the signed root says.
import { writeBundle } from '#tlog/bundle';
import { equal, fromHex, toBase64 } from '#tlog/bytes';
import { openCheckpoint } from '#tlog/checkpoint';
import { formatVkey } from '#tlog/key';
import type { VerifierKey } from '#tlog/key';
import { Frontier } from '#tlog/merkle';
import { NoteFault } from '#tlog/note';
import { HASH_SIZE } from '#tlog/sha256';
import { hashesAt, TILE_WIDTH, tilePath, tileWidth } from '#tlog/tile';
import type { Sql } from '../database';
import { lastCheckpoint } from '../relay-tables';
import type { Finding } from './finding';
import { judgeRows, leafAt, provenEntries } from './judge-rows';
import { KeptLog } from './kept-log';
import { judgeFiles, LogFiles } from './log-files';
import { ProvenTree } from './proven-tree';
import type { Copies } from './proven-tree';
import { StoredRows } from './stored-rows';

export type OwnLogParts = {
  readonly sql: Sql;
  /** The log's folder, tlog-tiles layout. */
  readonly folder: string;
  readonly key: VerifierKey;
  /** Leaves of bundles from outside, believed like every other copy: when they fit the signed root. */
  readonly elsewhere?: Copies['leaves'];
};

const width256 = BigInt(TILE_WIDTH);
const pageCheckpoints = 1_000;

export class OwnLog extends KeptLog {
  private constructor(
    private readonly parts: OwnLogParts,
    size: bigint,
    tree: ProvenTree | undefined,
    rows: StoredRows,
    readonly files: LogFiles,
  ) {
    super(size, tree, rows);
  }

  /** The log at the size that was signed last. */
  static async open(parts: OwnLogParts): Promise<OwnLog> {
    const { sql, folder, key, elsewhere = [] } = parts;
    const rows = new StoredRows(sql);
    const files = new LogFiles(folder);
    const last = await lastCheckpoint(sql);
    const size = last?.size ?? 0n;
    const leaves = [rows.byHash, rows.byBytes, files.leavesOfBundle, ...elsewhere];
    const shown = await files.read('checkpoint');
    // Either copy of the signature will do; a changed one is a finding of its own.
    const root = signedRoot(last?.note, size, key) ?? signedRoot(shown, size, key);
    const frontier = root && (await provenFrontier(sql, size, root, files, rows));
    const tree = frontier && new ProvenTree(frontier, { tile: files.tile, leaves });
    return new OwnLog(parts, size, tree, rows, files);
  }

  tile(level: number, n: bigint): Promise<Uint8Array | undefined> {
    return this.tree?.tile(level, n) ?? Promise.resolve(undefined);
  }

  /** Entries of a bundle that some copy here still proves. */
  async entries(n: bigint, truth: Uint8Array): Promise<(Uint8Array | undefined)[]> {
    const rows = await this.rows.bundle(n, this.width(n));
    const ofRows = provenEntries(truth, [rows.map((row) => row?.bytes)]);
    if (!ofRows.includes(undefined)) return ofRows;
    const { entries } = await this.files.bundle(n, this.width(n));
    return provenEntries(truth, [ofRows, entries]);
  }

  /** Rows, tile and bundle of 256 entries. */
  async *judgeBundle(n: bigint): AsyncGenerator<Finding, void> {
    const width = this.width(n);
    const truth = await this.leaves(n);
    const rows = await this.rows.bundle(n, width);
    yield* judgeRows(n, rows, truth, undefined);
    const leaves = truth ?? (await this.rows.byHash(n, width));
    if (leaves) yield* judgeFiles(n, leaves, await this.files.tile(0, n, width), await this.files.bundle(n, width));
  }

  /** Tiles above level 0, from the lowest level up. */
  *upperTiles(): Generator<{ readonly level: number; readonly n: bigint }, void> {
    for (let level = 1; hashesAt(level, this.size) > 0n; level++) {
      for (let n = 0n; tileWidth(level, n, this.size) > 0; n++) yield { level, n };
    }
  }

  async *judgeUpperTile(level: number, n: bigint): AsyncGenerator<Finding, void> {
    const width = tileWidth(level, n, this.size);
    const truth = await this.tile(level, n);
    const found = await this.files.tile(level, n, width);
    if (!truth || (found && equal(found, truth))) return;
    const nth = found ? firstDifference(found, truth) : 0;
    const index = (n * width256 + BigInt(nth)) << BigInt(8 * level);
    const what = found ? 'a hash in the tile is not that of its entries' : 'the tile is missing';
    yield { fault: 'upperTile', index, name: tilePath(level, n, width), what };
  }

  judgeEarlierFiles(): AsyncGenerator<Finding, void> {
    return this.files.earlierFiles(this.size, async (level, n) => {
      const hashes = await this.tile(level === 'entries' ? 0 : level, n);
      if (level !== 'entries' || !hashes) return hashes;
      const entries = (await this.entries(n, hashes)).filter((entry) => entry !== undefined);
      return entries.length * HASH_SIZE === hashes.length ? writeBundle(entries) : undefined;
    });
  }

  /** The row from which the relay goes on must be where the stored entries end. */
  async *judgeHead(): AsyncGenerator<Finding, void> {
    const { sql } = this.parts;
    const [head] = await sql.query('select size, frontier from log.head');
    if (!this.tree || (!head && this.size === 0n)) return;
    const size = BigInt(head?.size ?? 0);
    const frontier = this.tree.frontier.copy();
    const rows: { hash: string }[] = await sql.query(
      'select hash from log.entry where index >= $1 and index < $2 order by index',
      [String(this.size), String(size)],
    );
    // Entries that no checkpoint covers yet; damaged ones are told where they are published.
    for (const { hash } of rows) frontier.append(fromHex(hash));
    const found = parsed(head?.frontier);
    if (size >= this.size && found?.size === frontier.size && equal(found.root(), frontier.root())) return;
    const what = `the head of the log, at ${size}, is not where its ${frontier.size} entries end`;
    yield { fault: 'head', ...(this.size > 0n && { index: this.size - 1n }), what };
  }

  /** What others are shown must be what was signed last, or the one before while the last is on its way. */
  async *judgeShown(): AsyncGenerator<Finding, void> {
    const { sql, key } = this.parts;
    if (this.size === 0n) return;
    const shown = (await this.files.read('checkpoint'))?.toString('utf8');
    const rows = await sql.query(
      `select 1 from log.checkpoint where note = $1 and size >=
         (select min(size) from (select size from log.checkpoint where size <= $2 order by size desc limit 2) last)`,
      [shown ?? '', String(this.size)],
    );
    if (rows.length === 0) yield { fault: 'shown', name: 'checkpoint', what: 'it is not the newest signed checkpoint' };
    const vkey = (await this.files.read('vkey'))?.toString('utf8');
    if (vkey === `${formatVkey(key)}\n`) return;
    yield { fault: 'shown', name: 'vkey', what: `${formatVkey(key)} expected` };
  }

  /** @param all every checkpoint ever signed, instead of the last alone */
  async *judgeCheckpoints(all: boolean): AsyncGenerator<Finding, void> {
    const frontier = Frontier.empty();
    for (let after = all ? -1n : this.size - 1n, more = true; more;) {
      const rows: { size: string; root: string; note: string }[] = await this.parts.sql.query(
        `select size, root, note from log.checkpoint where size > $1 and size <= $2 order by size limit ${pageCheckpoints}`,
        [String(after), String(this.size)],
      );
      for (const { size, root, note } of rows) {
        after = BigInt(size);
        const signed = signedRoot(Buffer.from(note, 'utf8'), after, this.parts.key);
        const stored = all ? await this.rootAt(frontier, after) : this.tree?.frontier.root();
        if (signed && toBase64(signed) === root && (!stored || equal(stored, signed))) continue;
        const what = signed ? 'another root is signed than the entries give' : 'the own key did not sign it';
        yield { fault: 'checkpoint', index: after === 0n ? 0n : after - 1n, what: `checkpoint ${size}: ${what}` };
      }
      more = rows.length === pageCheckpoints;
    }
  }

  /** Root of the proven leaves at a size not below that of `frontier`; undefined where they are not proven. */
  private async rootAt(frontier: Frontier, size: bigint): Promise<Uint8Array | undefined> {
    while (frontier.size < size) {
      const leaves = await this.leaves(frontier.size / width256);
      if (!leaves) return undefined;
      frontier.append(leafAt(leaves, Number(frontier.size % width256)));
    }
    return frontier.root();
  }
}

/** Root under a note of the own key, if it is one of this size. */
function signedRoot(note: Uint8Array | undefined, size: bigint, key: VerifierKey): Uint8Array | undefined {
  try {
    const signed = note && openCheckpoint(note, key);
    return signed?.size === size ? signed.root : undefined;
  } catch (error) {
    if (error instanceof NoteFault) return undefined;
    throw error;
  }
}

/** The frontier out of the head, the files or the rows, whichever gives the signed root first. */
async function provenFrontier(
  sql: Sql,
  size: bigint,
  root: Uint8Array,
  files: LogFiles,
  rows: StoredRows,
): Promise<Frontier | undefined> {
  const [head] = await sql.query('select frontier from log.head');
  const sources = [
    () => Promise.resolve(parsed(head?.frontier)),
    () => edgeOf(size, files.tile),
    () => pass(size, rows.byHash),
    () => pass(size, rows.byBytes),
    () => pass(size, files.leavesOfBundle),
  ];
  for (const source of sources) {
    const frontier = await source();
    if (frontier?.size === size && equal(frontier.root(), root)) return frontier;
  }
  return undefined;
}

export function parsed(text: string | undefined): Frontier | undefined {
  try {
    return text === undefined ? undefined : Frontier.parse(text);
  } catch {
    // Changed to something that is none: the other sources are asked.
    return undefined;
  }
}

type Hashes = (n: bigint, width: number) => Promise<Uint8Array | undefined>;

/** The frontier out of the partial tiles of the right edge. */
async function edgeOf(
  size: bigint,
  tile: (level: number, n: bigint, width: number) => Promise<Uint8Array | undefined>,
): Promise<Frontier | undefined> {
  const frontier = Frontier.empty();
  for (let level = 7; level >= 0; level--) {
    const n = hashesAt(level, size) / width256;
    const width = tileWidth(level, n, size);
    if (width === 0) continue;
    const bytes = await tile(level, n, width);
    if (bytes?.length !== width * HASH_SIZE) return undefined;
    for (let nth = 0; nth < width; nth++) frontier.appendPerfect(leafAt(bytes, nth), 8 * level);
  }
  return frontier;
}

/** The frontier out of all leaves. */
export async function pass(size: bigint, leavesOf: Hashes): Promise<Frontier | undefined> {
  const frontier = Frontier.empty();
  for (let n = 0n; tileWidth(0, n, size) > 0; n++) {
    const width = tileWidth(0, n, size);
    const leaves = await leavesOf(n, width);
    if (leaves?.length !== width * HASH_SIZE) return undefined;
    for (let nth = 0; nth < width; nth++) frontier.append(leafAt(leaves, nth));
  }
  return frontier;
}

function firstDifference(found: Uint8Array, truth: Uint8Array): number {
  const count = truth.length / HASH_SIZE;
  for (let nth = 0; nth < count; nth++) if (!equal(leafAt(found, nth), leafAt(truth, nth))) return nth;
  return count - 1;
}
