// Rows of read models that were touched lately. Only one loop writes a generation's rows, and its cursors tell at once
// when somebody else did; so what is kept here is what stands in the table, and most folds need no read.
import type { AnyView } from '#kernel/view';
import type { Sql } from '../database';
import { loadRows } from './table';
import type { Generation } from './table';

export type Row = { readonly id: string };

/** Rows per view; the oldest use goes first, but never those of the last two batches, which may not be stored yet. */
const most = 500;

export class RowCache {
  private readonly kept = new Map<string, Map<string, Row | undefined>>();
  private readonly last = new Map<string, number>();

  constructor(private readonly generation: Generation) {}

  /** The rows of these ids that exist. */
  async load(sql: Sql, view: AnyView, ids: readonly string[]): Promise<ReadonlyMap<string, Row>> {
    const found = new Map<string, Row>();
    if (view.once) return found;
    const kept = this.of(view);
    const missing = ids.filter((id) => !kept.has(id));
    for (const [id, row] of await loadRows<Row>(sql, view, this.generation, missing)) found.set(id, row);
    for (const id of ids) {
      const row = kept.get(id);
      if (row) found.set(id, row);
    }
    return found;
  }

  keep(view: AnyView, rows: ReadonlyMap<string, Row | undefined>): void {
    if (view.once) return;
    const kept = this.of(view);
    for (const [id, row] of rows) {
      kept.delete(id);
      kept.set(id, row);
    }
    const atLeast = (this.last.get(view.name) ?? 0) + rows.size;
    this.last.set(view.name, rows.size);
    for (const oldest of kept.keys()) {
      if (kept.size <= Math.max(most, atLeast)) return;
      kept.delete(oldest);
    }
  }

  clear(): void {
    this.kept.clear();
  }

  private of(view: AnyView): Map<string, Row | undefined> {
    const kept = this.kept.get(view.name) ?? new Map<string, Row | undefined>();
    this.kept.set(view.name, kept);
    return kept;
  }
}
