import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sampleClue, sampleJournal, sharedOrigin } from '#testing/sample-journal';
import { writeSampleLog } from '#testing/sample-log';
import { writeAnchors } from '#tlog/anchors-file';
import { writeDisclosure } from '#tlog/disclosure';
import { runAuditor } from './command';

const journal = sampleJournal();
let folder: string;
const at = (name: string) => join(folder, name);
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sanfang-disclosure-'));
  writeFileSync(at('policy'), journal.policy);
  writeFileSync(at('one'), writeDisclosure(journal.disclosure(5)));
  writeFileSync(at('anchors'), writeAnchors({ log: sharedOrigin, anchors: journal.anchors }));
  writeSampleLog(journal.log, at('log'));
});
afterEach(() => rmSync(folder, { recursive: true }));

async function run(...argv: string[]) {
  let [out, err] = ['', ''];
  const terminal = { out: (text: string) => void (out += text), err: (text: string) => void (err += text) };
  return { code: await runAuditor(argv, { ...terminal, isTerminal: false }), out, err };
}

describe('audit disclosure', () => {
  it('says what was recorded, at which place, and between which witnessed anchors', async () => {
    const { code, out, err } = await run('disclosure', at('one'), '--policy', at('policy'));
    expect([code, err]).toEqual([0, '']);
    expect(out).toContain(`事件 ${sampleClue(5).id} 是日志 ${sharedOrigin} 所属机关私有日志的第 5 条`);
    expect(out).toContain('data.reporter" = "举报人5"');
    expect(out).toMatch(/在见证方于 2026-03-02 08:21.*第 2 个锚点中还没有这一条;.*08:31.*第 3 个锚点中已有/);
    expect(out).toContain('不能证明:所记属实');
  });

  it('gives programs the same', async () => {
    const { code, out } = await run('disclosure', at('one'), '--policy', at('policy'), '--json');
    expect([code, JSON.parse(out)]).toMatchObject([
      0,
      {
        ok: true,
        verdict: 'WHOLE',
        index: 5,
        whole: true,
        presentIn: { nth: 3, size: 9 },
        absentIn: { nth: 2, size: 4 },
      },
    ]);
  });

  it('does not let a value steer the terminal', async () => {
    const { out } = await run('disclosure', at('one'), '--policy', at('policy'));
    expect(out).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
  });

  it('refuses one that was changed, in both languages, and one that it has no key for', async () => {
    writeFileSync(at('one'), writeDisclosure({ ...journal.disclosure(5), index: 4n }));
    const changed = await run('disclosure', at('one'), '--policy', at('policy'));
    expect([changed.code, changed.out]).toEqual([1, '']);
    expect(changed.err).toContain('这一条不在私有日志的这个位置');
    expect(changed.err).toContain('not what stands in the journal');
    writeFileSync(at('one'), writeDisclosure(journal.disclosure(5)));
    const strange = await run('disclosure', at('one'), '--vkey', journal.log.vkey);
    expect([strange.code, strange.err]).toEqual([1, expect.stringContaining('给出全部日志与见证方的公钥')]);
  });

  it('is wrong usage without keys or without a file', async () => {
    expect((await run('disclosure', at('one'))).code).toBe(2);
    expect((await run('disclosure', at('none'), '--policy', at('policy'))).code).toBe(2);
  });
});

describe('audit anchors', () => {
  it('opens all of them against the whole log', async () => {
    const { code, out } = await run('anchors', at('anchors'), at('log'), '--policy', at('policy'));
    expect([code, out]).toEqual([0, expect.stringContaining('5 个锚点全部打开,前后相连,没有缺失')]);
  });

  it('names the first that does not open', async () => {
    const anchors = journal.anchors.with(2, { ...journal.anchors[2]!, salt: journal.anchors[1]!.salt });
    writeFileSync(at('anchors'), writeAnchors({ log: sharedOrigin, anchors }));
    const { code, err } = await run('anchors', at('anchors'), at('log'), '--policy', at('policy'));
    expect([code, err]).toEqual([1, expect.stringContaining('第 5 条')]);
  });

  it('calls a silence not judged, and a changed log invalid', async () => {
    const silent = sampleJournal({ silent: 60 });
    writeFileSync(at('anchors'), writeAnchors({ log: sharedOrigin, anchors: silent.anchors }));
    writeSampleLog(silent.log, at('silent'));
    const gap = await run('anchors', at('anchors'), at('silent'), '--policy', at('policy'));
    expect([gap.code, gap.err]).toEqual([3, expect.stringContaining('第 9 条')]);
    writeFileSync(at('silent/tile/entries/000.p/10'), 'forged');
    expect((await run('anchors', at('anchors'), at('silent'), '--policy', at('policy'), '--json')).code).toBe(1);
  });
});
