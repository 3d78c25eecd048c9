// Builds a read model anew beside the live one and swaps them in one transaction. Readers see the old one until then.
// A rebuilt view must equal the live one byte for byte at the same cursors; if not, the code or a row was changed.
import type { DataSource } from 'typeorm';
import type { AnyView } from '#kernel/view';
import type { Sql } from '../database';
import type { Batch, Source } from './sources';
import { createIndexes, createTable, digestOf, tableOf } from './table';
import { swapLock, ViewSet } from './view-set';

/** Of one build at a time, within the server's process. */
const indexMemory = '128MB';

export type Rebuilt = {
  readonly view: string;
  readonly rows: number;
  readonly digest: string;
  readonly equal: boolean | undefined;
};

type Alone = (swap: () => Promise<Rebuilt>) => Promise<Rebuilt>;
type Finish = {
  readonly database: DataSource;
  readonly view: AnyView;
  readonly sources: readonly Source[];
  readonly set: ViewSet;
  /** Against the live one. */
  readonly comparable: boolean;
  readonly signal: AbortSignal;
  readonly alone: Alone;
};

/**
 * Several read models in one pass over the events, which costs little more than one of them; swapped one by one.
 * @param alone runs a swap while nobody in this process folds events into the table that goes
 * @returns `equal` false when the live rows were not what the events say (the rebuilt ones are live now); undefined
 *   when there was no live generation of this version to compare with.
 */
export async function rebuildAll(
  database: DataSource,
  views: readonly AnyView[],
  sources: readonly Source[],
  now: () => string,
  signal: AbortSignal,
  alone: Alone = (swap) => swap(),
): Promise<Rebuilt[]> {
  const live = new Map<AnyView, boolean>();
  for (const view of views) {
    live.set(view, (await liveVersion(database, view)) === view.version);
    await database.transaction(async (sql) => {
      await createTable(sql, view, 'next');
      await sql.query(`delete from views.cursor where view = $1 and generation = 'next'`, [view.name]);
    });
  }
  for (const comparable of [true, false]) {
    const group = views.filter((view) => live.get(view) === comparable);
    if (group.length > 0) await fill(database, group, sources, comparable, now, signal);
  }
  const rebuilt: Rebuilt[] = [];
  for (const view of views) {
    const set = new ViewSet(database, [view], 'next', now);
    rebuilt.push(await finish({ database, view, sources, set, comparable: live.get(view) === true, signal, alone }));
  }
  return rebuilt;
}

/** Folds the events into the next generation: up to where the live one stands, or up to the end. */
async function fill(
  database: DataSource,
  views: readonly AnyView[],
  sources: readonly Source[],
  comparable: boolean,
  now: () => string,
  signal: AbortSignal,
): Promise<void> {
  const set = new ViewSet(database, views, 'next', now);
  const goals = await Promise.all(views.map((view) => cursorsOf(database, view, 'live')));
  for (const source of sources) {
    const least = goals.map((goal) => goal.get(source.name) ?? 0n).reduce((a, b) => (a < b ? a : b));
    if (comparable) await upTo(set, source, least, signal);
    else await set.follow(source, signal, (batch) => batch.caughtUp);
  }
}

async function finish(parts: Finish): Promise<Rebuilt> {
  const { database, view, alone } = parts;
  // Before the swap, which nobody may have to wait for longer than for its last events.
  await database.transaction(async (sql) => {
    // The pool's statement timeout is for people's queries, not for work that grows with the history.
    await sql.query('set local statement_timeout = 0');
    await sql.query(`set local maintenance_work_mem = '${indexMemory}'`);
    await createIndexes(sql, view, 'next');
  });
  return alone(() => database.transaction((sql) => swap(sql, parts)));
}

export async function liveVersion(sql: Sql, view: AnyView): Promise<number | undefined> {
  const rows: { version: number }[] = await sql.query('select version from views.live where view = $1', [view.name]);
  return rows[0]?.version;
}

/** The live generation stands still while the last events are applied and the tables change places. */
async function swap(sql: Sql, { database, view, sources, set, comparable, signal }: Finish): Promise<Rebuilt> {
  await sql.query('set local statement_timeout = 0');
  await sql.query('select pg_advisory_xact_lock($1)', [swapLock]);
  let live: Promise<string> | undefined;
  if (comparable) {
    const goals = await cursorsOf(sql, view, 'live');
    const built = await cursorsOf(sql, view, 'next');
    for (const source of sources) {
      const goal = goals.get(source.name) ?? 0n;
      for await (const batch of between(source, built.get(source.name) ?? 0n, goal, signal)) {
        await set.applyIn(sql, source.name, batch);
      }
    }
    // Beside the other one, on a connection of its own: the lock is held, so that nothing moves there.
    live = database.transaction(async (beside) => {
      await beside.query('set local statement_timeout = 0');
      return digestOf(beside, view, 'live');
    });
  }
  const [digest, digestBefore] = await Promise.all([digestOf(sql, view, 'next'), live]);
  const equal = comparable ? digest === digestBefore : undefined;
  const [table, next] = [tableOf(view, 'live'), tableOf(view, 'next')];
  await sql.query(`drop table if exists ${table}`);
  await sql.query(`alter table ${next} rename to ${table.slice(table.indexOf('.') + 1)}`);
  await sql.query(`delete from views.cursor where view = $1 and generation = 'live'`, [view.name]);
  await sql.query(`update views.cursor set generation = 'live' where view = $1 and generation = 'next'`, [view.name]);
  await sql.query(
    'insert into views.live (view, version) values ($1, $2) on conflict (view) do update set version = excluded.version',
    [view.name, view.version],
  );
  const counted: { rows: string }[] = await sql.query(`select count(*) as rows from ${table}`);
  return { view: view.name, rows: Number(counted[0]?.rows), digest, equal };
}

async function upTo(set: ViewSet, source: Source, goal: bigint, signal: AbortSignal): Promise<void> {
  if (goal === 0n) return;
  const bounded: Source = { name: source.name, follow: (after) => between(source, after, goal, signal) };
  await set.follow(bounded, signal, () => false);
}

/** Batches of events after one position, up to and including another, or up to the end where events were taken away. */
async function* between(source: Source, after: bigint, goal: bigint, signal: AbortSignal): AsyncIterable<Batch> {
  if (after >= goal) return;
  for await (const batch of source.follow(after, signal)) {
    const events = batch.events.filter((event) => event.position <= goal);
    const last = batch.events.at(-1);
    const done = batch.caughtUp || (last !== undefined && last.position >= goal);
    if (events.length > 0) yield { events, caughtUp: done };
    if (done) return;
  }
}

async function cursorsOf(sql: Sql, view: AnyView, generation: 'live' | 'next'): Promise<Map<string, bigint>> {
  const rows: { source: string; position: string }[] = await sql.query(
    'select source, position from views.cursor where view = $1 and generation = $2',
    [view.name, generation],
  );
  return new Map(rows.map((row) => [row.source, BigInt(row.position)]));
}
