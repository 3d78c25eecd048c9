import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Entry, PlainEntry } from '#kernel/envelope';
import { LogWriter, registration, tell } from '#testing/joint-logs';
import type { Story } from '#testing/joint-logs';
import { writeSampleLog } from '#testing/sample-log';
import { cosignedNote, originOf, toldRegion } from '#testing/told-region';
import type { ToldOptions } from '#testing/told-region';
import { runAuditor } from './command';
import type { WhyResult } from './why';

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'sanfang-why-'))));
afterEach(() => rmSync(folder, { recursive: true }));

const closed: Story = { special: 'none', steps: 4, outcomes: ['returned', 'accepted'] };
const months = { months: 6 };
const ruleSet = {
  ...{ id: 'regulation-2024', version: 1, name: '六个月集中整改', source: '巡视工作条例(2024年修订)' },
  terms: { claim: months, plan: months, rectify: months, immediate: months },
};

/** A round, an issue that is returned once and then closed, and another one beside it. */
function history(): LogWriter {
  const writer = new LogWriter();
  const round = { roundId: 'r1', name: '第三轮', term: '十二届', year: 2025, tier: 'county', ruleSet } as const;
  writer.add('inspection.round-opened.v1', round, { role: 'inspectionOffice' });
  tell(writer, 'f1-0001', closed);
  tell(writer, 'f1-0002', { special: 'selection', steps: 4, outcomes: ['open'] });
  return writer;
}
function region(writer = history(), options: ToldOptions = {}): string {
  for (const [agency, log] of toldRegion(writer.logs(), options)) writeSampleLog(log, join(folder, agency));
  return folder;
}
async function run(...argv: string[]) {
  let [out, err] = ['', ''];
  const terminal = { out: (text: string) => void (out += text), err: (text: string) => void (err += text) };
  return { code: await runAuditor(argv, { ...terminal, isTerminal: false }), out, err };
}
const json = ({ out }: { out: string }) => JSON.parse(out) as WhyResult;
const eventOf = (result: WhyResult, type: string) => result.why!.events.find((event) => event.type === type)!;
const pretending = (type: string, pretend: (entry: Entry) => Partial<PlainEntry>): ToldOptions => ({
  change: (entry) => (entry.type === type ? ({ ...entry, ...pretend(entry) } as Entry) : entry),
});

