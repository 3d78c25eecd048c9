// What the agencies say of their ledgers and of each other's (contexts.md F12), for officers.
import { Controller, Get } from '@nestjs/common';
import { agencies } from '#kernel/envelope';
import type { ExchangedTotals, StatedTotalsLine } from '#contracts/history';
import { paths } from '#contracts/api';
import type { Alarm } from '#contracts/witnesses';
import { Reads } from '#chassis/reads';
import { May } from '#chassis/route';
import type { Slice } from '#chassis/slice';
import { alarmsOf } from './apart';
import { comparing, publishTotals } from './exchange.duties';
import { exchangePublishing, newestOf, statedTotals } from './exchange.views';
import type { StatedTotals } from './exchange.views';

/** Days that the board looks back. */
const shownDays = 30;

@Controller(paths.exchangedTotals)
export class ExchangeApi {
  constructor(private readonly reads: Reads) {}

  @Get()
  @May('reconciliation.read')
  async totals(): Promise<ExchangedTotals> {
    const rows = await this.reads.rows(statedTotals, `agency <> ''`, [], `order by day desc limit ${3 * shownDays}`);
    const differing = rows.filter(isApart);
    return {
      newest: newestOf(rows).map(lineOf),
      apart: differing.map(lineOf),
      days: new Set(rows.map(({ day }) => day)).size,
    };
  }
}

function isApart({ answers }: StatedTotals): boolean {
  return Object.values(answers).some(({ length }) => length > 0);
}

function lineOf({ id, agency, day, at, sizes, states, answers }: StatedTotals): StatedTotalsLine {
  if (agency === '') throw new Error(`nobody has said the totals ${id}`);
  const others = agencies.filter((other) => other !== agency);
  return {
    ...{ id, agency, day, at, sizes, states },
    answers: others.map((by) => ({ by, ...(answers[by] && { apart: answers[by] }) })),
  };
}

/** For every page of this agency. */
export async function apartAlarms(reads: Reads): Promise<Alarm[]> {
  const last = `select distinct on (agency) id from ${reads.table(statedTotals)}
    where agency <> '' order by agency, day desc`;
  const newest = await reads.rows(statedTotals, `id in (${last})`);
  return alarmsOf(newestOf(newest));
}

export const exchangeSlice: Slice = {
  name: 'exchange',
  api: [ExchangeApi],
  publishing: [exchangePublishing],
  views: [statedTotals],
  duties: [publishTotals, comparing()],
};
