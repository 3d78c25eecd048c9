// Runs read models. One batch of events, one statement: all rows that changed and all cursors, so that every event is
// applied exactly once however often the process dies. Durability may lag here (synchronous_commit off): what a crash
// loses is rows and cursor together, and the events are applied again. Rows kept in memory may be such lost ones: so a
// batch is written only if every source still stands where this process left it, not only the batch's own. In a long
// stretch a batch is folded while the one before is being written: it rests on rows that are not stored yet, and falls
// with them.
import type { DataSource } from 'typeorm';
import type { AnyView } from '#kernel/view';
import type { Published } from '#kernel/envelope';
import { outOfReach } from '#store/pg/faults';
import type { Sql } from '../database';
import { cursorMove, stillStand } from './cursors';
import type { Bind } from './cursors';
import { followsParked, parkedEvent, parkedStreams, parkingOf } from './parking';
import type { Parked, ParkedEvent } from './parking';
import { RowCache } from './row-cache';
import type { Row } from './row-cache';
import type { Batch, Delivered, Source } from './sources';
import { writesOf } from './table';
import type { Generation } from './table';

/** Advisory lock that keeps batches and the swap of a rebuilt view apart. */
export const swapLock = 7_301_001;

type Change = { readonly view: AnyView; readonly rows: ReadonlyMap<string, Row | undefined> };
type Folded = { readonly changes: readonly Change[]; readonly parking: readonly ParkedEvent[] };
type Statement = { readonly text: string; readonly parameters: unknown[] };

/** SQLSTATE that views.demand raises. */
const moved = '40001';

export class ViewSet {
  /** Least position per source that all views have passed. */
  readonly reached = new Map<string, bigint>();
  readonly caughtUp = new Set<string>();
  lastAt = '';
  private readonly rows: RowCache;
  private turn: Promise<unknown> = Promise.resolve();
  /** Settled when no statement is on its way; there is at most one. */
  private writing: Promise<void> = Promise.resolve();
  /** Where the first view stands, for each source: the rows kept in memory stand for exactly this. */
  private readonly stood = new Map<string, bigint>();
  private certain = new AbortController();

  constructor(
    private readonly database: DataSource,
    private readonly views: readonly AnyView[],
    private readonly generation: Generation,
    private readonly now: () => string,
    private readonly onApplied: (source: string, touched: readonly AnyView[]) => void = () => {},
  ) {
    this.rows = new RowCache(generation);
  }

  /**
   * Follows a source until the signal aborts, or until `enough` says so after a batch.
   * @param working told after each batch
   */
  async follow(
    source: Source,
    signal: AbortSignal,
    enough: (batch: Batch) => boolean = () => false,
    working: () => void = () => {},
  ): Promise<void> {
    while (!signal.aborted) {
      const certain = this.certain.signal;
      const going = AbortSignal.any([signal, certain]);
      try {
        // What was sent before this process began to doubt may still be stored.
        await this.writing;
        const cursors = await this.cursors(this.database, source.name);
        const parked = await parkedStreams(this.database, 'views', source.name);
        // A batch whose answer was lost may be stored all the same, and nobody was told of it.
        this.onApplied(source.name, this.views);
        let stored: Promise<void> | undefined;
        for await (const batch of source.follow(least(cursors), going)) {
          // Sources interleave, but rows are shared: one batch at a time.
          const sent = this.turn.then(() => this.apply(source.name, batch, cursors, parked, certain));
          this.turn = sent.catch(() => {});
          stored = (await sent)?.stored ?? stored;
          const done = enough(batch);
          if (batch.caughtUp || done) await stored;
          if (batch.caughtUp && !certain.aborted) this.caughtUp.add(source.name);
          working();
          if (done) return;
        }
        await stored;
        if (!going.aborted) return;
      } catch (error) {
        // Another process, or a swap, moved the cursors: begin again from where they stand now.
        const wasMoved = (error as { code?: unknown }).code === moved;
        if (wasMoved || outOfReach(error)) this.doubt();
        if (!wasMoved) throw error;
      }
    }
  }

  /**
   * The database may not hold any more what this process believes: all sources begin again from what it does hold, also
   * those without news, whose last batches would else stay lost until their next event.
   */
  doubt(): void {
    this.rows.clear();
    this.stood.clear();
    this.caughtUp.clear();
    this.certain.abort();
    this.certain = new AbortController();
  }

  /** Swaps the table: no batch may be under way that was folded on its old rows, and none of them is kept. */
  alone<T>(swap: () => Promise<T>): Promise<T> {
    const mine = this.turn.then(() => this.writing).then(swap);
    this.turn = mine.catch(() => undefined).then(() => this.rows.clear());
    return mine;
  }

  /** Applies a batch inside a transaction of the caller (rebuild's last step). */
  async applyIn(sql: Sql, source: string, batch: Batch): Promise<void> {
    const cursors = await this.cursors(sql, source);
    const folded = await this.fold(sql, batch.events, cursors, await parkedStreams(sql, 'views', source));
    await this.write(sql, this.statement(source, batch, cursors, folded));
    this.keep(source, batch, cursors, folded);
  }

  private keep(source: string, { events }: Batch, cursors: Map<string, bigint>, { changes }: Folded): void {
    for (const { view, rows } of changes) this.rows.keep(view, rows);
    const last = events.at(-1)?.position ?? 0n;
    for (const view of this.views) cursors.set(view.name, larger(cursors.get(view.name) ?? 0n, last));
    this.noteStand(source, cursors);
  }

