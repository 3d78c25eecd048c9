import fc from 'fast-check';
import { canonicalize } from '#kernel/canonical-json';
import type { Published } from '#kernel/envelope';
import type { AnyView } from '#kernel/view';
import type { LedgerRow } from './ledger';
import { ledger, tracksOf } from './ledger';
import type { Logs, Story } from '#testing/joint-logs';
import { anyLogs, interleaved, LogWriter, registration, tell } from '#testing/joint-logs';
import { rounds } from './rounds';
import { timeline } from './timeline';

class Table {
  readonly rows = new Map<string, any>();
  constructor(private readonly view: AnyView) {}
  apply(event: Published): void {
    for (const id of this.view.keys(event)) {
      const row = this.view.evolve(this.rows.get(id), event, id);
      // Rows go through JSON, as they do in a database.
      if (row) this.rows.set(id, JSON.parse(JSON.stringify(row)));
      else this.rows.delete(id);
    }
  }
  bytes(): string {
    return canonicalize(Object.fromEntries([...this.rows].sort(([a], [b]) => (a < b ? -1 : 1))));
  }
}

const tableOf = (view: AnyView, events: readonly Published[]): Table => {
  const table = new Table(view);
  events.forEach((event) => table.apply(event));
  return table;
};
const inOrder = (logs: Logs) =>
  Object.values(logs)
    .flat()
    .sort((a, b) => (a.at < b.at ? -1 : 1));
const rowAfter = (story: Story): LedgerRow => {
  const writer = new LogWriter();
  tell(writer, 'f1-0001', story);
  return tableOf(ledger, inOrder(writer.logs())).rows.get('f1-0001') as LedgerRow;
};

describe('three agencies fed the same three logs (I7)', () => {
  it.each([ledger, rounds, timeline])('hold byte-equal rows of $name, whatever the order of arrival', (view) => {
    fc.assert(
      fc.property(
        anyLogs.chain((logs) => fc.tuple(interleaved(logs), interleaved(logs))),
        ([here, there]) => expect(tableOf(view, here).bytes()).toBe(tableOf(view, there).bytes()),
      ),
      { numRuns: 150 },
    );
  });

  it('count closed out + substantially done + open = all, at every position (I2)', () => {
    fc.assert(
      fc.property(anyLogs.chain(interleaved), (events) => {
        const table = new Table(ledger);
        let registered = 0;
        for (const event of events) {
          table.apply(event);
          if (event.type === 'inspection.issue-registered.v1') registered += 1;
          const known = [...table.rows.values()].filter((row: LedgerRow) => row.known === 1) as LedgerRow[];
          const count = (status: LedgerRow['status']) => known.filter((row) => row.status === status).length;
          const open = known.filter(({ status }) => status !== 'closedOut' && status !== 'substantiallyDone').length;
          expect(count('closedOut') + count('substantiallyDone') + open).toBe(registered);
        }
      }),
      { numRuns: 100 },
    );
  });

  it('do not count an issue of which only a verifier has spoken so far', () => {
    const writer = new LogWriter();
    writer.add('commission.close-out-accepted.v1', { issueId: 'f1-0001', attempt: 1, method: 'document', note: '' });
    const row = tableOf(ledger, inOrder(writer.logs())).rows.get('f1-0001') as LedgerRow;
    expect(row).toMatchObject({ known: 0, number: '' });
  });

  it('learn nothing from a log that speaks for another agency', () => {
    const writer = new LogWriter();
    writer.add('inspection.issue-registered.v1', registration);
    const [event] = writer.logs().inspection;
    expect(ledger.keys({ ...event!, agency: 'commission' })).toEqual([]);
    expect(timeline.keys({ ...event!, agency: 'commission' })).toEqual([]);
  });
});

describe('a ledger line', () => {
  it('keeps number and words of the feedback, and is found by one, two or more characters', () => {
    const row = rowAfter({ special: 'none', steps: 0, outcomes: [] });
    expect(row).toMatchObject({
      number: '一(一)1',
      title: '理论学习不够深入',
      unitName: '县教育局党组',
      due: '2025-09-03',
    });
    expect(row.grams).toEqual(expect.arrayContaining(['学', '学习', '教育']));
    expect(row.words).toContain('计划未落实');
  });

  it.each<[string, Story, Partial<LedgerRow>]>([
    ['registered', { special: 'none', steps: 0, outcomes: [] }, { measures: 0 }],
    ['claimed', { special: 'none', steps: 1, outcomes: [] }, { leadLeader: '钱某', department: '办公室' }],
    ['rectifying', { special: 'none', steps: 3, outcomes: [] }, { measures: 1, evidence: 1 }],
    ['closeOutRequested', { special: 'none', steps: 4, outcomes: ['open'] }, { attempt: 1 }],
    ['rectifying', { special: 'none', steps: 4, outcomes: ['returned'] }, { returns: 1, attempt: 1 }],
    ['substantiallyDone', { special: 'none', steps: 4, outcomes: ['substantiallyDone'] }, { due: '2025-12-31' }],
    ['closedOut', { special: 'none', steps: 4, outcomes: ['returned', 'accepted'] }, { returns: 1, attempt: 2 }],
    ['closedOut', { special: 'selection', steps: 4, outcomes: ['accepted'] }, { verifier: 'organization' }],
  ])('%s', (status, story, expected) => expect(rowAfter(story)).toMatchObject({ status, ...expected }));

  it('shows the day of close-out in Shanghai', () =>
    expect(rowAfter({ special: 'none', steps: 4, outcomes: ['accepted'] }).closedOn).toMatch(/^2025-03-\d\d$/));
});

describe('the three tracks', () => {
  it.each<[Story['outcomes'], string, string]>([
    [['open'], 'reportedDone', 'waiting'],
    [['returned'], 'open', 'returned'],
    [['returned', 'open'], 'reportedDone', 'waiting'],
    [['substantiallyDone'], 'reportedDone', 'substantiallyDone'],
    [['accepted'], 'reportedDone', 'accepted'],
  ])('after %j: the unit says %s, the agency says %s, nobody has been on site', (outcomes, unit, agency) =>
    expect(tracksOf(rowAfter({ special: 'none', steps: 4, outcomes }))).toEqual({ unit, agency, site: 'notSampled' }),
  );
  it('before any request: open, none', () =>
    expect(tracksOf(rowAfter({ special: 'none', steps: 3, outcomes: [] }))).toMatchObject({
      unit: 'open',
      agency: 'none',
    }));
  it('the verdict shows before the office has registered it', () => {
    const writer = new LogWriter();
    tell(writer, 'f1-0001', { special: 'none', steps: 4, outcomes: ['accepted'] });
    const events = inOrder(writer.logs()).filter(({ type }) => type !== 'inspection.issue-closed-out.v1');
    const row = tableOf(ledger, events).rows.get('f1-0001') as LedgerRow;
    expect(row.status).toBe('closeOutRequested');
    expect(tracksOf(row).agency).toBe('accepted');
  });
});
