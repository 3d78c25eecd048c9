// A log that was lost here comes back from those who follow it. Its entries, as a peer's mirror holds them, must give the
// newest root that the own key signed and anybody still shows, and each must be what the own event store says. Then
// the rows are put in their place at once, and the next start writes the files and signs on from there.
import { existsSync } from 'node:fs';
import { rename } from 'node:fs/promises';
import type { DataSource } from 'typeorm';
import type { ServedStore } from '#store/event-store';
import { bytesArray, textArray } from '#store/pg/binary-array';
import { bundleEntries } from '#tlog/bundle';
import { equal, toBase64, toHex } from '#tlog/bytes';
import { signCheckpoint } from '#tlog/checkpoint';
import type { SigningKey } from '#tlog/key';
import { Frontier, leafHash } from '#tlog/merkle';
import { TILE_WIDTH, tileWidth } from '#tlog/tile';
import type { Sql } from '../database';
import { published } from '../fsck/own-events';
import type { Stored } from '../fsck/own-events';
import { leafAt } from '../fsck/judge-rows';
import type { Publisher } from '../publishing';
import { refill } from './refill';
import { RecoveryRefused } from './shown';
import type { Holder, Shown } from './shown';

export type RecoverParts = {
  readonly store: Pick<ServedStore, 'readAll' | 'appendRecorded'>;
  readonly database: Pick<DataSource, 'query' | 'transaction'>;
  readonly publish: Publisher;
  readonly signer: SigningKey;
  /** Keys of the copies that peers keep of the own events, the newest last. */
  readonly recovery: readonly Uint8Array[];
  /** The own log's folder; put aside, not deleted. */
  readonly folder: string;
  /** RFC 3339 UTC. */
  readonly clock: () => string;
  readonly onProgress?: (done: bigint, size: bigint) => void;
};

export type Recovered = {
  readonly size: bigint;
  /** Size that the own database still had signed. */
  readonly before: bigint;
  readonly from: string;
  /** Events that the own store had lost and has again. */
  readonly events: number;
  /** Where the old folder is now. */
  readonly aside: string | undefined;
};

/** Staging rows: nothing of the log changes before all of them are proven. */
const staging = 'log.recovering';

/**
 * @param shown what everybody who was asked holds of the own log
 * @throws RecoveryRefused; the log is not changed then, and the store at most filled with events that the log proves
 */
export async function recoverLog(parts: RecoverParts, holders: readonly Holder[], shown: readonly Shown[]) {
  const { database, folder, clock } = parts;
  const own = await ownRoots(database);
  const before = [...own.keys()].reduce((most, size) => (size > most ? size : most), 0n);
  const goal = shown.reduce<Shown | undefined>((most, one) => (most && most.size >= one.size ? most : one), undefined);
  if (!goal) throw new RecoveryRefused('none of those asked holds anything of this log');
  if (goal.size < before) throw new RecoveryRefused(`the own database has signed ${before}, more than others hold`);
  const holder = holders.find((one) => one.mirrored === goal.size);
  if (!holder) {
    const most = holders.reduce((size, { mirrored }) => (mirrored > size ? mirrored : size), 0n);
    const what = `${goal.by} has seen ${goal.size} entries, but the fullest mirror holds ${most}`;
    throw new RecoveryRefused(`${what}: name the address of whoever holds more with --from`);
  }
  const events = await refill({ ...parts, origin: parts.signer.name }, holders, holder, goal);
  await database.query(`drop table if exists ${staging}`);
  await database.query(`create table ${staging} (like log.entry including all)`);
  const roots = new Map(own);
  for (const one of shown) demandSame(roots, one.size, one.root, one.by);
  const { frontier, position } = await stage(parts, holder, goal, roots);
  const aside = existsSync(folder) ? `${folder}.before-${clock().replace(/\D/g, '')}` : undefined;
  await database.transaction((sql) => putInPlace(parts, sql, frontier, position, shown));
  // Only now: cut off before, everything is as it was; cut off here, the next start refuses or writes the same files.
  if (aside !== undefined) await rename(folder, aside);
  return { size: goal.size, before, from: holder.name, events, aside } satisfies Recovered;
}

/** Roots that the own database signed, by size. */
async function ownRoots(sql: Sql): Promise<Map<bigint, string>> {
  const rows: { size: string; root: string }[] = await sql.query('select size, root from log.checkpoint');
  return new Map(rows.map(({ size, root }) => [BigInt(size), root]));
}

function demandSame(roots: Map<bigint, string>, size: bigint, root: Uint8Array, by: string): void {
  const known = roots.get(size);
  if (known !== undefined && known !== toBase64(root)) {
    throw new RecoveryRefused(`two roots of size ${size} are signed, one of them shown by ${by}: ${contradiction}`);
  }
  roots.set(size, toBase64(root));
}

const contradiction = 'this log has two histories; keep everything and agree with the other agencies which is true';

