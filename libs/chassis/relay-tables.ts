// The log as rows: entries, the head that says how far they go, and every checkpoint ever signed. Each change is one
// statement, so it happens whole or not at all, and each names the size it builds on, so two writers cannot both win.
import { bigintArray, bytesArray, textArray, uuidArray } from '#store/pg/binary-array';
import { toBase64, toHex } from '#tlog/bytes';
import { Frontier, leafHash } from '#tlog/merkle';
import { migration } from './database';
import type { Sql } from './database';
import { RelayFault } from './relay-fault';

/** How far the log goes. `position`: last event of the store that it has passed. */
export type Head = { readonly position: bigint | undefined; readonly size: bigint; readonly frontier: Frontier };
export type StoredEntry = { readonly index: bigint; readonly bytes: Uint8Array; readonly hash: string };
export type NewEntry = {
  readonly id: string;
  readonly position: bigint;
  readonly bytes: Uint8Array;
  readonly leaf: Uint8Array;
};
export type SignedCheckpoint = { readonly size: bigint; readonly root: string; readonly note: Uint8Array };

export const logMigrations = [
  migration(
    2026112401,
    'Log',
    `create schema if not exists log;
     create table log.entry (
       index bigint primary key,
       id uuid not null unique,
       position bigint not null,
       bytes bytea not null,
       hash text not null
     );
     create table log.head (
       one boolean primary key default true check (one),
       origin text not null,
       position bigint,
       size bigint not null,
       frontier text not null
     );
     create table log.checkpoint (
       size bigint primary key,
       root text not null,
       note text not null,
       signed_at text not null
     );`,
  ),
  // Until then each file was on disk before its size was signed.
  migration(
    2026120107,
    'LogFlushed',
    `create table log.flushed (
       one boolean primary key default true check (one),
       size bigint not null
     );
     insert into log.flushed (size) select coalesce(max(size), 0) from log.checkpoint;`,
  ),
];

export const damaged = 'Stored bytes were damaged or changed: find the cause, then restore from a mirror of the log.';
const restore =
  'If the database was restored from a backup, restore it from the folder or a mirror of the log instead.';

/** Reads the head, and makes it on the very first start. @throws RelayFault when the database holds another log */
export async function openHead(sql: Sql, origin: string): Promise<Head> {
  await sql.query(
    `insert into log.head (origin, position, size, frontier) values ($1, null, 0, $2) on conflict do nothing`,
    [origin, Frontier.empty().serialise()],
  );
  const [row] = await sql.query('select origin, position, size, frontier from log.head');
  if (row.origin !== origin) {
    throw new RelayFault(origin, `the database holds the log ${row.origin}`, 'Set the origin that it was begun with.');
  }
  const frontier = Frontier.parse(row.frontier);
  if (frontier.size !== BigInt(row.size)) throw new RelayFault(origin, 'size and frontier differ in log.head', restore);
  return { position: row.position === null ? undefined : BigInt(row.position), size: frontier.size, frontier };
}

/** Writes entries and the new head together. @throws RelayFault when the head is not where `head` says */
export async function appendEntries(
  sql: Sql,
  origin: string,
  head: Head,
  entries: readonly NewEntry[],
  next: Head,
): Promise<void> {
  const [row] = await sql.query(
    `with moved as (
       update log.head set position = $2, size = $3, frontier = $4 where size = $1 returning size
     ), added as (
       insert into log.entry (index, id, position, bytes, hash)
       select $1::bigint + row.nth - 1, row.id, row.position, row.bytes, row.hash
       from moved, unnest($5::uuid[], $6::bigint[], $7::bytea[], $8::text[])
         with ordinality as row (id, position, bytes, hash, nth)
       returning 1
     )
     select (select count(*) from moved)::int as moved, (select count(*) from added)::int as added`,
    [
      String(head.size),
      next.position === undefined ? null : String(next.position),
      String(next.size),
      next.frontier.serialise(),
      uuidArray(entries.map(({ id }) => id)),
      bigintArray(entries.map(({ position }) => position)),
      bytesArray(entries.map(({ bytes }) => bytes)),
      textArray(entries.map(({ leaf }) => toHex(leaf))),
    ],
  );
  if (row.moved !== 1 || row.added !== entries.length) {
    throw new RelayFault(origin, `log.head is not at size ${head.size} any more`, 'Another process wrote; stop it.');
  }
}

