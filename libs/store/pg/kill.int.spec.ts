// The writer's whole process is killed with SIGKILL in the middle of its work, again and again. What it had told its
// callers must be there, and the next process must be able to take over at once.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { startTestPostgres, type TestPostgres } from '#testing/postgres';
import { all, fact } from '../contract/samples';
import { openPgStore } from './pg-store';

const root = join(__dirname, '..', '..', '..');

// Runs the sources as they are: Node resolves `#…` by the condition `source`, swc takes the types away.
const program = `
  const { transformSync } = require('@swc/core');
  const { readFileSync } = require('node:fs');
  require('node:module')._extensions['.ts'] = (module, filename) =>
    module._compile(transformSync(readFileSync(filename, 'utf8'), { filename }).code, filename);
  const { randomUUID } = require('node:crypto');
  const { openPgStore } = require('./libs/store/pg/pg-store.ts');
  const meta = { actor: { agency: 'inspection', id: 'p-1', name: '李某', role: 'clerk' }, commandId: 'c', seen: {}, salt: '' };
  openPgStore({ url: process.env.TEST_STORE_URL, durability: 'unchecked' }).then((store) => {
    const write = async (stream) => {
      for (let expected = 'no_stream'; ; ) {
        const id = randomUUID();
        expected = (await store.append(stream, [{ id, type: 'Noted', data: {}, meta }], expected)).revision;
        process.stdout.write(id + '\\n');
      }
    };
    for (let writer = 0; writer < 16; writer++) void write('issue-' + randomUUID());
  });
`;

/** Lets a process write until it has told of so many appends, and kills it. Returns the ids it told of. */
async function writeAndKill(url: string, count: number): Promise<string[]> {
  const child = spawn(process.execPath, ['--conditions=source', '-e', program], {
    cwd: root,
    env: { ...process.env, TEST_STORE_URL: url },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const told: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    // A line cut off by the kill is not an acknowledgement.
    if (line.length === 36) told.push(line);
    if (told.length === count) child.kill('SIGKILL');
  }
  return told;
}

describe('a writer killed in the middle of its work', () => {
  let postgres: TestPostgres;
  beforeAll(async () => {
    postgres = await startTestPostgres();
  }, 120_000);
  afterAll(() => postgres.stop(), 120_000);

  it('has lost nothing it acknowledged, and leaves a store the next one can open and go on with', async () => {
    const told: string[] = [];
    for (let round = 0; round < 5; round++) told.push(...(await writeAndKill(postgres.url, 200 + 37 * round)));
    const store = await openPgStore({ url: postgres.url, durability: 'unchecked' });
    const stored = await all(store.readAll());
    const ids = new Set(stored.map((event) => event.id));
    expect(ids.size).toBe(stored.length);
    expect(told.length).toBeGreaterThanOrEqual(5 * 200);
    expect(told.filter((id) => !ids.has(id))).toEqual([]);
    expect(stored.map((event) => Number(event.position))).toEqual(stored.map((_, index) => index + 1));
    expect((await store.append('issue-1', [fact()], 'no_stream')).position).toBe(BigInt(stored.length + 1));
    await store.close();
  }, 120_000);
});
