import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { transformFileSync } from '@swc/core';
import { numberedFeedback } from './invented-papers';

interface Answer {
  code: number;
  out: string;
  err: string;
}

const root = resolve(__dirname, '../..');
let folder = '';

/** The command runs compiled, as it is shipped; the whole library is compiled here so that no build is needed. */
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sanfang-outline-'));
  mkdirSync(join(folder, 'papers'));
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  for (const name of readdirSync(__dirname).filter((file) => /^[a-z-]+\.ts$/.test(file))) {
    const { code } = transformFileSync(join(__dirname, name), { configFile: join(root, '.swcrc') });
    writeFileSync(join(folder, 'papers', name.replace(/\.ts$/, '.js')), code);
  }
}, 60_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function run(...args: string[]): Promise<Answer> {
  return new Promise((done) => {
    execFile(process.execPath, [join(folder, 'papers/outline-cli.js'), ...args], (error, out, err) => {
      done({ code: typeof error?.code === 'number' ? error.code : 0, out, err });
    });
  });
}

function saved(name: string, content: string | Uint8Array): string {
  const file = join(folder, name);
  writeFileSync(file, content);
  return file;
}

describe('the outline command', () => {
  test('prints kind, units, groups, leaves and declared figures as JSON', async () => {
    const { code, out } = await run(saved('a.txt', numberedFeedback));
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      kind: 'feedback notice',
      units: ['县林业局党组'],
      groups: ['落实上级决策部署有差距', '“两个责任”压得不实'],
      leaves: [
        { title: '造林计划执行不严', path: '一/(一)' },
        { title: '林长制流于形式', path: '一/(二)' },
        { title: '廉政谈话走过场', path: '二/(一)' },
      ],
      declared: {},
    });
  });

  test.each<[string, string, string | Uint8Array, string]>([
    ['an empty file', 'empty.txt', '', 'paper.empty'],
    ['fifty megabytes', 'big.txt', Buffer.alloc(50 * 1024 * 1024, 0x61), 'paper.tooLarge'],
    ['a picture', 'a.png', 'x', 'paper.kind'],
  ])('%s is refused with exit 1 and a code', async (_, name, content, wanted) => {
    const { code, out, err } = await run(saved(name, content));
    expect([code, out, (JSON.parse(err) as { code: string }).code]).toEqual([1, '', wanted]);
  });

  test('no file is a fault of usage', async () => {
    expect((await run()).code).toBe(2);
    expect(await run(join(folder, 'absent.txt'))).toMatchObject({
      code: 1,
      err: expect.stringContaining('ENOENT') as string,
    });
  });
});
