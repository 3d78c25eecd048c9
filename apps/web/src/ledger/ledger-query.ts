// The ledger's filters live in the address, so that a list can be linked, kept and sent to a colleague.
import { ledgerQuery, type LedgerQuery } from '#contracts/api';

type Name = keyof LedgerQuery;
const filterNames = ['round', 'unit', 'status', 'class', 'special', 'light', 'search'] as const;
const names: readonly Name[] = [...filterNames, 'sort', 'order'];

/** What an address asks for; values that the service would refuse are left out. */
export function queryOf(params: URLSearchParams): LedgerQuery {
  const asked: Partial<Record<Name, unknown>> = {};
  for (const name of names) {
    const value = params.get(name);
    if (value === null || value === '') continue;
    const checked = ledgerQuery.shape[name].safeParse(value);
    if (checked.success) asked[name] = checked.data;
  }
  return asked as LedgerQuery;
}

/** The query as it stands in an address, always in the same order. */
export function paramsOf(query: LedgerQuery): URLSearchParams {
  const params = new URLSearchParams();
  for (const name of names) {
    const value = query[name];
    if (value !== undefined && value !== '') params.set(name, String(value));
  }
  return params;
}

/** Address of the list behind a figure. */
export function ledgerPath(query: LedgerQuery): string {
  const params = paramsOf(query).toString();
  return params === '' ? '/ledger' : `/ledger?${params}`;
}

export function hasFilter(query: LedgerQuery): boolean {
  return filterNames.some((name) => query[name] !== undefined);
}

type Sort = NonNullable<LedgerQuery['sort']>;

/** First click sorts upwards, the second downwards, the third not at all. */
export function toggled(query: LedgerQuery, sort: Sort): LedgerQuery {
  const { sort: _sort, order: _order, ...rest } = query;
  if (query.sort !== sort) return { ...rest, sort, order: 'asc' };
  return query.order === 'desc' ? rest : { ...rest, sort, order: 'desc' };
}

/** Direction in which the list is sorted by this column at the moment. */
export function directionOf(query: LedgerQuery, sort: Sort): 'asc' | 'desc' | undefined {
  return query.sort === sort ? (query.order ?? 'asc') : undefined;
}
