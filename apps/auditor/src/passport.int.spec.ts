import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sampleLog, writeSampleLog } from '#testing/sample-log';
import { sampleIssue, sampleRegion } from '#testing/sample-region';
import { parseNote } from '#tlog/note';
import { addSignatures, signCheckpoint } from '#tlog/checkpoint';
import { cosign } from '#tlog/cosignature';
import { formatVkey, LOG_KEY_TYPE, signingKey } from '#tlog/key';
import { runAuditor } from './command';

const region = sampleRegion();
let folder: string;
let policy: string;
let folders: string[];
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sanfang-passport-'));
  policy = join(folder, 'policy');
  writeFileSync(policy, region.policy);
  file = join(folder, 'issue.passport');
  folders = region.logs.map((log, n) => {
    writeSampleLog(log, join(folder, String(n)));
    return join(folder, String(n));
  });
});
afterEach(() => rmSync(folder, { recursive: true }));

async function run(...argv: string[]) {
  let [out, err] = ['', ''];
  const terminal = { out: (text: string) => void (out += text), err: (text: string) => void (err += text) };
  return { code: await runAuditor(argv, { ...terminal, isTerminal: false }), out, err };
}
const make = (...more: string[]) => run('passport', ...folders, '--issue', sampleIssue, '--out', file, ...more);

describe('the passport of an issue', () => {
  it('is made out of the logs alone and holds offline, by a policy or by keys given one by one', async () => {
    expect(await make('--policy', policy)).toMatchObject({ code: 0, err: '' });
    for (const place of folders) rmSync(place, { recursive: true });
    const byPolicy = await run('verify', file, '--policy', policy);
    expect(byPolicy).toMatchObject({ code: 0, err: '' });
    expect(byPolicy.out).toContain('关于问题 f1-0001 的 5 条记录');
    expect(byPolicy.out).toContain(`见证方 ${region.witnesses[0]!.name}、${region.witnesses[1]!.name}`);
    expect(byPolicy.out).toContain('不能证明收录齐全');
    const keys = region.logs.flatMap(({ vkey }) => ['--vkey', vkey]);
    const byKeys = await run('verify', file, ...keys);
    expect(byKeys.code).toBe(0);
    expect(byKeys.out).toContain('没有已知见证方的签名,另有 2 个未知公钥的签名未验');
  });

  it('is read by people: its cover tells the issue, what happened, and the evidence by hash', async () => {
    await make();
    const cover = readFileSync(file, 'utf8').split('\n\n')[0]!;
    expect(cover).toContain('# 问题 f1-0001：一(一)1 理论学习不够深入（县教育局党组）');
    expect(cover).toMatch(/巡视办 张某 上传佐证 会议记录.pdf/);
    expect(cover).toMatch(/纪委监委 张某 同意销号/);
    expect(cover).toContain(`会议记录.pdf SHA-256 ${'b'.repeat(64)}`);
    expect(cover).toContain('不能证明：收录齐全');
  });

  it('answers programs with its entries, logs and evidence', async () => {
    await make();
    const { out } = await run('verify', file, '--policy', policy, '--json');
    expect(JSON.parse(out)).toMatchObject({
      ok: true,
      issue: sampleIssue,
      entries: expect.arrayContaining([expect.objectContaining({ index: 259 })]),
      logs: [{ size: 9 }, { size: 300 }, { size: 1 }],
      evidence: [{ name: '会议记录.pdf', sha256: 'b'.repeat(64) }],
    });
  });

  it('that was changed exits 1 and names the first bad index', async () => {
    await make();
    writeFileSync(file, readFileSync(file, 'utf8').replace('"attempt":1,"issueId"', '"attempt":2,"issueId"'));
    const { code, err, out } = await run('verify', file, '--policy', policy);
    expect(err).toContain(`日志 ${region.logs[0]!.origin} 第 5 条`);
    expect({ code, out }).toEqual({ code: 1, out: '' });
  });

  it('is not made out of a log that does not verify, nor of nothing', async () => {
    const none = await run('passport', ...folders, '--issue', 'f9-0001', '--out', file);
    expect(none).toMatchObject({ code: 1, err: expect.stringContaining('没有关于问题 f9-0001 的记录') });
    writeFileSync(join(folders[2]!, 'tile/entries/000'), 'x');
    expect(await make()).toMatchObject({ code: 1, err: expect.stringContaining(region.logs[2]!.origin) });
  });

  it('waits for the witnesses that the policy asks for', async () => {
    const log = region.logs[2]!;
    const key = signingKey(log.origin, LOG_KEY_TYPE, new Uint8Array(32).fill(22));
    expect(formatVkey(key)).toBe(log.vkey);
    // The witnesses stand by a size that the log really had, before the issue's last entry came.
    const before = sampleLog(log.entries.slice(0, 250), { origin: log.origin, seed: new Uint8Array(32).fill(22) });
    const { text, signatures } = parseNote(before.files.get('checkpoint')!);
    const lines = region.witnesses.slice(0, 2).map((witness) => cosign(text, 1_767_139_200n, witness));
    writeFileSync(join(folders[2]!, 'checkpoint'), signCheckpoint(log, key));
    writeFileSync(join(folders[2]!, 'cosigned'), addSignatures({ text, signatures }, ...lines));
    const { code, err } = await make('--policy', policy);
    expect(err).toContain('第 259 条');
    expect(err).toContain('尚待见证');
    expect(code).toBe(1);
  });

  it('asks for keys that do not come with it, and for one kind of thing at a time', async () => {
    await make();
    expect(await run('verify', file)).toMatchObject({ code: 2, err: expect.stringContaining('--policy') });
    expect(await run('verify', file, folders[0]!)).toMatchObject({ code: 2 });
    expect(await run('verify', file, '--vkey', 'x')).toMatchObject({ code: 2 });
    expect(await run('verify', folders[0]!, '--vkey', region.logs[0]!.vkey)).toMatchObject({ code: 2 });
    expect(await run('passport', ...folders, '--issue', 'a b', '--out', file)).toMatchObject({ code: 2 });
  });
});
