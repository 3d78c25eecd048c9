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
const sortColumns: Readonly<Record<Sort, 'due' | 'unit_id' | 'id'>> = { due: 'due', unit: 'unit_id', number: 'id' };

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

/** What of the ledger the person sees and the query asks for, without paging: the condition of list and count. */
export function filtered(query: LedgerQuery, seer: Seer, today: CivilDate): Condition {
  const conditions = new Conditions(visibleTo(seer));
  const { round, unit, status, special, light, search } = query;
  if (round !== undefined) conditions.add('round_id = ?', round);
  if (unit !== undefined) conditions.add('unit_id = ?', unit);
  if (status === 'open') conditions.add(openStatus);
  else if (status !== undefined) conditions.add('status = ?', status);
  if (query.class !== undefined) conditions.add('class = ?', query.class);
  if (special !== undefined) conditions.add('special = ?', special);
  if (light !== undefined) {
    const { from, to } = dueWithin(light, today);
    conditions.add(`status <> 'closedOut' and due >= ? and due <= ?`, from, to);
  }
  if (search) addSearch(conditions, searchable(search));
  return { where: conditions.where, parameters: conditions.parameters };
}

/** Every word must occur. Words of one or two characters go by the index of pairs, longer ones by trigrams. */
function addSearch(conditions: Conditions, search: string): void {
  for (const word of search.split(/\s+/).filter((each) => each !== '')) {
    const pattern = `%${word.replace(/[\\%_]/g, (special) => `\\${special}`)}%`;
    if ([...word].length <= 2) conditions.add('grams @> array[?::text] and words like ?', word, pattern);
    else conditions.add('words like ?', pattern);
  }
}

export type Paged = Condition & {
  /** `order by … limit …`: one row more than asked for, to know whether there is a next page. */
  readonly tail: string;
  readonly limit: number;
};

/** @throws Refused `input.cursor` for a cursor that this query did not hand out */
export function paged(condition: Condition, query: LedgerQuery): Paged {
  const { sort = 'due', order = 'asc', cursor, limit = 50 } = query;
  const conditions = new Conditions(condition);
  const column = sortColumns[sort];
  if (cursor !== undefined) {
    const after = readCursor(cursor, sort, order);
    const sign = order === 'asc' ? '>' : '<';
    if (column === 'id') conditions.add(`id ${sign} ?`, after.id);
    else conditions.add(`(${column}, id) ${sign} (?, ?)`, after.value, after.id);
  }
  const by = column === 'id' ? `id ${order}` : `${column} ${order}, id ${order}`;
  const { where, parameters } = conditions;
  return { where, parameters, limit, tail: `order by ${by} limit ${limit + 1}` };
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
