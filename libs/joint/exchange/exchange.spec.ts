// 对账: an agency says once a day what its ledger holds; whoever folds the logs anew comes to the same, or names the first
// record that differs; the board is the same in whatever order things arrive.
import fc from 'fast-check';
import { fold } from '#kernel/decider';
import type { Given } from '#kernel/decider';
import type { Agency, Entry, Published } from '#kernel/envelope';
import { history } from '#testing/given';
import { LogWriter, tell } from '#testing/joint-logs';
import { Recount } from '../history/totals';
import { ledger } from '../ledger/ledger';
import type { LedgerRow } from '../ledger/ledger';
import { alarmsOf } from './apart';
import { exchange } from './exchange';
import type { ExchangeCommand, ExchangeEvent } from './exchange';
import { newestOf, statedTotals } from './exchange.views';
import type { StatedTotals } from './exchange.views';
import { apartOf, summaryOf } from './summary';

const writer = new LogWriter();
for (let n = 1; n <= 40; n++) {
  const outcomes = n % 3 === 0 ? (['accepted'] as const) : (['open'] as const);
  tell(writer, `f1-${String(n).padStart(4, '0')}`, { special: 'none', steps: n % 3 === 0 ? 4 : 2, outcomes });
}
const logs = writer.logs();
function recounted(change: (entry: Entry) => Entry = (entry) => entry): Recount {
  const recount = new Recount();
  for (const [agency, events] of Object.entries(logs) as [Agency, readonly Published[]][]) {
    events.forEach(({ id, type, stream, at, actor, data }, index) => {
      const entry: Entry = { v: 1, id, type, stream, revision: 0, at, actor, data, seen: {}, commit: '0'.repeat(64) };
      recount.take(agency, { origin: `${agency}.example/v1`, index, hash: '' }, change(entry));
    });
  }
  return recount;
}
const rows = [...recounted().rows.values()];
const changed = (id: string, change: Partial<LedgerRow>) =>
  rows.map((row) => (row.id === id ? { ...row, ...change } : row));

describe('the summary of a ledger', () => {
  it('is the same for the same issues, whatever their order', () =>
    fc.assert(
      fc.property(fc.shuffledSubarray(rows, { minLength: rows.length }), (shuffled) => {
        expect(summaryOf(shuffled)).toEqual(summaryOf(rows));
        expect(apartOf(summaryOf(shuffled), recounted())).toBeUndefined();
      }),
      { numRuns: 20 },
    ));

  it.each<[string, Partial<LedgerRow>]>([
    ['its state', { status: 'closedOut' }],
    ['its time limit', { due: '2031-01-01' }],
    ['its number', { number: '九(九)9' }],
    ['its evidence', { evidence: 99 }],
    ['its closing date', { closedOn: '2031-01-01' }],
  ])('does not hide that one issue says something else of %s, and leads to its newest record', (_what, change) => {
    const apart = apartOf(summaryOf(changed('f1-0017', change)), recounted());
    const last = recounted().last.get('f1-0017');
    expect(apart).toEqual({
      ...{ issueId: 'f1-0017', number: expect.any(String) },
      ...{ origin: last?.origin, index: last?.index },
    });
  });

  it('leads to an issue that was left out, and says so when no log tells of what was put in', () => {
    expect(apartOf(summaryOf(rows.filter(({ id }) => id !== 'f1-0003')), recounted())).toMatchObject({
      issueId: 'f1-0003',
    });
    const invented = { ...(rows[0] as LedgerRow), id: 'invented-7' };
    const apart = apartOf(summaryOf([...rows, invented]), recounted());
    expect(apart).toBeDefined();
  });

  it('does not let two changes hide behind equal counts', () => {
    const swapped = rows.map((row): LedgerRow => {
      if (row.id === 'f1-0003') return { ...row, status: 'rectifying' };
      return row.id === 'f1-0004' ? { ...row, status: 'closedOut' } : row;
    });
    expect(apartOf(summaryOf(swapped), recounted())).toMatchObject({ issueId: expect.stringMatching(/f1-000[34]/) });
  });
});

