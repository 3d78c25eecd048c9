// The inbox in the agency's own PostgreSQL. An acceptance is one statement: entries, frontier and cursor are there
// together or not at all, and only if nobody else moved the cursor meanwhile.
import { createHash } from 'node:crypto';
import type { EntityManager } from 'typeorm';
import type { Agency } from '#kernel/envelope';
import { bytesArray, textArray } from '#store/pg/binary-array';
import { Frontier } from '#tlog/merkle';
import { InboxMoved, RepeatedId } from '../inbox';
import type { Acceptance, Evidence, Held, Inbox } from '../inbox';

type Sql = Pick<EntityManager, 'query'>;

export const inboxSchema = `
  create schema if not exists inbox;
  create table inbox.peer (
    origin text primary key,
    agency text not null,
    size bigint not null,
    frontier text not null,
    checkpoint text not null,
    verified_at text not null,
    stopped text
  );
  create table inbox.entry (
    origin text not null references inbox.peer,
    index bigint not null,
    id uuid not null,
    type text not null,
    bytes bytea not null,
    hash text not null,
    received_at text not null,
    primary key (origin, index),
    constraint entry_id unique (origin, id)
  );
  create index entry_by_id on inbox.entry (id);
  create index entry_by_type on inbox.entry (origin, type, index);
  create table inbox.evidence (
    nth bigint generated always as identity primary key,
    origin text not null,
    kind text not null,
    digest text not null,
    at text not null,
    message text not null,
    note bytea not null,
    held bytea,
    bytes bytea,
    unique (origin, digest)
  );`;

/** How far a broker's topics were read, beside what was accepted out of them. */
export const positionSchema = `
  create table inbox.position (
    origin text not null,
    topic text not null,
    next bigint not null,
    primary key (origin, topic)
  );`;

// Damaged answers are kept to be looked into, not collected: so many for each peer, and so long. Forks are kept whole.
const keptRefusals = 100;
const keptRefusalBytes = 65_536;
const empty = Frontier.empty().serialise();

export class PgInbox implements Inbox {
  constructor(
    private readonly sql: Sql,
    private readonly agencies: ReadonlyMap<string, Agency>,
  ) {}

  async load(origin: string): Promise<Held> {
    await this.sql.query(
      `insert into inbox.peer (origin, agency, size, frontier, checkpoint, verified_at)
       values ($1, $2, 0, $3, '', '') on conflict do nothing`,
      [origin, this.agencies.get(origin), empty],
    );
    const [row] = await this.sql.query('select frontier, checkpoint, stopped from inbox.peer where origin = $1', [
      origin,
    ]);
    return {
      frontier: Frontier.parse(row.frontier),
      checkpoint: row.checkpoint === '' ? undefined : Buffer.from(row.checkpoint, 'utf8'),
      stopped: row.stopped ?? undefined,
    };
  }

  async accept(origin: string, acceptance: Acceptance): Promise<void> {
    const { from, entries, frontier, checkpoint, verifiedAt } = acceptance;
    const parameters = [
      origin,
      String(from),
      String(frontier.size),
      frontier.serialise(),
      Buffer.from(checkpoint).toString('utf8'),
      verifiedAt,
      entries.map(({ id }) => id),
      textArray(entries.map(({ type }) => type)),
      bytesArray(entries.map(({ bytes }) => bytes)),
      textArray(entries.map(({ hash }) => hash)),
    ];
    try {
      const [row] = await this.sql.query(
        `with moved as (
           update inbox.peer set size = $3, frontier = $4, checkpoint = $5, verified_at = $6
           where origin = $1 and size = $2 and stopped is null returning origin
         ), added as (
           insert into inbox.entry (origin, index, id, type, bytes, hash, received_at)
           select moved.origin, $2::bigint + row.nth - 1, row.id, row.type, row.bytes, row.hash, $6
           from moved, unnest($7::uuid[], $8::text[], $9::bytea[], $10::text[])
             with ordinality as row (id, type, bytes, hash, nth)
           returning 1
         )
         select (select count(*) from moved)::int as moved, (select count(*) from added)::int as added`,
        parameters,
      );
      if (row.moved !== 1 || row.added !== entries.length) throw new InboxMoved(origin, from);
    } catch (error) {
      if ((error as { constraint?: unknown }).constraint === 'entry_id') throw new RepeatedId(origin);
      throw error;
    }
  }

  async keep(origin: string, { kind, at, message, note, held, bytes }: Evidence): Promise<void> {
    const cut = (part: Uint8Array | undefined) => {
      if (part === undefined) return null;
      return Buffer.from(kind === 'refused' ? part.subarray(0, keptRefusalBytes) : part);
    };
    const digest = createHash('sha256').update(kind).update(note);
    if (bytes) digest.update(bytes);
    await this.sql.query(
      `insert into inbox.evidence (origin, kind, digest, at, message, note, held, bytes)
       select $1, $2, $3, $4, $5, $6::bytea, $7::bytea, $8::bytea
       where $2 <> 'refused' or (select count(*) from inbox.evidence where origin = $1 and kind = $2) < $9
       on conflict do nothing`,
      [origin, kind, digest.digest('hex'), at, message, cut(note), cut(held), cut(bytes), keptRefusals],
    );
  }

  /** Accepted entries at these places; those not held are missing from the answer. */
  async entriesAt(origin: string, indexes: readonly bigint[]): Promise<ReadonlyMap<bigint, Uint8Array>> {
    const rows: { index: string; bytes: Uint8Array }[] = await this.sql.query(
      'select index, bytes from inbox.entry where origin = $1 and index = any($2::bigint[])',
      [origin, indexes.map(String)],
    );
    return new Map(rows.map(({ index, bytes }) => [BigInt(index), bytes]));
  }

  async position(origin: string, topic: string): Promise<bigint | undefined> {
    const [row] = await this.sql.query('select next from inbox.position where origin = $1 and topic = $2', [
      origin,
      topic,
    ]);
    return row && BigInt(row.next);
  }

  async savePosition(origin: string, topic: string, next: bigint): Promise<void> {
    await this.sql.query(
      `insert into inbox.position (origin, topic, next) values ($1, $2, $3)
       on conflict (origin, topic) do update set next = excluded.next`,
      [origin, topic, String(next)],
    );
  }

  async stop(origin: string, message: string): Promise<void> {
    await this.sql.query('update inbox.peer set stopped = $2 where origin = $1', [origin, message]);
  }
}
