// Runs read models. One batch of events, one transaction: all rows that changed and all cursors, so that every event is
// applied exactly once however often the process dies. Durability may lag here (synchronous_commit off): what a crash
// loses is rows and cursor together, and the events are applied again.
import type { DataSource } from 'typeorm';
import type { AnyView } from '#kernel/view';
import type { Published } from '#kernel/envelope';
import type { Sql } from '../database';
import { followsParked, parkedStreams, parkIn } from './parking';
import type { Parked } from './parking';
import type { Batch, Delivered, Source } from './sources';
import { loadRows, storeRows, tableOf } from './table';
import type { Generation } from './table';

type Row = { readonly id: string };
type Change = {
  readonly view: AnyView;
  readonly rows: Map<string, Row | undefined>;
  readonly before: Map<string, Row>;
};

/** Advisory lock that keeps batches and the swap of a rebuilt view apart. */
export const swapLock = 7_301_001;

/** Another process moved the cursors: this one's picture is old. The loop starts again from the stored cursors. */
class CursorMoved extends Error {}

export class ViewSet {
  /** Least position per source that all views have passed. */
  readonly reached = new Map<string, bigint>();
  readonly caughtUp = new Set<string>();
  lastAt = '';
  private turn: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly database: DataSource,
    private readonly views: readonly AnyView[],
    private readonly generation: Generation,
    private readonly now: () => string,
    private readonly onApplied: (source: string, touched: readonly AnyView[]) => void = () => {},
  ) {}

  /** Follows a source until the signal aborts, or until `enough` says so after a batch. */
  async follow(source: Source, signal: AbortSignal, enough: (batch: Batch) => boolean = () => false): Promise<void> {
    while (!signal.aborted) {
      const cursors = await this.cursors(this.database, source.name);
      const parked = await parkedStreams(this.database, 'views', source.name);
      try {
        for await (const batch of source.follow(least(cursors), signal)) {
          // Sources interleave, but rows are shared: one transaction at a time.
          const applied = this.turn.then(() => this.apply(source.name, batch, cursors, parked));
          this.turn = applied.catch(() => {});
          await applied;
          if (batch.caughtUp) this.caughtUp.add(source.name);
          if (enough(batch)) return;
        }
        return;
      } catch (error) {
        if (!(error instanceof CursorMoved)) throw error;
      }
    }
  }

  /** Applies a batch inside a transaction of the caller (rebuild's last step). */
  async applyIn(sql: Sql, source: string, batch: Batch): Promise<void> {
    const cursors = await this.cursors(sql, source);
    await this.write(sql, source, batch, cursors, await parkedStreams(sql, 'views', source));
  }

  private async apply(source: string, batch: Batch, cursors: Map<string, bigint>, parked: Parked): Promise<void> {
    const last = batch.events.at(-1);
    if (!last) return;
    let touched: readonly AnyView[] = [];
    await this.database.transaction(async (sql) => {
      // Shared with other batches; a swap of generations takes it alone (rebuild.ts).
      await sql.query(`select set_config('synchronous_commit', 'off', true), pg_advisory_xact_lock_shared($1)`, [
        swapLock,
      ]);
      touched = await this.write(sql, source, batch, cursors, parked);
    });
    for (const view of this.views) cursors.set(view.name, larger(cursors.get(view.name) ?? 0n, last.position));
    this.reached.set(source, last.position);
    if (last.at > this.lastAt) this.lastAt = last.at;
    this.onApplied(source, touched);
  }

  private async write(sql: Sql, source: string, batch: Batch, cursors: Map<string, bigint>, parked: Parked) {
    const last = batch.events.at(-1);
    if (!last) return [];
    await this.moveCursors(sql, source, cursors, last.position);
    const usable: Delivered[] = [];
    for (const event of batch.events) {
      if (event.fault !== undefined || parked.holds(event)) {
        parked.add(event);
        await parkIn(sql, 'views', source, event, event.fault ?? followsParked, this.now());
      } else if (event.published) usable.push(event);
    }
    const changes: Change[] = [];
    for (const view of this.views) {
      const from = cursors.get(view.name) ?? 0n;
      const fresh = usable.filter((event) => event.position > from);
      const change = await this.fold(sql, view, fresh, source, parked);
      if (change.rows.size > 0) changes.push(change);
    }
    for (const change of changes) await this.store(sql, change);
    return changes.map((change) => change.view);
  }

  private async fold(sql: Sql, view: AnyView, events: readonly Delivered[], source: string, parked: Parked) {
    const keyed = events.map((event) => ({ event, ids: view.keys(event.published as Published) }));
    const before = await loadRows<Row>(sql, view, this.generation, [...new Set(keyed.flatMap(({ ids }) => ids))]);
    const rows = new Map<string, Row | undefined>();
    for (const { event, ids } of keyed) {
      if (parked.holds(event)) {
        await parkIn(sql, 'views', source, event, followsParked, this.now());
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
        parked.add(event);
        await parkIn(sql, 'views', source, event, `${view.name}: ${String(error)}`, this.now());
      }
    }
    return { view, rows, before };
  }

  private async store(sql: Sql, { view, rows, before }: Change): Promise<void> {
    const changed: Row[] = [];
    const removed: string[] = [];
    for (const [id, row] of rows) {
      if (row && row !== before.get(id)) changed.push(row);
      else if (!row && before.has(id)) removed.push(id);
    }
    await storeRows(sql, view, this.generation, changed, removed);
  }

  private async cursors(sql: Sql, source: string): Promise<Map<string, bigint>> {
    const rows: { view: string; position: string }[] = await sql.query(
      `select view, position from views.cursor where generation = $1 and source = $2 and view = any($3)`,
      [this.generation, source, this.views.map((view) => view.name)],
    );
    const cursors = new Map(this.views.map((view) => [view.name, 0n]));
    for (const row of rows) cursors.set(row.view, BigInt(row.position));
    this.reached.set(source, least(cursors));
    return cursors;
  }

  private async moveCursors(sql: Sql, source: string, cursors: Map<string, bigint>, to: bigint): Promise<void> {
    const names = [...cursors.keys()];
    const moved: unknown[] = await sql.query(
      `insert into views.cursor as c (view, generation, source, position)
         select view, $2, $3, greatest(old, $5::bigint) from unnest($1::text[], $4::bigint[]) as u(view, old)
       on conflict (view, generation, source) do update set position = excluded.position
         where c.position = ($4::bigint[])[array_position($1::text[], c.view)]
       returning view`,
      [names, this.generation, source, names.map((name) => String(cursors.get(name))), to.toString()],
    );
    if (moved.length !== names.length) throw new CursorMoved(`${tableOf(this.views[0] as AnyView)}: ${source}`);
  }
}

function least(cursors: Map<string, bigint>): bigint {
  return [...cursors.values()].reduce((a, b) => (b < a ? b : a));
}

function larger(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}