const system = (today: string): Given => ({
  by: { agency: 'commission', id: 'system-publishTotals', name: '系统', role: 'system' },
  at: `${today}T01:00:00.000Z`,
  today,
});
const summary = summaryOf(rows);
const sizes = { 'commission.example/v1': 3 };
const publish: ExchangeCommand = { type: 'PublishTotals', version: ledger.version, sizes, ...summary };
const published = (day: string): ExchangeEvent => ({
  type: 'TotalsPublished',
  data: { day, version: ledger.version, sizes, ...summary },
});

describe('the exchange', () => {
  it('says the totals of a day once', () => {
    history(exchange).when(publish, system('2026-12-01')).then(published('2026-12-01'));
    history(exchange, published('2026-12-01')).when(publish, system('2026-12-01')).then();
    history(exchange, published('2026-12-01')).when(publish, system('2026-12-02')).then(published('2026-12-02'));
  });
  it('says each day once, also when the clock was ahead and goes back', () => {
    const ahead = [published('2026-12-01'), published('2026-12-04')];
    history(exchange, ...ahead)
      .when(publish, system('2026-12-01'))
      .then();
    history(exchange, ...ahead)
      .when(publish, system('2026-12-02'))
      .then(published('2026-12-02'));
    history(exchange, ...ahead, published('2026-12-02'))
      .when(publish, system('2026-12-04'))
      .then();
  });
  it('answers once to each of what the others say', () => {
    const answer: ExchangeCommand = { type: 'CompareTotals', of: 'x', apart: [] };
    const answered: ExchangeEvent = { type: 'TotalsCompared', data: { of: 'x', apart: [] } };
    history(exchange).when(answer, system('2026-12-01')).then(answered);
    history(exchange, answered).when(answer, system('2026-12-01')).then();
    expect(fold(exchange, [answered, answered]).compared).toContain('x');
  });
});

describe('the board', () => {
  const said = new LogWriter();
  said.add('commission.totals-published.v1', { day: '2026-12-01', version: 1, sizes, ...summary });
  const [of] = said.logs().commission as [Published];
  said.add('organization.totals-compared.v1', { of: of.id, apart: [] });
  said.add('inspection.totals-compared.v1', { of: of.id, apart: [{ issueId: 'f1-0003', number: '一1' }] });
  said.add('organization.totals-published.v1', { day: '2026-12-01', version: 1, sizes, ...summary });
  const all = Object.values(said.logs()).flat();
  const board = (events: readonly Published[]) => {
    const held = new Map<string, StatedTotals>();
    for (const event of events) {
      for (const id of statedTotals.keys(event)) held.set(id, statedTotals.evolve(held.get(id), event, id)!);
    }
    return [...held.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
  };

  it('is the same in whatever order the logs arrive', () =>
    fc.assert(
      fc.property(fc.shuffledSubarray(all, { minLength: all.length }), (shuffled) => {
        expect(board(shuffled)).toEqual(board(all));
      }),
    ));

  it('sounds an alarm for the newest totals that somebody came to otherwise, and no other', () => {
    const [alarm, ...more] = alarmsOf(newestOf(board(all)));
    expect(more).toEqual([]);
    expect(alarm?.sentence).toMatch(/^对账不符：.*2026-12-01公布的总数，.*首个涉及问题一1/);
    const next = new LogWriter();
    next.add('commission.totals-published.v1', { day: '2026-12-02', version: 1, sizes, ...summary });
    const newer = { ...(next.logs().commission[0] as Published), id: 'ffffffff-0000-4000-8000-000000000000' };
    expect(alarmsOf(newestOf(board([...all, newer])))).toEqual([]);
  });

  it('does not count what an agency answers to itself', () => {
    const own = {
      ...(all[1] as Published),
      agency: 'commission',
      type: 'commission.totals-compared.v1',
      data: { of: of.id, apart: [{}] },
    };
    expect(alarmsOf(newestOf(board([of, own as Published])))).toEqual([]);
  });
});
