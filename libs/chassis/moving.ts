// Moves an agency's history from its PostgreSQL into an event store of its own: same events, same revisions, same order,
// same recorded times, because the published log names them. Every step can be cut off and begun again; only the last
// one, a single transaction, makes the new store the one that counts.
import type { DataSource } from 'typeorm';
import { canonicalize } from '#kernel/canonical-json';
import type { Agency } from '#kernel/envelope';
import { appendAll } from '#store/append-all';
import type { RecordedEvent, ServedStore } from '#store/event-store';
import { StreamNotFound } from '#store/event-store';
import type { EsdbStore } from '#store/esdb/esdb-store';
import type { Sql } from './database';
import { demandOwner, ownerStream, setHome } from './store-home';
import { ownSource } from './views/sources';

export type MoveParts = {
  /** Held by this process as its only writer, so that nobody adds to it meanwhile. */
  readonly from: ServedStore;
  readonly to: EsdbStore;
  readonly database: DataSource;
  readonly agency: Agency;
  readonly origin: string;
  readonly onProgress?: (what: 'copied' | 'compared', count: number) => void;
};

export type Moved = { readonly copied: number; readonly compared: number };

/** The two stores differ, or the target holds more than it should: nothing was switched. */
export class MoveFault extends Error {
  override readonly name = 'MoveFault';
}

const pageRows = 1_000;

/** @throws MoveFault, WrongHome, Unavailable; the service goes on with the old store in each case */
export async function moveStore(parts: MoveParts): Promise<Moved> {
  const { from, to, database, agency, origin } = parts;
  await demandOwner(to, agency, origin);
  const copied = await copy(parts, await resumeAfter(from, to));
  await database.query('drop table if exists log.moved');
  await database.query('create table log.moved (old bigint primary key, new bigint not null)');
  const compared = await compare(parts);
  await database.transaction(async (sql) => {
    await carryPositions(sql);
    await sql.query('drop table log.moved');
    await setHome(sql, 'eventstore');
  });
  return { copied, compared };
}

/** Position in the old store of the last event that the new one has already; 0 when it has none. */
async function resumeAfter(from: ServedStore, to: EsdbStore): Promise<bigint> {
  const head = await to.head();
  for await (const last of to.readAll(head === undefined ? {} : { from: head })) {
    if (last.stream === ownerStream) return 0n;
    const same = await eventAt(from, last);
    if (same === undefined) throw new MoveFault(`the new store ends with ${placeOf(last)}, which the old one has not`);
    demandSame(same, last);
    return same.position;
  }
  return 0n;
}

async function eventAt(store: ServedStore, { stream, revision }: RecordedEvent): Promise<RecordedEvent | undefined> {
  try {
    for await (const event of store.readStream(stream, { from: revision, limit: 1 })) return event;
  } catch (error) {
    if (!(error instanceof StreamNotFound)) throw error;
  }
  return undefined;
}

async function copy({ from, to, onProgress }: MoveParts, after: bigint): Promise<number> {
  let copied = 0;
  // Cut off between an append and its answer, it is repeated with the same ids and is the same append.
  for await (const count of appendAll(to, from.readAll({ from: after + 1n }))) {
    copied += count;
    onProgress?.('copied', copied);
  }
  return copied;
}

/** Compares every event of both stores, and notes where each of them stands now. */
async function compare({ from, to, database, onProgress }: MoveParts): Promise<number> {
  let compared = 0;
  let rows: { old: string; new: string }[] = [];
  const note = async () => {
    await database.query('insert into log.moved select * from unnest($1::bigint[], $2::bigint[])', [
      rows.map((row) => row.old),
      rows.map((row) => row.new),
    ]);
    rows = [];
    onProgress?.('compared', compared);
  };
  const copies = moved(to);
  try {
    for await (const event of from.readAll()) {
      const copied = await copies.next();
      if (copied.done) throw new MoveFault(`the new store ends before ${placeOf(event)}`);
      demandSame(event, copied.value);
      rows.push({ old: String(event.position), new: String(copied.value.position) });
      compared++;
      if (rows.length >= pageRows) await note();
    }
    const more = await copies.next();
    if (!more.done) throw new MoveFault(`the new store goes on with ${placeOf(more.value)}`);
  } finally {
    await copies.return();
  }
  await note();
  return compared;
}

async function* moved(to: EsdbStore): AsyncGenerator<RecordedEvent, void> {
  for await (const event of to.readAll()) if (event.stream !== ownerStream) yield event;
}

function demandSame(old: RecordedEvent, copied: RecordedEvent): void {
  if (contentOf(old) === contentOf(copied)) return;
  throw new MoveFault(
    `${placeOf(old)} differs in the new store, where ${placeOf(copied)} stands; give it an empty one`,
  );
}

function contentOf({ id, stream, revision, type, at, data, meta }: RecordedEvent): string {
  return `${id} ${stream} ${revision} ${type} ${at} ${canonicalize(data)} ${canonicalize(meta)}`;
}

function placeOf({ id, stream, revision }: RecordedEvent): string {
  return `event ${id} (${stream}, revision ${revision})`;
}

/**
 * Log, views and reactors remember how far they are by positions of the store: each gets that of the same event in the
 * new one, so none of them sees an event twice or misses one. Cursors of peers' logs are none of the store's.
 */
async function carryPositions(sql: Sql): Promise<void> {
  const own = `source = '${ownSource}'`;
  const carried: [table: string, where: string][] = [
    ['log.head', 'position is not null'],
    ['log.entry', 'true'],
    ['journal.head', 'position is not null'],
    ['journal.leaf', 'true'],
    ['views.cursor', own],
    ['views.reactor_cursor', own],
    ['views.parked', own],
  ];
  // A long history takes longer than a request may.
  await sql.query('set local statement_timeout = 0');
  for (const [table, where] of carried) {
    const rule = `${where} and position <> 0`;
    const [lost] = await sql.query(
      `select count(*)::int as count from ${table} as t
       where ${rule} and not exists (select from log.moved where old = t.position)`,
    );
    if (lost.count > 0) throw new MoveFault(`${lost.count} position(s) in ${table} are not those of a stored event`);
    // Through negative ones, because a new position may be the old one of another row, and rows are unique by it.
    await sql.query(`update ${table} set position = -moved.new from log.moved where ${rule} and position = moved.old`);
    await sql.query(`update ${table} set position = -position where position < 0`);
  }
}