  /** Folds a batch while the one before is being written, and sends it then; `certain` ends what it rests on. */
  private async apply(
    source: string,
    batch: Batch,
    cursors: Map<string, bigint>,
    parked: Parked,
    certain: AbortSignal,
  ): Promise<{ readonly stored: Promise<void> } | undefined> {
    const last = batch.events.at(-1);
    if (!last || certain.aborted) return undefined;
    const folded = await this.fold(this.database, batch.events, cursors, parked);
    if (certain.aborted) return undefined;
    const statement = this.statement(source, batch, cursors, folded);
    this.keep(source, batch, cursors, folded);
    await this.writing;
    if (certain.aborted) return undefined;
    const touched = folded.changes.map(({ view }) => view);
    const stored = this.write(this.database, statement).then(
      () => {
        this.reached.set(source, last.position);
        if (last.at > this.lastAt) this.lastAt = last.at;
        this.onApplied(source, touched);
      },
      (error: unknown) => {
        // Rows kept of this batch, and what was folded on top of them, are not what the database holds.
        this.doubt();
        throw error;
      },
    );
    this.writing = stored.catch(() => undefined);
    return { stored };
  }

  /** Rows that changed, all cursors, and what is set aside. */
  private statement(
    source: string,
    batch: Batch,
    cursors: Map<string, bigint>,
    { changes, parking }: Folded,
  ): Statement {
    const { generation } = this;
    const stood = [...this.stood].filter(([name]) => name !== source);
    const parameters: unknown[] = [];
    const bind: Bind = (value) => `$${parameters.push(value)}`;
    const writes = [cursorMove({ source, cursors, to: batch.events.at(-1)?.position ?? 0n, generation }, bind)];
    for (const { view, rows } of changes) {
      const removed = [...rows].flatMap(([id, row]) => (row ? [] : [id]));
      const changed = [...rows.values()].filter((row) => row !== undefined);
      writes.push(...writesOf(view, generation, changed, removed, bind));
    }
    if (parking.length > 0) writes.push(parkingOf(`'views'`, bind(source), bind(JSON.stringify(parking))));
    const parts = writes.map((write, n) => `write${n} as (${write} returning 1)`);
    const still = stillStand({ view: this.views[0]?.name, stood, generation }, bind);
    // The lock is shared with other batches; a swap of generations takes it alone (rebuild.ts).
    const text = `with setting as materialized (
         select set_config('synchronous_commit', 'off', true), pg_advisory_xact_lock_shared(${swapLock})
       ), ${parts.join(', ')}
       select views.demand(
         (select count(*) from write0) = ${bind(cursors.size)} and ${still}, 'cursors moved')`;
    return { text, parameters };
  }

  private async write(sql: Sql, { text, parameters }: Statement): Promise<void> {
    await sql.query(text, parameters);
  }

  /** What the batch makes of the rows; an event that cannot be used is set aside, and its stream with it. */
  private async fold(
    sql: Sql,
    events: readonly Delivered[],
    cursors: Map<string, bigint>,
    parked: Parked,
  ): Promise<Folded> {
    const parking: ParkedEvent[] = [];
    const park = (event: Delivered, reason: string): void => {
      parked.add(event);
      parking.push(parkedEvent(event, reason, this.now()));
    };
    const usable = events.filter((event) => {
      if (event.fault === undefined && !parked.holds(event)) return event.published !== undefined;
      park(event, event.fault ?? followsParked);
      return false;
    });
    const changes: Change[] = [];
    for (const view of this.views) {
      const fresh = usable.filter((event) => event.position > (cursors.get(view.name) ?? 0n));
      const rows = await this.foldView(sql, view, fresh, parked, park);
      if (rows.size > 0) changes.push({ view, rows });
    }
    return { changes, parking };
  }

  private async foldView(
    sql: Sql,
    view: AnyView,
    events: readonly Delivered[],
    parked: Parked,
    park: (event: Delivered, reason: string) => void,
  ): Promise<Map<string, Row | undefined>> {
    const keyed = events.map((event) => ({ event, ids: view.keys(event.published as Published) }));
    const before = await this.rows.load(sql, view, [...new Set(keyed.flatMap(({ ids }) => ids))]);
    const rows = new Map<string, Row | undefined>();
    for (const { event, ids } of keyed) {
      if (parked.holds(event)) {
        park(event, followsParked);
        continue;
      }
      try {
        const next = ids.map((id) => {
          const row = rows.has(id) ? rows.get(id) : before.get(id);
          return [id, view.evolve(row, event.published as Published, id) as Row | undefined] as const;
        });
        for (const [id, row] of next) rows.set(id, row);
      } catch (error) {
        // One poisoned stream must not stop the others (trust.md 3.4): it is set aside with its reason, not skipped.
        park(event, `${view.name}: ${String(error)}`);
      }
    }
    for (const [id, row] of rows) if (row === before.get(id)) rows.delete(id);
    return rows;
  }

  private async cursors(sql: Sql, source: string): Promise<Map<string, bigint>> {
    const rows: { view: string; position: string }[] = await sql.query(
      `select view, position from views.cursor where generation = $1 and source = $2 and view = any($3)`,
      [this.generation, source, this.views.map((view) => view.name)],
    );
    const cursors = new Map(this.views.map((view) => [view.name, 0n]));
    for (const row of rows) cursors.set(row.view, BigInt(row.position));
    this.noteStand(source, cursors);
    this.reached.set(source, least(cursors));
    return cursors;
  }

  private noteStand(source: string, cursors: ReadonlyMap<string, bigint>): void {
    // All views move in one statement, so that one of them tells for all.
    const [first] = this.views;
    if (first) this.stood.set(source, cursors.get(first.name) ?? 0n);
  }
}

function least(cursors: Map<string, bigint>): bigint {
  return [...cursors.values()].reduce((a, b) => (b < a ? b : a));
}

function larger(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}
