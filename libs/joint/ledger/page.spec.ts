import type { Published } from '#kernel/envelope';
import type { LedgerRow } from './ledger';
import { ledger } from './ledger';
import type { Story } from '#testing/joint-logs';
import { LogWriter, tell } from '#testing/joint-logs';
import type { PageParts } from './page';
import { pageOf } from './page';
import type { TimelineRow } from './timeline';
import { timeline } from './timeline';
import type { Reach } from './witnessed';

const all = { reach: () => reachOf(1000, 1000), since: '2025-03-03T00:01:00Z', peers: [] };

function pageAfter(story: Story, changes: Partial<PageParts> = {}) {
  const writer = new LogWriter();
  tell(writer, 'f1-0001', story);
  const events = Object.values(writer.logs())
    .flat()
    .sort((a, b) => (a.at < b.at ? -1 : 1));
  const row = events.reduce<LedgerRow | undefined>((each, event) => ledger.evolve(each, event, 'f1-0001'), undefined);
  const entries = events.map((event: Published) => timeline.evolve(undefined, event, event.id) as TimelineRow);
  const addresses = new Map(events.map(({ id, origin }, index) => [id, { origin, index }]));
  return pageOf({
    row: row as PageParts['row'],
    roundName: '第三轮',
    today: '2025-06-01',
    timeline: entries,
    addresses,
    standing: all,
    held: new Set(),
    unpublished: {},
    revision: 3,
    actions: [],
    ...changes,
  });
}
function reachOf(one: number, other: number): Reach {
  const by = [
    { agency: 'commission' as const, name: 'c', size: one },
    { agency: 'organization' as const, name: 'o', size: other },
  ];
  return { witnessed: Math.max(one, other), final: Math.min(one, other), by };
}
const signing: Story = { special: 'none', steps: 3, outcomes: [] };
const requested: Story = { special: 'none', steps: 4, outcomes: ['open'] };

describe('问题页', () => {
  it('shows every signature that is needed, outstanding ones without a name', () => {
    expect(pageAfter(signing).signatures.map(({ roleLabel, who }) => [roleLabel, who])).toEqual([
      ['责任人、联络员', ''],
      ['牵头领导', ''],
      ['党组织书记', ''],
    ]);
    expect(pageAfter(requested).signatures.map(({ roleLabel, who }) => [roleLabel, who])).toEqual([
      ['责任人', '李某'],
      ['牵头领导', '钱某'],
      ['党组织书记', '赵某'],
    ]);
  });
  it('keeps the signatures of a request that came back beside its words and the verdict', () => {
    const { signatures, closeOut } = pageAfter({ ...requested, outcomes: ['returned'] });
    expect(signatures.map(({ who }) => who)).toEqual(['李某', '钱某', '赵某']);
    expect(closeOut).toMatchObject({ attempt: 1, result: '制度已修订', verdict: { kind: 'returned' } });
    expect(closeOut?.verdict).toMatchObject({ agency: 'commission', words: expect.stringMatching(/./) });
  });
  it('shows the signatures of the next request once its words are prepared, and no verdict', () => {
    const closeOut = { attempt: 2, result: '再改', causeRemoved: '已除', generalisation: '已查' };
    const page = pageAfter({ ...requested, outcomes: ['returned'] }, { unpublished: { closeOut } });
    expect(page.signatures.every(({ who }) => who === '')).toBe(true);
    expect(page.closeOut).not.toHaveProperty('verdict');
  });
  it('tells the verdict on the request shown, not that on an earlier one', () => {
    expect(pageAfter(requested).closeOut).not.toHaveProperty('verdict');
    expect(pageAfter({ ...requested, outcomes: ['returned', 'open'] }).closeOut).not.toHaveProperty('verdict');
    const done = pageAfter({ ...requested, outcomes: ['substantiallyDone'] });
    expect(done.closeOut?.verdict).toMatchObject({ kind: 'substantiallyDone' });
  });
  it('shows the statement that was requested, or the one still in signing', () => {
    expect(pageAfter(requested).closeOut).toMatchObject({ attempt: 1, result: '制度已修订' });
    const closeOut = { attempt: 2, result: '再改', causeRemoved: '已除', generalisation: '已查' };
    expect(pageAfter({ ...requested, outcomes: ['returned'] }, { unpublished: { closeOut } }).closeOut).toEqual(
      closeOut,
    );
  });
  it('shows a claim as signed only when it is', () => {
    const claim = { leadLeader: '钱某', department: '办公室', person: '李某', signed: false };
    expect(pageAfter({ ...signing, steps: 0 }, { unpublished: { claim } }).claim?.signed).toBe(false);
    expect(pageAfter(signing).claim?.signed).toBe(true);
  });
  it('says which evidence this agency holds', () => {
    expect(pageAfter(signing).evidence[0]?.held).toBe(false);
    expect(pageAfter(signing, { held: new Set(['b'.repeat(64)]) }).evidence[0]?.held).toBe(true);
  });
  it('names the person whose verdict the service registered', () => {
    const entries = pageAfter({ ...requested, outcomes: ['accepted'] }).timeline;
    expect(entries.at(-1)).toMatchObject({ label: '登记销号', who: '监督检查室 陈某' });
    expect(entries[0]).toMatchObject({ label: '登记问题', words: '一(一)1 理论学习不够深入' });
  });
});

describe('见证', () => {
  const standing = (one: number, other: number) => ({ ...all, reach: () => reachOf(one, other) });
  it('shows of each event how far the others stand by it, and of the line that of the least', () => {
    const { timeline: entries, line } = pageAfter(signing, { standing: standing(2, 1) });
    expect(entries.map(({ witness }) => witness)).toEqual(['final', 'witnessed', 'recorded', 'recorded']);
    expect(line.witness).toBe('recorded');
    expect(pageAfter(signing).line.witness).toBe('final');
  });
  it('counts an event that is in no log yet as recorded', () => {
    const { timeline: entries } = pageAfter(signing, { addresses: new Map() });
    expect(entries[0]).toMatchObject({ witness: 'recorded' });
    expect(entries[0]).not.toHaveProperty('index');
  });
});
