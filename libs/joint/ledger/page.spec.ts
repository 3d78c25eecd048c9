import type { Published } from '#kernel/envelope';
import type { LedgerRow } from './ledger';
import { ledger } from './ledger';
import type { Story } from '#testing/joint-logs';
import { LogWriter, tell } from '#testing/joint-logs';
import type { PageParts } from './page';
import { pageOf } from './page';
import type { TimelineRow } from './timeline';
import { timeline } from './timeline';

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
    held: new Set(),
    unpublished: {},
    revision: 3,
    actions: [],
    ...changes,
  });
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

describe('核验', () => {
  it('speaks of what this agency checked, since when, and of no witness', () =>
    expect(pageAfter(signing).verification).toMatchObject({
      state: 'ok',
      sentence: '此记录自2025-03-03 08:00起未被改动，本机构已按签名日志核验4条。',
    }));
  it('waits for what is not in a log yet', () => {
    const { verification, timeline: entries } = pageAfter(signing, { addresses: new Map() });
    expect(verification).toMatchObject({ state: 'partial', checked: 0, waiting: 4 });
    expect(verification.sentence).toContain('4条正在写入日志');
    expect(entries[0]).not.toHaveProperty('index');
  });
  it('never claims that what was written is true', () =>
    expect(pageAfter(signing).verification.how).toContain('不说明所写内容属实'));
});
