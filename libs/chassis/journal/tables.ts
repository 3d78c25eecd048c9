// The journal as rows: a leaf hash for each stored event beside the secret that opens it, and the head that says how far
// they go, signed. The leaf itself is not kept: event and secret give it again, and without the secret nobody can.
import { bigintArray, bytesArray, uuidArray } from '#store/pg/binary-array';
import { equal } from '#tlog/bytes';
import { openCheckpoint, signCheckpoint } from '#tlog/checkpoint';
import type { SigningKey } from '#tlog/key';
import { Frontier } from '#tlog/merkle';
import { migration } from '../database';
import type { Sql } from '../database';

export const journalMigrations = [
  migration(
    2026120120,
    'Journal',
    `create schema if not exists journal;
     create table journal.leaf (
       index bigint primary key,
       position bigint not null,
       id uuid not null unique,
       secret bytea,
       hash bytea not null
     );
     create table journal.head (
       one boolean primary key default true check (one),
       origin text not null,
       position bigint,
       size bigint not null,
       frontier text not null,
       note text not null,
       begun_at text not null
     );`,
  ),
];

/** Nothing more is journaled or anchored before a person has acted. */
export class JournalFault extends Error {
  override readonly name = 'JournalFault';
  constructor(what: string, remedy: string) {
    super(`the journal stops: ${what}. ${remedy}`);
  }
}

/** Signs the checkpoints of the journal of this origin. */
export type JournalKey = (origin: string) => SigningKey;

export type JournalHead = {
  readonly origin: string;
  /** Last event of the store that the journal has passed. */
  readonly position: bigint | undefined;
  readonly frontier: Frontier;
  /** Checkpoint of the frontier, signed by the journal's key. */
  readonly note: Uint8Array;
  /** RFC 3339 UTC. */
  readonly begunAt: string;
};

export type JournalRow = {
  readonly id: string;
  readonly position: bigint;
  readonly secret: Uint8Array;
  readonly hash: Uint8Array;
};

const restore = 'Recover the database to its last moment from its backup; no event is skipped.';

/** @returns undefined before the very first start @throws JournalFault when the head is not what the key signed */
export async function readHead(sql: Sql, keyOf: JournalKey): Promise<JournalHead | undefined> {
  const [row] = await sql.query('select origin, position, size, frontier, note, begun_at from journal.head');
  if (!row) return undefined;
  const frontier = Frontier.parse(row.frontier);
  const note = Buffer.from(row.note, 'utf8');
  const signed = openCheckpoint(note, keyOf(row.origin));
  const [last] = await sql.query('select coalesce(max(index), -1) + 1 as size from journal.leaf');
  const fits = [signed.size, BigInt(row.size), BigInt(last.size)].every((size) => size === frontier.size);
  if (!fits || !equal(signed.root, frontier.root())) {
    throw new JournalFault('rows, frontier and signature of journal.head do not fit together', restore);
  }
  const position = row.position === null ? undefined : BigInt(row.position);
  return { origin: row.origin, position, frontier, note, begunAt: row.begun_at };
}

export async function makeHead(sql: Sql, keyOf: JournalKey, origin: string, begunAt: string): Promise<JournalHead> {
  const frontier = Frontier.empty();
  const note = signHead(keyOf, origin, frontier);
  await sql.query(
    `insert into journal.head (origin, position, size, frontier, note, begun_at) values ($1, null, 0, $2, $3, $4)`,
    [origin, frontier.serialise(), Buffer.from(note).toString('utf8'), begunAt],
  );
  return { origin, position: undefined, frontier, note, begunAt };
}

export function signHead(keyOf: JournalKey, origin: string, frontier: Frontier): Uint8Array {
  return signCheckpoint({ origin, size: frontier.size, root: frontier.root() }, keyOf(origin));
}

/** Writes rows and the new head together. @throws JournalFault when the head is not where `head` says */
export async function appendRows(sql: Sql, head: JournalHead, rows: readonly JournalRow[], next: JournalHead) {
  const [row] = await sql.query(
    `with moved as (
       update journal.head set position = $2, size = $3, frontier = $4, note = $5 where size = $1 returning size
     ), added as (
       insert into journal.leaf (index, id, position, secret, hash)
       select $1::bigint + row.nth - 1, row.id, row.position, row.secret, row.hash
       from moved, unnest($6::uuid[], $7::bigint[], $8::bytea[], $9::bytea[])
         with ordinality as row (id, position, secret, hash, nth)
       returning 1
     )
     select (select count(*) from moved)::int as moved, (select count(*) from added)::int as added`,
    [
      String(head.frontier.size),
      String(next.position),
      String(next.frontier.size),
      next.frontier.serialise(),
      Buffer.from(next.note).toString('utf8'),
      uuidArray(rows.map(({ id }) => id)),
      bigintArray(rows.map(({ position }) => position)),
      bytesArray(rows.map(({ secret }) => secret)),
      bytesArray(rows.map(({ hash }) => hash)),
    ],
  );
  if (row.moved === 1 && row.added === rows.length) return;
  throw new JournalFault(
    `journal.head is not at size ${head.frontier.size} any more`,
    'Another process wrote; stop it.',
  );
}
