import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Agency } from '#kernel/envelope';
import { LogWriter, tell } from '#testing/joint-logs';
import { writeSampleLog } from '#testing/sample-log';
import { originOf, toldRegion } from '#testing/told-region';
import type { ToldOptions } from '#testing/told-region';
import { runAuditor } from './command';
import type { DiffResult } from './diff';

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'sanfang-diff-'))));
afterEach(() => rmSync(folder, { recursive: true }));

/** Three issues: returned and asked for again, closed out, and one that is registered last. Times: 3 March 2025, hourly. */
function history(): LogWriter {
  const writer = new LogWriter();
  tell(writer, 'f1-0001', { special: 'none', steps: 4, outcomes: ['returned', 'open'] });
  tell(writer, 'f1-0002', { special: 'selection', steps: 4, outcomes: ['accepted'] });
  tell(writer, 'f1-0003', { special: 'none', steps: 1, outcomes: [] });
  return writer;
}
function region(name: string, sizes: ToldOptions['sizes'] = {}, change?: ToldOptions['change']): string {
  const logs = toldRegion(history().logs(), { sizes, ...(change && { change }) });
  for (const [agency, log] of logs) writeSampleLog(log, join(folder, name, agency));
  return join(folder, name);
}
async function run(...argv: string[]) {
  let [out, err] = ['', ''];
  const terminal = { out: (text: string) => void (out += text), err: (text: string) => void (err += text) };
  return { code: await runAuditor(argv, { ...terminal, isTerminal: false }), out, err };
}
const json = ({ out }: { out: string }) => JSON.parse(out) as DiffResult;
const figures = (result: DiffResult) =>
  Object.fromEntries(result.changes!.figures.map(({ name, then, now }) => [name, [then, now]]));
/** As far as the first return; of the organization nothing yet. */
const early = { inspection: 9, commission: 2, organization: 0 };

describe('the difference of two mirrors', () => {
  it('says which is the beginning of which, and what moved in the ledger by which entries', async () => {
    const [then, now] = [region('then', early), region('now')];
    const { code, out } = await run('diff', then, '--', now);
    expect(code).toBe(0);
    expect(out).toContain(
      `巡视办日志 ${originOf('inspection')}:前者是后者的开头,前 9 条相同,较长的一份有 24 条,多 15 条。`,
    );
    expect(out).toContain('新增问题 2 个,有变化的问题 1 个。');
    expect(out).toContain('一(一)1 理论学习不够深入(县教育局党组,f1-0002):新增,已销号(期限 2025-09-03)');
    const result = json(await run('diff', then, '--with', now, '--json'));
    expect(result).toMatchObject({ ok: true, verdict: 'WHOLE' });
    expect(figures(result)).toEqual({
      ...{ issues: [1, 3], registered: [0, 0], claimed: [0, 1], rectifying: [1, 0], closeOutRequested: [0, 1] },
      ...{ substantiallyDone: [0, 0], closedOut: [0, 1], measures: [1, 2], evidence: [1, 2], returns: [1, 1] },
    });
    for (const { then: was, now: is, why } of result.changes!.figures) {
      expect(why.reduce((sum, { by }) => sum + by, was)).toBe(is);
    }
    const [first] = result.changes!.issues;
    expect(first).toMatchObject({
      ...{ issueId: 'f1-0001', then: { status: 'rectifying' }, now: { status: 'closeOutRequested' } },
    });
    expect(first!.acts.at(-1)).toMatchObject({
      label: '申请销号',
      address: { origin: originOf('inspection'), index: 12 },
    });
    const closedOut = result.changes!.figures.find(({ name }) => name === 'closedOut')!;
    expect(closedOut.why).toMatchObject([
      { by: 1, label: '登记销号', address: { origin: originOf('inspection'), index: 21 } },
    ]);
    expect(out).toContain(`已销号 | 0 | 1 | +1 登记销号(${originOf('inspection')} 第 21 条)`);
    expect(out).toContain('完成率(已销号 ÷ 问题总数) | 0.00% | 33.33% | 0/1 → 1/3');
  });

  it('is the same the other way round, and nothing between equal ones', async () => {
    const [then, now] = [region('then', early), region('now')];
    const [forth, back] = [
      json(await run('diff', then, '--', now, '--json')),
      json(await run('diff', now, '--', then, '--json')),
    ];
    expect(back.changes).toEqual(forth.changes);
    expect(back.logs.map(({ longer }) => longer).sort()).toEqual(['first', 'first', 'neither']);
    const none = json(await run('diff', now, '--', now, '--json'));
    expect(none.changes!.issues).toEqual([]);
    expect(none.changes!.figures.flatMap(({ why }) => why)).toEqual([]);
  });

  it('names the first entry from which two histories part, and compares no ledger then', async () => {
    const other: ToldOptions['change'] = (entry, agency) =>
      agency === 'commission' && entry.type === 'commission.close-out-returned.v1'
        ? { ...entry, at: '2025-03-09T00:00:00.000Z' }
        : entry;
    const fork = await run('diff', region('one'), '--', region('other', {}, other), '--json');
    expect(fork).toMatchObject({ code: 4, err: expect.stringContaining('DIVERGED') });
    expect(json(fork)).toMatchObject({ verdict: 'DIVERGED', origin: originOf('commission'), index: 1 });
    expect(json(fork)).not.toHaveProperty('changes');
    // The others went on from an answer to that entry.
    expect((await run('diff', join(folder, 'one'), '--', join(folder, 'other'))).out).toContain('分叉,从第 1 条');
  });

  it('is partial where each is ahead somewhere, or a log stands on one side only', async () => {
    const [one, other] = [region('one', { commission: 1 }), region('other', { inspection: 9 })];
    const mixed = json(await run('diff', one, '--', other, '--json'));
    expect(mixed).toMatchObject({ verdict: 'PARTIAL', what: expect.stringContaining('互有先后') });
    const whole = json(
      await run('diff', region('then', { inspection: 9, commission: 1 }), '--', region('now'), '--json'),
    );
    expect(figures(mixed)).toEqual(figures(whole));
    rmSync(join(other, 'organization'), { recursive: true });
    expect(json(await run('diff', one, '--', other, '--json')).faults).toMatchObject(
      expect.arrayContaining([expect.objectContaining({ origin: originOf('organization'), verdict: 'PARTIAL' })]),
    );
  });

  it('shows nothing when a log of either side does not verify', async () => {
    const [one, other] = [region('one', early), region('other')];
    const bundle = join(other, 'inspection/tile/entries/000.p/24');
    const bytes = readFileSync(bundle);
    writeFileSync(bundle, bytes.with(900, bytes[900]! ^ 1));
    expect(await run('diff', one, '--', other)).toMatchObject({ code: 1, out: '' });
    expect(json(await run('diff', one, '--', other, '--json'))).not.toHaveProperty('changes');
  });
});

