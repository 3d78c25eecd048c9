// What the agencies have said of their totals and of each other's, as a board of three; and what of it they publish.
import type { Agency } from '#kernel/envelope';
import { agencies } from '#kernel/envelope';
import type { Publishing } from '#kernel/reactor';
import type { View } from '#kernel/view';
import { shown } from '../shown';
import type { Shown } from '../shown';
import { exchange } from './exchange';
import type { Sizes } from './exchange';
import type { Apart, Summary } from './summary';

export type StatedTotals = {
  /** Of the event by which they were said. */
  readonly id: string;
  /** Empty while only an answer to it has arrived. */
  readonly agency: Agency | '';
  readonly day: string;
  readonly at: string;
  /** Of the read model that was counted. */
  readonly ledger: number;
  readonly sizes: Sizes;
  readonly states: Summary['states'];
  readonly groups: Summary['groups'];
  /** What each of the others came to: nothing, or the first record that differs. */
  readonly answers: Readonly<Partial<Record<Agency, readonly Apart[]>>>;
};

const unsaid = { agency: '', day: '', at: '', ledger: 0, sizes: {}, states: {}, groups: {}, answers: {} } as const;

export const statedTotals: View<StatedTotals> = {
  name: 'statedTotals',
  version: 1,
  columns: {
    id: 'text',
    agency: 'text',
    day: 'text',
    at: 'text',
    ledger: 'integer',
    sizes: 'json',
    states: 'json',
    groups: 'json',
    answers: 'json',
  },
  indexes: ['(agency, day)'],
  keys(event) {
    const known = shown(event);
    if (!known) return [];
    const said = saidOf(known);
    return said ? [said.kind === 'totals' ? known.id : said.data.of] : [];
  },
  evolve(row, event, id) {
    const known = shown(event) as Shown;
    const said = saidOf(known);
    const before: StatedTotals = row ?? { id, ...unsaid };
    if (!said) return row;
    if (said.kind === 'totals') {
      const { version, ...data } = said.data;
      return { ...before, agency: known.agency, at: known.at, ledger: version, ...data };
    }
    // What an agency answered to its own is kept as well, because it may arrive before them; nobody shows it.
    return { ...before, answers: { ...before.answers, [known.agency]: said.data.apart } };
  },
};

function saidOf(event: Shown) {
  switch (event.type) {
    case 'commission.totals-published.v1':
    case 'organization.totals-published.v1':
    case 'inspection.totals-published.v1':
      return { kind: 'totals', data: event.data } as const;
    case 'commission.totals-compared.v1':
    case 'organization.totals-compared.v1':
    case 'inspection.totals-compared.v1':
      return { kind: 'answer', data: event.data } as const;
    default:
      return undefined;
  }
}

export const exchangePublishing: Publishing = {
  decider: exchange.name,
  map: {
    TotalsPublished: ({ actor, data }) => ({ type: `${actor.agency}.totals-published.v1`, data }),
    TotalsCompared: ({ actor, data }) => ({ type: `${actor.agency}.totals-compared.v1`, data }),
  },
};

/** The newest of each agency, in the order of the agencies. */
export function newestOf(rows: readonly StatedTotals[]): StatedTotals[] {
  return agencies.flatMap((agency) => {
    const own = rows.filter((row) => row.agency === agency).sort((a, b) => (a.day < b.day ? -1 : 1));
    return own.slice(-1);
  });
}