describe('why an issue stands where it stands', () => {
  it('tells each event about it in causal order, by whom, and which rule let it pass', async () => {
    const result = json(await run('why', 'f1-0001', region(), '--json'));
    expect(result).toMatchObject({ ok: true, verdict: 'WHOLE', why: { issueId: 'f1-0001' } });
    const { events } = result.why!;
    expect(events.map(({ label }) => label)).toEqual([
      ...['登记问题', '认领', '制定整改措施', '上传佐证'],
      ...['签字确认', '签字确认', '签字确认', '申请销号', '签收销号申请', '退回', '登记退回'],
      ...['签字确认', '签字确认', '签字确认', '申请销号', '签收销号申请', '同意销号', '登记销号'],
    ]);
    const accepted = eventOf(result, 'commission.close-out-accepted.v1');
    expect(accepted).toMatchObject({
      ...{ agency: 'commission', actor: { name: '陈某', role: 'supervisionOffice' } },
      ground: { rule: 'verification.AcceptCloseOut', roleFits: true },
      address: { origin: originOf('commission'), index: 3 },
    });
    expect(accepted.ground!.conditions).toContain('核查人没有在单位一方签过字（回避）');
    expect(eventOf(result, 'inspection.issue-closed-out.v1')).toMatchObject({
      ...{ decidedBy: '监督检查室 陈某', ground: { rule: 'issue.RecordVerdict', roleFits: true } },
      cause: { origin: originOf('commission'), index: 3, hash: accepted.address.hash, label: '同意销号' },
    });
    expect(eventOf(result, 'inspection.issue-registered.v1').ground).toMatchObject({ article: ruleSet.source });
  });

  it('says in Chinese what people need, and finds an issue by its number however it is typed', async () => {
    const writer = history();
    tell(writer, 'f1-0003', { special: 'none', steps: 0, outcomes: [] });
    writer.add('inspection.issue-registered.v1', { ...registration, issueId: 'f1-0004', number: '二(一)1' });
    const { code, out } = await run('why', ' 二（一） 1', region(writer));
    expect(code).toBe(0);
    expect(out).toContain('问题 二(一)1 理论学习不够深入(县教育局党组),标识 f1-0004');
    expect(out).toContain('时限规则:六个月集中整改(regulation-2024 第 1 版)');
    expect(out).toMatch(/^1\. 2025-03-\d\d \d\d:00 巡视办 联络员 张某 登记问题:二\(一\)1/m);
    expect(out).toContain(
      '规则:issue.RegisterIssue(冻结后逐条登记问题),含义:问题列入台账;注意:按现行规则此角色无权办理',
    );
    expect(out).toMatch(/^WHOLE: /m);
  });

  it('lists the issues of one number and asks for an id; a name of no issue is wrong usage too', async () => {
    const several = await run('why', '一(一)1', region());
    expect(several).toMatchObject({ code: 2, out: '' });
    expect(several.err).toContain('f1-0001 一(一)1 理论学习不够深入(县教育局党组)');
    expect(several.err).toContain('f1-0002');
    expect(await run('why', '九九', folder)).toMatchObject({ code: 2, out: '' });
  });

  it('says what the author knew of the others, and what they had recorded without his knowing', async () => {
    const late = pretending('inspection.close-out-returned.v1', ({ seen }) => ({
      seen: { ...seen, [originOf('commission')]: 1 },
    }));
    const blind = pretending('commission.close-out-accepted.v1', () => ({ seen: { [originOf('inspection')]: 5 } }));
    const told = json(await run('why', 'f1-0001', region(history(), blind), '--json'));
    const [knew] = eventOf(told, 'commission.close-out-accepted.v1').knew.filter(
      ({ agency }) => agency === 'inspection',
    );
    expect(knew).toMatchObject({ size: 5, last: { index: 4, label: '上传佐证' } });
    expect(knew!.missed.map(({ label }) => label)).toEqual([
      ...['签字确认', '签字确认', '签字确认', '申请销号', '登记退回'],
      ...['签字确认', '签字确认', '签字确认', '申请销号'],
    ]);
    expect((await run('why', 'f1-0001', folder)).out).toContain('当时尚不知:巡视办日志 第 5 条 签字确认');
    // What it answers it has seen, whatever it says of sizes.
    const answer = json(await run('why', 'f1-0001', region(history(), late), '--json'));
    const returned = eventOf(answer, 'inspection.close-out-returned.v1');
    expect(returned.knew.find(({ agency }) => agency === 'commission')).toMatchObject({
      size: 1,
      last: { label: '退回' },
      missed: [],
    });
  });

  it('says who witnessed an entry when, by the earliest checkpoint that a mirror kept', async () => {
    region();
    const at = (size: number) => toldRegion(history().logs(), { sizes: { inspection: size } }).get('inspection')!;
    const target = join(folder, 'inspection');
    const files = new Map([
      ['checkpoint', cosignedNote(at(99), 1_743_000_000, 'commission')],
      ['witnessed/6', cosignedNote(at(6), 1_741_000_000, 'commission')],
      ['witnessed/12', cosignedNote(at(12), 1_742_000_000, 'commission', 'organization', 'inspection')],
    ]);
    writeSampleLog({ files }, target);
    const result = json(await run('why', 'f1-0001', folder, '--json'));
    const [registered, claimed] = result.why!.events;
    expect(registered!.witnessed).toEqual([
      { name: 'commission.example/witness/v1', agency: 'commission', at: '2025-03-03T11:06:40.000Z', size: 6 },
      { name: 'organization.example/witness/v1', agency: 'organization', at: '2025-03-15T00:53:20.000Z', size: 12 },
    ]);
    expect(claimed!.witnessed).toHaveLength(2);
    const last = result.why!.events.at(-1)!;
    expect(last.witnessed).toMatchObject([{ agency: 'commission', at: '2025-03-26T14:40:00.000Z' }]);
    const { out } = await run('why', 'f1-0001', folder);
    expect(out).toContain('见证:纪委监委不晚于 2025-03-03 19:06(前 6 条)、组织部不晚于 2025-03-15 08:53(前 12 条)');
    writeFileSync(
      join(target, 'witnessed/6'),
      readFileSync(join(target, 'witnessed/12')).toString('utf8').replace('\n12\n', '\n6\n'),
    );
    expect(await run('why', 'f1-0001', folder)).toMatchObject({ code: 1, out: '' });
    expect(await run('verify', target)).toMatchObject({ code: 1 });
  });

  it('shows nothing of a log that does not verify, and what is left without one agency as partial', async () => {
    region();
    const bundle = join(folder, 'commission/tile/entries/000.p/4');
    const bytes = readFileSync(bundle);
    writeFileSync(bundle, bytes.with(40, bytes[40]! ^ 1));
    const broken = await run('why', 'f1-0001', folder);
    expect(broken).toMatchObject({ code: 1, out: '', err: expect.stringContaining('第 0 条') });
    expect(json(await run('why', 'f1-0001', folder, '--json'))).not.toHaveProperty('why');
    rmSync(join(folder, 'commission'), { recursive: true });
    const two = json(await run('why', 'f1-0001', folder, '--json'));
    expect(two).toMatchObject({ verdict: 'PARTIAL', origin: 'commission' });
    expect(two.why!.events.every(({ agency }) => agency === 'inspection')).toBe(true);
  });

  it('finds an answer to something else, and two entries that claim to have seen one another', async () => {
    const wrong = pretending('inspection.issue-closed-out.v1', ({ cause }) => ({
      cause: { ...cause!, index: cause!.index - 1 },
    }));
    expect(json(await run('why', 'f1-0001', region(history(), wrong), '--json'))).toMatchObject({
      ...{ verdict: 'INVALID', origin: originOf('inspection'), index: 14 },
      what: expect.stringContaining('与该日志所载不符'),
    });
    const prophet = pretending('commission.close-out-returned.v1', ({ seen }) => ({
      seen: { ...seen, [originOf('inspection')]: 40 },
    }));
    const circle = json(await run('why', 'f1-0001', region(history(), prophet), '--json'));
    expect(circle).toMatchObject({ verdict: 'INVALID', what: expect.stringContaining('互称') });
  });

  it('lets no text of an entry steer the terminal, and sets aside what does not say when', async () => {
    const writer = history();
    writer.add('inspection.progress-reported.v1', { issueId: 'f1-0001', text: '已办\u001b[2J\n99. 伪造的一行' });
    const { out } = await run('why', 'f1-0001', region(writer));
    expect(out).not.toContain('\u001b');
    expect(out).not.toMatch(/^99\. /m);
    const timeless = pretending('inspection.progress-reported.v1', () => ({ at: '2025-13-40T00:00:00.000Z' }));
    expect(await run('why', 'f1-0001', region(writer, timeless))).toMatchObject({
      code: 1,
      err: expect.stringContaining('条目的时间'),
    });
  });
});