describe('the difference of two dates', () => {
  it('cuts each log at its last entry of that day in Beijing', async () => {
    const now = region('now');
    // 16:00 UTC is midnight in Beijing: entries of the first sixteen hours are of the third of March.
    const result = json(await run('diff', now, '--at', '2025-03-03', '--and', '2025-03-10', '--json'));
    expect(result).toMatchObject({ ok: true });
    const cut = (agency: Agency) => result.logs.find(({ origin }) => origin === originOf(agency));
    expect(cut('inspection')).toMatchObject({ then: 14, now: 24, longer: 'second' });
    const [then] = [region('then', { inspection: 14, commission: 2, organization: 0 })];
    expect(json(await run('diff', then, '--', now, '--json')).changes).toEqual(result.changes);
    const instant = json(await run('diff', now, '--at', '2025-03-03T23:59:59+08:00', '--and', '2025-03-10', '--json'));
    expect(instant.changes).toEqual(result.changes);
  });

  it('lets no back-dated entry into the state of an earlier day: a log is cut, not picked from', async () => {
    const backdated: ToldOptions['change'] = (entry) =>
      entry.type === 'inspection.issue-closed-out.v1' ? { ...entry, at: '2025-03-03T00:00:00.000Z' } : entry;
    const result = json(
      await run('diff', region('now', {}, backdated), '--at', '2025-03-03', '--and', '2025-03-10', '--json'),
    );
    expect(figures(result)).toMatchObject({ closedOut: [0, 1] });
  });

  it('asks for two mirrors or two dates, the earlier first', async () => {
    const now = region('now');
    for (const argv of [
      [],
      ['--at', '2025-03-03'],
      ['--at', '2025-03-04', '--and', '2025-03-03'],
      ['--at', '2025-02-30', '--and', '2025-03-03'],
    ]) {
      expect(await run('diff', now, ...argv)).toMatchObject({ code: 2, out: '' });
    }
    expect(await run('diff', now, '--at', '2025-03-03', '--and', '2025-03-04', '--', now)).toMatchObject({ code: 2 });
  });
});