/**
 * Reads entries `from` on back where they are stored, hashed by the database: they must be these leaves.
 * @throws RelayFault when one is missing or another
 */
export async function demandStored(sql: Sql, origin: string, from: bigint, leaves: readonly Uint8Array[]) {
  const [row] = await sql.query(
    `select coalesce(string_agg(encode(sha256('\\x00'::bytea || bytes), 'hex'), '' order by index), '') as leaves,
       coalesce(string_agg(hash, '' order by index), '') as hashes
     from log.entry where index >= $1 and index < $2`,
    [String(from), String(from + BigInt(leaves.length))],
  );
  const expected = leaves.map(toHex);
  const whole = expected.join('');
  if (row.leaves === whole && row.hashes === whole) return;
  // Which one it is, is found where entries are read one by one.
  for (const { index, bytes, hash } of await storedEntries(sql, origin, from, from + BigInt(leaves.length))) {
    demandHash(origin, index, bytes, hash);
  }
  throw new RelayFault(origin, `the entries from ${from} on are not stored as they were written`, damaged);
}

/** @returns the entry's leaf @throws RelayFault when it is not the one of its hash */
export function demandHash(origin: string, index: bigint, bytes: Uint8Array, hash: string): Uint8Array {
  const leaf = leafHash(bytes);
  if (toHex(leaf) === hash) return leaf;
  throw new RelayFault(origin, `entry ${index} is not the one of its hash`, damaged);
}

/** Entries `from` to `to` (exclusive) as they are stored. @throws RelayFault when one is missing */
export async function storedEntries(sql: Sql, origin: string, from: bigint, to: bigint): Promise<StoredEntry[]> {
  const rows = await sql.query('select index, bytes, hash from log.entry where index >= $1 and index < $2 order by 1', [
    String(from),
    String(to),
  ]);
  const entries = rows.map((row: { index: string; bytes: Uint8Array; hash: string }): StoredEntry => {
    return { index: BigInt(row.index), bytes: row.bytes, hash: row.hash };
  });
  for (let nth = 0; nth < Number(to - from); nth++) {
    if (entries[nth]?.index === from + BigInt(nth)) continue;
    throw new RelayFault(origin, `entry ${from + BigInt(nth)} is missing in log.entry`, restore);
  }
  return entries;
}

export async function lastCheckpoint(sql: Sql): Promise<SignedCheckpoint | undefined> {
  const [row] = await sql.query('select size, root, note from log.checkpoint order by size desc limit 1');
  return row && { size: BigInt(row.size), root: row.root, note: Buffer.from(row.note, 'utf8') };
}

/** Sizes that were signed, greater than `after`, rising. */
export async function signedSizes(sql: Sql, after: bigint): Promise<bigint[]> {
  const rows = await sql.query('select size from log.checkpoint where size > $1 order by size', [String(after)]);
  return rows.map(({ size }: { size: string }) => BigInt(size));
}

/** Up to this size all files of the log are on disk. */
export async function flushedSize(sql: Sql): Promise<bigint> {
  const [row] = await sql.query('select size from log.flushed');
  return BigInt(row.size);
}

export async function markFlushed(sql: Sql, size: bigint): Promise<void> {
  await sql.query('update log.flushed set size = $1', [String(size)]);
}

/**
 * Keeps a signed checkpoint, provided the last one is still of size `after` (undefined: there is none).
 * @throws RelayFault when another one was signed meanwhile: two roots of one size would be misconduct
 */
export async function keepCheckpoint(
  sql: Sql,
  origin: string,
  after: bigint | undefined,
  signed: { readonly size: bigint; readonly root: Uint8Array; readonly note: Uint8Array; readonly signedAt: string },
): Promise<SignedCheckpoint> {
  const root = toBase64(signed.root);
  const note = Buffer.from(signed.note);
  const rows = await sql.query(
    `insert into log.checkpoint (size, root, note, signed_at)
     select $1::bigint, $2, $3, $4 where coalesce((select max(size) from log.checkpoint), -1) = $5::bigint
     on conflict do nothing returning size`,
    [String(signed.size), root, note.toString('utf8'), signed.signedAt, String(after ?? -1n)],
  );
  if (rows.length !== 1 || (after !== undefined && signed.size <= after)) {
    throw new RelayFault(origin, `a checkpoint of size ${signed.size} or more is signed already`, restore);
  }
  return { size: signed.size, root, note };
}
