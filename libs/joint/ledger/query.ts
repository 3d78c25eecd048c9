// From a ledger query to SQL: filters, Chinese search and keyset paging. Values only ever travel as parameters.
import { demand } from '#kernel/decider';
import type { CivilDate } from '#kernel/working-days';
import type { LedgerQuery } from '#contracts/api';
import { searchable } from './grams';
import type { LedgerRow } from './ledger';
import { dueWithin } from './lights';
import type { Condition, Seer } from './visible';
import { visibleTo } from './visible';

/** Counts are exact up to here; one more means "and more". */
export const countLimit = 1000;

/** 未完成: closed out and substantially done are counted apart, and all the others are open. */
export const openStatus = `status not in ('closedOut', 'substantiallyDone')`;

type Sort = NonNullable<LedgerQuery['sort']>;
type Order = NonNullable<LedgerQuery['order']>;
type Column = 'due' | 'unit_id' | 'id';
const sortColumns: Readonly<Record<Sort, Column>> = { due: 'due', unit: 'unit_id', number: 'id' };

class Conditions {
  private readonly terms: string[];
  readonly parameters: unknown[];

  constructor({ where, parameters }: Condition) {
    this.terms = [where];
    this.parameters = [...parameters];
  }

  /** `?` in the term stands for the next value. */
  add(term: string, ...values: unknown[]): void {
    let next = this.parameters.length;
    this.terms.push(term.replace(/\?/g, () => `$${++next}`));
    this.parameters.push(...values);
  }

  get where(): string {
    return this.terms.join(' and ');
  }
}

/** What of the ledger is asked for, by whom and when. */
export type Asked = {
  readonly query: LedgerQuery;
  readonly seer: Seer;
  readonly today: CivilDate;
  /** Words of one or two characters that stand on a good part of all lines. */
  readonly common: ReadonlySet<string>;
};

/** What of the ledger the person sees and the query asks for, without paging: the condition of list and count. */
export function filtered(asked: Asked): Condition {
  const { where, parameters } = conditionsOf(asked);
  return { where, parameters };
}

/** @param cursor stands for the bound of the due date that it lies within */
function conditionsOf({ query, seer, today, common }: Asked, cursor?: Cursor): Conditions {
  const conditions = new Conditions(visibleTo(seer));
  const { round, unit, status, special, light, search } = query;
  if (round !== undefined) conditions.add('round_id = ?', round);
  if (unit !== undefined) conditions.add('unit_id = ?', unit);
  if (status === 'open') conditions.add(openStatus);
  else if (status !== undefined) conditions.add('status = ?', status);
  if (query.class !== undefined) conditions.add('class = ?', query.class);
  if (special !== undefined) conditions.add('special = ?', special);
  const due = light && dueWithin(light, today);
  // What is closed out has no light; PostgreSQL would look through all of it to find that out.
  if (due) conditions.add(status === 'closedOut' ? 'false' : `status <> 'closedOut'`);
  addBounds(conditions, due, cursor);
  if (search) addSearch(conditions, searchable(search), common);
  return conditions;
}

type Cursor = { readonly column: Column; readonly order: Order; readonly value: string; readonly id: string };

/**
 * Each end of the due dates is bounded once. Of two bounds at one end PostgreSQL would begin its walk of the index at
 * either, and walk all the way from the first line of a light to the page that is asked for.
 */
function addBounds(conditions: Conditions, due: { from: string; to: string } | undefined, cursor?: Cursor): void {
  const up = cursor?.order === 'asc';
  const within = cursor?.column === 'due' && due && (up ? cursor.value >= due.from : cursor.value <= due.to);
  if (due && !(within && up)) conditions.add('due >= ?', due.from);
  if (due && !(within && !up)) conditions.add('due <= ?', due.to);
  if (!cursor || (cursor.column === 'due' && due && !within)) return;
  const { column, value, id } = cursor;
  const sign = up ? '>' : '<';
  if (column === 'id') conditions.add(`id ${sign} ?`, id);
  else conditions.add(`(${column}, id) ${sign} (?, ?)`, value, id);
}

/**
 * Every word must occur. Words of one or two characters go by the index of pairs, longer ones by trigrams. A line says
 * sooner by its words than by its many pairs that it is not meant, and where a word is common a walk of the lines is
 * over before the index has gathered all that bear it.
 */
function addSearch(conditions: Conditions, search: string, common: ReadonlySet<string>): void {
  for (const word of search.split(/\s+/).filter((each) => each !== '')) {
    const pattern = `%${word.replace(/[\\%_]/g, (special) => `\\${special}`)}%`;
    conditions.add('words like ?', pattern);
    if ([...word].length <= 2 && !common.has(word)) conditions.add('grams @> array[?::text]', word);
  }
}

export type Paged = Condition & {
  /** `order by … limit …`: one row more than asked for, to know whether there is a next page. */
  readonly tail: string;
  /** Its `order by …` alone. */
  readonly order: string;
  readonly limit: number;
};

/** @throws Refused `input.cursor` for a cursor that this query did not hand out */
export function paged(asked: Asked): Paged {
  const { sort = 'due', order = 'asc', cursor, limit = 50 } = asked.query;
  const column = sortColumns[sort];
  const after = cursor === undefined ? undefined : { column, order, ...readCursor(cursor, sort, order) };
  const by = `order by ${column === 'id' ? '' : `${column} ${order}, `}id ${order}`;
  const { where, parameters } = conditionsOf(asked, after);
  return { where, parameters, limit, order: by, tail: `${by} limit ${limit + 1}` };
}

/** Opaque to clients; holds sort, order and the last row's key. */
export function cursorAfter(row: Pick<LedgerRow, 'due' | 'unitId' | 'id'>, query: LedgerQuery): string {
  const { sort = 'due', order = 'asc' } = query;
  const value = { due: row.due, unit: row.unitId, number: row.id }[sort];
  return Buffer.from(JSON.stringify([sort, order, value, row.id])).toString('base64url');
}

function readCursor(cursor: string, sort: Sort, order: Order): { value: string; id: string } {
  const parts = partsOf(cursor);
  const valid = parts.length === 4 && parts.every((part) => typeof part === 'string');
  demand(valid && parts[0] === sort && parts[1] === order, 'input.cursor');
  return { value: String(parts[2]), id: String(parts[3]) };
}

function partsOf(cursor: string): readonly unknown[] {
  try {
    const parts: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    return Array.isArray(parts) ? parts : [];
  } catch {
    // Anything may stand in a query string; what cannot be read has no parts and is refused above.
    return [];
  }
}
