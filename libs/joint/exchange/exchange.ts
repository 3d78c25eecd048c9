// 对账 (contexts.md F12): once a day each agency says what its ledger holds at stated sizes of the three logs; whoever holds
// as much folds the logs anew to those sizes and says whether he comes to the same.
import type { Decider } from '#kernel/decider';
import type { Apart, Summary } from './summary';

export type ExchangeEvent =
  | { type: 'TotalsPublished'; data: { day: string; version: number; sizes: Sizes } & Summary }
  | { type: 'TotalsCompared'; data: Compared };

export type ExchangeCommand =
  ({ type: 'PublishTotals'; version: number; sizes: Sizes } & Summary) | ({ type: 'CompareTotals' } & Compared);

/** `of` = id of the event by which totals were said; `apart` is empty when the two are the same. */
export type Compared = { readonly of: string; readonly apart: readonly Apart[] };

/** Entries of each log, by origin. */
export type Sizes = Readonly<Record<string, number>>;

/** `days` = the last ones whose totals were said. */
export type ExchangeState = { readonly days: readonly string[]; readonly compared: readonly string[] };

/** So many of the newest days and answers are remembered: asked twice, it is still one. */
const remembered = 100;

/** Aggregate id = the agency. */
export const exchange: Decider<ExchangeState, ExchangeCommand, ExchangeEvent> = {
  name: 'exchange',
  initial: { days: [], compared: [] },
  decide(command, { days, compared }, { today }) {
    switch (command.type) {
      case 'PublishTotals': {
        // A clock that is set back does not make a day come twice, and one that was ahead does not take days away.
        if (days.includes(today)) return [];
        const { version, sizes, states, groups } = command;
        return [{ type: 'TotalsPublished', data: { day: today, version, sizes, states, groups } }];
      }
      case 'CompareTotals': {
        const { type: _, ...data } = command;
        return compared.includes(data.of) ? [] : [{ type: 'TotalsCompared', data }];
      }
    }
  },
  evolve(state, event) {
    switch (event.type) {
      case 'TotalsPublished':
        return { ...state, days: [...state.days, event.data.day].slice(-remembered) };
      case 'TotalsCompared':
        return { ...state, compared: [...state.compared, event.data.of].slice(-remembered) };
    }
  },
};
