// When totals are said and compared: by what is stored, whatever others have put there.
import type { DutyGiven } from '#chassis/duties';
import { ledger } from '../ledger/ledger';
import { comparing, publishTotals } from './exchange.duties';
import type { StatedTotals } from './exchange.views';

const held = [
  { agency: 'commission', origin: 'c', size: 5 },
  { agency: 'organization', origin: 'o', size: 5 },
] as const;
const said = (id: string, day: string, sizes: Record<string, number>): StatedTotals => ({
  ...{ id, agency: 'organization', day, at: `${day}T01:00:00.000Z`, ledger: ledger.version, sizes },
  ...{ states: {}, groups: {}, answers: {} },
});

/** Reads of a commission that holds five entries of each log; the rows are answered in the order that is asked for. */
function given(rows: readonly StatedTotals[], entries: readonly object[] = []) {
  const asked: { type: string; of?: string }[] = [];
  let folds = 0;
  const reads = {
    rows: (_view: unknown, where: string, [agency]: string[], tail = '') => {
      const limit = Number(/limit (\d+)/.exec(tail)?.[1] ?? rows.length);
      const found = rows.filter((row) => (where.includes('day = $2') ? false : row.agency === agency));
      return Promise.resolve([...found].sort((a, b) => (a.day < b.day ? 1 : -1)).slice(0, limit));
    },
    someWithSizes: () => Promise.resolve({ sizes: {}, rows: [] }),
    parked: () => Promise.resolve(0),
    async *entries(origin: string) {
      if (origin === 'c') folds++;
      yield origin === 'c' ? entries : [];
    },
  };
  const ask = (_decider: unknown, _id: string, command: { type: string }) => Promise.resolve(asked.push(command));
  const parts = { agency: 'commission', today: '2026-12-01', reads, logs: () => held, ask };
  return { parts: parts as unknown as DutyGiven, asked, folds: () => folds };
}

describe('the comparison of totals', () => {
  it('is not kept waiting by totals at sizes that nobody can hold', async () => {
    const far = Array.from({ length: 20 }, (_, n) =>
      said(`far-${n}`, `2026-11-${String(n + 1).padStart(2, '0')}`, { c: 999 }),
    );
    const { parts, asked } = given([...far, said('fair', '2026-12-01', { c: 5, o: 5 })]);
    await comparing().look(parts);
    expect(asked).toEqual([{ type: 'CompareTotals', of: 'fair', apart: [] }]);
  });

  it('waits for the sizes, and names of an unknown log are never held', async () => {
    const { parts, asked } = given([said('a', '2026-12-01', { c: 6 }), said('b', '2026-12-01', { x: 1 })]);
    await comparing().look(parts);
    expect(asked).toEqual([]);
  });

  it('does not read again and again what it cannot judge', async () => {
    const entry = { v: 1, id: 'e', type: 'commission.of-tomorrow.v1', stream: 's-1', at: '', actor: {}, data: {} };
    const page = [{ index: 0, hash: '', bytes: Buffer.from(JSON.stringify(entry)) }];
    const { parts, asked, folds } = given([said('a', '2026-12-01', { c: 1 })], page);
    const duty = comparing();
    await duty.look(parts);
    await duty.look(parts);
    expect([asked, folds()]).toEqual([[], 1]);
  });
});

it('an agency without an issue says no totals', async () => {
  const { parts, asked } = given([]);
  await publishTotals.look(parts);
  expect(asked).toEqual([]);
});
