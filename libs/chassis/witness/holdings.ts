// What each agency holds of each log, put side by side (contexts.md F12): a witness cosigns what it has verified and
// stored, so its newest cosignature says how far its copy goes and which root that has. Nothing of this is stored anew.
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { ForkFile, HeldLog, Holding } from '#contracts/history';
import { toBase64 } from '#tlog/bytes';
import { parseCheckpoint } from '#tlog/checkpoint';
import { ForkUnproven, readFork } from '#tlog/fork';
import { Frontier } from '#tlog/merkle';
import { parseNote } from '#tlog/note';
import type { Sql } from '../database';
import { ownRootAt } from './own-history';
import type { KnownLog } from './proofs';
import type { Roster, Seat } from './roster';
import { StoredTree } from './stored-tree';
import { newestCosigned } from './tables';
import type { CosignedRow } from './tables';

export type HoldingsParts = {
  readonly sql: Sql;
  /** The own log first. */
  readonly logs: readonly [KnownLog, ...KnownLog[]];
  readonly roster: Pick<Roster, 'seatsOf'>;
  /** Where the files of evidence lie. */
  readonly folder: string;
};
type Head = { readonly size: number; readonly root: string; readonly at: string };

const forkFile = /^[\w.-]+-([0-9a-f]{16})\.fork\.json$/;
/** Older checkpoints of one witness that are looked through for where a difference begins. */
const lookBack = 500;

export class Holdings {
  private readonly tree: StoredTree;

  constructor(private readonly parts: HoldingsParts) {
    this.tree = new StoredTree(parts.sql);
  }

  async logs(): Promise<HeldLog[]> {
    const { sql, logs, roster } = this.parts;
    const newest = await newestCosigned(sql);
    return Promise.all(
      logs.map(async ({ agency, origin, stopped }, n) => {
        const head = n === 0 ? await this.ownHead() : await this.peerHead(origin);
        const seats = roster.seatsOf(origin).map((seat) => {
          const row = newest.find((each) => each.origin === origin && each.witness === seat.keyName);
          return this.holding(seat, row);
        });
        return { agency, origin, own: n === 0, ...head, stopped: stopped(), holdings: await Promise.all(seats) };
      }),
    );
  }

  async forks(): Promise<ForkFile[]> {
    const names = await readdir(this.parts.folder).catch(ifMissing);
    const files = await Promise.all(names.map((name) => this.fork(name)));
    return files.flatMap((file) => (file ? [file] : [])).sort((a, b) => (a.keptAt < b.keptAt ? 1 : -1));
  }

  /** @returns undefined when there is none of this digest */
  async evidence(digest: string): Promise<{ readonly name: string; readonly bytes: Buffer } | undefined> {
    const names = await readdir(this.parts.folder).catch(ifMissing);
    const name = names.find((each) => forkFile.exec(each)?.[1] === digest);
    return name === undefined ? undefined : { name, bytes: await readFile(join(this.parts.folder, name)) };
  }

  private async fork(name: string): Promise<ForkFile | undefined> {
    const digest = forkFile.exec(name)?.[1];
    if (digest === undefined) return undefined;
    const path = join(this.parts.folder, name);
    const keptAt = (await stat(path)).mtime.toISOString();
    try {
      const { origin, notes } = readFork(await readFile(path));
      const sizes = notes.map((note) => Number(parseCheckpoint(parseNote(note).text).size));
      return { digest, name, origin, sizes, keptAt };
    } catch (error) {
      // A damaged file is evidence too: it is listed, and people look into it.
      if (error instanceof ForkUnproven) return { digest, name, origin: '', sizes: [], keptAt };
      throw error;
    }
  }

  private async ownHead(): Promise<Head> {
    const [row] = await this.parts.sql.query(
      'select size, root, signed_at from log.checkpoint order by size desc limit 1',
    );
    return row ? { size: Number(row.size), root: row.root, at: row.signed_at } : { size: 0, root: '', at: '' };
  }

  private async peerHead(origin: string): Promise<Head> {
    const [row] = await this.parts.sql.query('select frontier, verified_at from inbox.peer where origin = $1', [
      origin,
    ]);
    if (!row) return { size: 0, root: '', at: '' };
    const frontier = Frontier.parse(row.frontier);
    const root = frontier.size === 0n ? '' : toBase64(frontier.root());
    return { size: Number(frontier.size), root, at: row.verified_at };
  }

  private async holding({ name, agency }: Seat, row: CosignedRow | undefined): Promise<Holding> {
    const whose = { name, ...(agency !== undefined && { agency }) };
    if (!row) return { ...whose, size: 0, root: '', at: '', verdict: 'unknown' };
    const { origin, size, root, time } = row;
    const told = { ...whose, size: Number(size), root, at: new Date(Number(time) * 1000).toISOString() };
    const here = await this.rootAt(origin, size);
    if (here === undefined) return { ...told, verdict: 'unknown' };
    if (here === root) return { ...told, verdict: 'same' };
    return { ...told, verdict: 'differs', difference: await this.difference(row) };
  }

  /** Between the largest size at which both trees were the same and the smallest at which they were not. */
  private async difference({ origin, witness, size }: CosignedRow): Promise<{ from: number; to: number }> {
    const rows: { size: string; root: string }[] = await this.parts.sql.query(
      `select size, root from witness.cosignature where origin = $1 and witness = $2 and size <= $3
       order by size desc limit ${lookBack}`,
      [origin, witness, String(size)],
    );
    let to = Number(size);
    for (const row of rows) {
      if ((await this.rootAt(origin, BigInt(row.size))) === row.root) return { from: Number(row.size), to };
      to = Number(row.size);
    }
    return { from: 0, to };
  }

  private async rootAt(origin: string, size: bigint): Promise<string | undefined> {
    const { sql, logs } = this.parts;
    const root = origin === logs[0].origin ? await ownRootAt(sql, size) : await this.tree.rootAt(origin, size);
    return root && toBase64(root);
  }
}

function ifMissing(error: NodeJS.ErrnoException): string[] {
  if (error.code === 'ENOENT') return [];
  throw error;
}