/** Fetches, proves and pairs every entry, and writes it to the staging table. */
async function stage(parts: RecoverParts, holder: Holder, goal: Shown, roots: ReadonlyMap<bigint, string>) {
  const frontier = Frontier.empty();
  const events = published(parts.store, parts.publish);
  let position: bigint | undefined;
  try {
    for (let n = 0n; tileWidth(0, n, goal.size) > 0; n++) {
      const entries = [...bundleEntries(await holder.source.bundle(n, tileWidth(0, n, goal.size)))];
      const from = frontier.size;
      const rows: { stored: Stored; bytes: Uint8Array; hash: string }[] = [];
      for (const bytes of entries) {
        const leaf = leafHash(bytes);
        const next = await events.next();
        const stored = next.done ? undefined : next.value;
        if (!stored || !equal(leafHash(stored.bytes), leaf)) {
          await demandUndamaged(holder, goal.size, frontier.size, leaf);
          throw lostEvent(frontier.size, goal.size, bytes, stored);
        }
        rows.push({ stored, bytes, hash: toHex(leaf) });
        position = stored.position;
        frontier.append(leaf);
        const root = roots.get(frontier.size);
        if (root === undefined || root === toBase64(frontier.root())) continue;
        throw new RecoveryRefused(
          `at size ${frontier.size} the mirror ${holder.name} gives another root than is signed`,
        );
      }
      await write(parts.database, from, rows);
      parts.onProgress?.(frontier.size, goal.size);
    }
  } finally {
    await events.return();
  }
  if (frontier.size === goal.size) return { frontier, position };
  throw new RecoveryRefused(`the mirror ${holder.name} ends at ${frontier.size} of ${goal.size}; name another one`);
}

/** Entry and tile of the mirror are two copies: when they differ, it is not the own store that is in doubt. */
async function demandUndamaged(holder: Holder, size: bigint, index: bigint, leaf: Uint8Array): Promise<void> {
  const n = index / BigInt(TILE_WIDTH);
  const tile = await holder.source.tile(0, n, tileWidth(0, n, size));
  if (equal(leafAt(tile, Number(index % BigInt(TILE_WIDTH))), leaf)) return;
  throw new RecoveryRefused(
    `entry ${index} is damaged in the mirror ${holder.name}; let it run npm run fsck, or name another`,
  );
}

/** Signing on without the agency's own act would let its rule book decide against what it has published. */
function lostEvent(index: bigint, size: bigint, bytes: Uint8Array, stored: Stored | undefined): RecoveryRefused {
  const { id, stream, revision } = JSON.parse(Buffer.from(bytes).toString('utf8')) as Record<string, unknown>;
  const has = stored ? `has ${stored.id} there` : 'ends before it';
  return new RecoveryRefused(
    `entry ${index} of ${size} is the event ${id} (${stream}, revision ${revision}), but the event store ${has}. ` +
      'An entry does not hold all that its event held, and nobody asked keeps a copy of it: recover the event store further forward',
  );
}

async function write(
  sql: Sql,
  from: bigint,
  rows: readonly { readonly stored: Stored; readonly bytes: Uint8Array; readonly hash: string }[],
): Promise<void> {
  await sql.query(
    `insert into ${staging} (index, id, position, bytes, hash)
     select $1::bigint + row.nth - 1, row.id, row.position, row.bytes, row.hash
     from unnest($2::uuid[], $3::bigint[], $4::bytea[], $5::text[])
       with ordinality as row (id, position, bytes, hash, nth)`,
    [
      String(from),
      rows.map(({ stored }) => stored.id),
      rows.map(({ stored }) => String(stored.position)),
      bytesArray(rows.map(({ bytes }) => bytes)),
      textArray(rows.map(({ hash }) => hash)),
    ],
  );
}

async function putInPlace(
  { signer, clock }: RecoverParts,
  sql: Sql,
  frontier: Frontier,
  position: bigint | undefined,
  shown: readonly Shown[],
): Promise<void> {
  // A long history takes longer than a request may.
  await sql.query('set local statement_timeout = 0');
  await sql.query('truncate log.entry');
  await sql.query(`insert into log.entry select * from ${staging}`);
  await sql.query(`drop table ${staging}`);
  await sql.query(
    `insert into log.head (origin, position, size, frontier) values ($1, $2, $3, $4)
     on conflict (one) do update set origin = excluded.origin, position = excluded.position, size = excluded.size,
       frontier = excluded.frontier`,
    [signer.name, position === undefined ? null : String(position), String(frontier.size), frontier.serialise()],
  );
  for (const { size, root } of shown) {
    // Ed25519 gives the same signature for the same text: this is what was signed before, without others' lines.
    const note = Buffer.from(signCheckpoint({ origin: signer.name, size, root }, signer)).toString('utf8');
    await sql.query(
      'insert into log.checkpoint (size, root, note, signed_at) values ($1, $2, $3, $4) on conflict do nothing',
      [String(size), toBase64(root), note, clock()],
    );
  }
}
