import type { Agency, Entry, Published } from '#kernel/envelope';
import { LogWriter, tell } from '#testing/joint-logs';
import { ledger } from '../ledger/ledger';
import type { LedgerRow } from '../ledger/ledger';
import { Recount, totalsOf } from './totals';

const writer = new LogWriter();
tell(writer, 'f1-0001', { special: 'none', steps: 4, outcomes: ['returned', 'accepted'] });
tell(writer, 'f1-0002', { special: 'none', steps: 2, outcomes: ['open'] });
tell(writer, 'f1-0003', { special: 'none', steps: 4, outcomes: ['substantiallyDone'] });
const logs = writer.logs();
const entryOf = ({ id, type, stream, at, actor, data }: Published): Entry => {
  return { ...{ v: 1, id, type, stream, revision: 0, at, actor, data, seen: {} }, commit: '0'.repeat(64) };
};
function recounted(change: (entry: Entry, agency: Agency) => Entry = (entry) => entry): Recount {
  const recount = new Recount();
  for (const [agency, events] of Object.entries(logs) as [Agency, readonly Published[]][]) {
    events.forEach((event, index) => {
      recount.take(agency, { origin: `${agency}.example/v1`, index, hash: '' }, change(entryOf(event), agency));
    });
  }
  return recount;
}
const rows: LedgerRow[] = ['f1-0001', 'f1-0002', 'f1-0003'].map((id) => {
  const all = Object.values(logs).flat();
  const events = all.filter((event) => ledger.keys(event).includes(id)).sort((a, b) => (a.at < b.at ? -1 : 1));
  return events.reduce<LedgerRow | undefined>((row, event) => ledger.evolve(row, event, id), undefined)!;
});
const changed = (id: string, change: Partial<LedgerRow>) =>
  rows.map((row) => (row.id === id ? { ...row, ...change } : row));

describe('the totals of the board', () => {
  it('are the same by state when the ledger is what the three logs say', () => {
    const { states, differences, first, setAside } = totalsOf(rows, recounted());
    expect({ differences, first, setAside }).toEqual({ differences: 0, first: undefined, setAside: 0 });
    expect(states.every((state) => state.ledger === state.logs)).toBe(true);
    expect(states.filter((state) => state.logs > 0).map(({ status, logs: count }) => [status, count])).toEqual([
      ['rectifying', 1],
      ['substantiallyDone', 1],
      ['closedOut', 1],
    ]);
  });

  it('name the first issue whose line says something else, what it says, and the record that it should follow', () => {
    const { states, differences, first } = totalsOf(changed('f1-0001', { status: 'rectifying' }), recounted());
    expect(states.find(({ status }) => status === 'closedOut')).toMatchObject({ ledger: 0, logs: 1 });
    const index = logs.inspection.findIndex(({ type }) => type === 'inspection.issue-closed-out.v1');
    expect(differences).toBe(1);
    expect(first).toMatchObject({
      ...{ issueId: 'f1-0001', field: '状态', ledger: '整改中', logs: '已销号' },
      ...{ agency: 'inspection', origin: 'inspection.example/v1', index },
    });
  });

  it('find what no total shows: a date, a count', () => {
    const { states, first } = totalsOf(changed('f1-0002', { due: '2099-01-01' }), recounted());
    expect(states.every((state) => state.ledger === state.logs)).toBe(true);
    expect(first).toMatchObject({ issueId: 'f1-0002', field: '时限', ledger: '2099-01-01' });
  });

  it('find an issue that is missing in the ledger, and one that no log tells of', () => {
    const without = totalsOf(rows.slice(1), recounted());
    expect(without.first).toMatchObject({ issueId: 'f1-0001', field: '登记', ledger: '没有', logs: '有' });
    const more = totalsOf([...rows, { ...rows[0]!, id: 'f9-0001', number: '九' }], recounted());
    expect(more.first).toEqual({ issueId: 'f9-0001', number: '九', field: '登记', ledger: '有', logs: '没有' });
  });

  it('set aside what this version cannot read, with the rest of its stream, and say how many', () => {
    const stream = logs.inspection[0]!.stream;
    const ofStream = logs.inspection.filter((event) => event.stream === stream).length;
    const { id } = logs.inspection[0]!;
    const strange = recounted((entry) => (entry.id === id ? { ...entry, type: 'inspection.unheard-of.v1' } : entry));
    expect(totalsOf(rows, strange).setAside).toBe(ofStream);
  });
});
