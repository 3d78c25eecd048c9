// The demonstration is a command that others call: what it prints last, and how it ends, is promised.
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { agencies } from '#kernel/envelope';
import { program } from '../../apps/region/src/programs';
import { demandForeign } from '../foreign/after-story';
import { audit, feedbackOf } from './world';

const folder = mkdtempSync(join(tmpdir(), 'sanfang-demo-'));
const data = join(folder, 'world');
afterAll(async () => {
  await demandForeign(data).finally(() => rmSync(folder, { recursive: true, force: true }));
});

async function demo(bytes: string | Uint8Array, where = data): Promise<{ code: number; out: string; err: string }> {
  const file = join(folder, '示范反馈.txt');
  writeFileSync(file, bytes);
  const args = [program('apps/region/src/demo'), '--feedback', file, '--data', where, '--json'];
  return promisify(execFile)(process.execPath, args).then(
    ({ stdout: out, stderr: err }) => ({ code: 0, out, err }),
    ({ stdout: out, stderr: err, code }: { stdout: string; stderr: string; code: number }) => ({ code, out, err }),
  );
}

const logs = Object.fromEntries(
  agencies.map((agency) => [
    agency,
    {
      origin: `${agency}.sanfang.example/events/v1`,
      vkey: expect.stringMatching(`^${agency}\\.sanfang\\.example/events/v1\\+[0-9a-f]{8}\\+`),
      witnessVkey: expect.stringMatching(`^${agency}\\.sanfang\\.example/witness/v1\\+[0-9a-f]{8}\\+`),
      size: expect.any(Number),
      root: expect.stringMatching(/^[A-Za-z0-9+/]{43}=$/),
      dir: join(data, agency, 'log'),
      witnesses: expect.any(Number),
    },
  ]),
);

it('one closed loop ends in one line of JSON, and leaves three logs that an outsider finds whole', async () => {
  const paper = feedbackOf(['示范县水利局党组'], ['学习部署要求不够及时', '工程项目监管不够有力']);
  const { code, out } = await demo(paper.bytes);
  const counts = { declared: null, found: 2, registered: 2, closedOut: 1, returned: 1, substantiallyDone: 1 };
  expect(JSON.parse(out)).toEqual({ ...counts, agreed: true, logs, audit: 'ok', seconds: expect.any(Number) });
  expect(code).toBe(0);
  const { logs: found } = JSON.parse(out) as { logs: Record<string, { witnesses: number }> };
  expect(Object.values(found).map(({ witnesses }) => witnesses)).toEqual([2, 2, 2]);
  expect((await audit(agencies.map((agency) => join(data, agency, 'log')))).result.ok).toBe(true);
});

it('of a text without any issue is agreed as well: two of the logs are empty', async () => {
  const { code, out } = await demo('本轮巡察情况公布\n县委巡察组完成了本轮巡察，共发现问题189个。\n');
  const { found, agreed, audit: verdict, logs: found3 } = JSON.parse(out);
  expect({ code, found, agreed, verdict }).toEqual({ code: 0, found: 0, agreed: true, verdict: 'ok' });
  expect(found3).toEqual(logs);
});

it('refuses what it cannot read before anything is removed, and never removes what it is run from', async () => {
  const empty = await demo('');
  expect(empty).toMatchObject({ code: 1, out: '', err: expect.stringContaining('文件里没有文字') });
  const here = await demo('一些文字', folder);
  expect(here).toMatchObject({ code: 1, out: '', err: expect.stringContaining('没有启动') });
  expect((await audit(agencies.map((agency) => join(data, agency, 'log')))).result.ok).toBe(true);
});
