// A read model is a keyed fold: which rows an event touches, and what each row becomes. It has no database in it, so
// three agencies and an auditor can run the same function over the same logs and compare the results byte by byte.
import type { Published } from './envelope';

/** `text`, `integer` (safe integers), `json` (any JSON value, stored as jsonb), `texts` (array of text). */
export type ColumnType = 'text' | 'integer' | 'json' | 'texts';

export interface View<Row extends { readonly id: string }> {
  /** Noun; also the table's name, snake_case there. */
  readonly name: string;
  /** Raised with every change of columns or meaning: the new version is built beside the live one, then swapped. */
  readonly version: number;
  /** Every property of Row in camelCase, `id` included; the column is its snake_case. No column is null. */
  readonly columns: { readonly [K in keyof Row]-?: ColumnType };
  /** What follows `create index on <table>`, e.g. `(unit_id, due, id)` or `using gin (grams)`. */
  readonly indexes?: readonly string[];
  /** Each row comes from exactly one event, so nobody has to look whether it is there already. */
  readonly once?: true;
  /** Ids of the rows that the event touches; empty = none. */
  keys(event: Published): readonly string[];
  /**
   * The row after the event; undefined removes it. Events of one agency come in its log's order; events of different
   * agencies may interleave in any order, and the final row must not depend on it (contexts.md I7).
   */
  evolve(row: Row | undefined, event: Published, id: string): Row | undefined;
}

export type AnyView = View<any>;
