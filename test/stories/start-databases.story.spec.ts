// With databases of one's own, `npm start` brings no server along: it uses the three it is given, after asking them
// whether they keep what they are told, and the closed loop works on them as on its own.
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client as Postgres } from 'pg';
import { paths } from '#contracts/api';
import type { LedgerPage } from '#contracts/answers';
import { agencies } from '#kernel/envelope';
import { startTestPostgres } from '#testing/postgres';
import type { TestPostgres } from '#testing/postgres';
import { firstPort, printedAccounts, processesOf, signInWithAll, start } from './supervised';
import type { Started } from './supervised';
import { demandForeign } from '../foreign/after-story';

const data = mkdtempSync(join(tmpdir(), 'sanfang-databases-'));
let server: TestPostgres;
let settings: Record<string, string>;
let urls: string[];
const all: Started[] = [];
const begin = (): Started => {
  const started = start(settings);
  all.push(started);
  return started;
};

beforeAll(async () => {
  server = await startTestPostgres();
  urls = [await server.fresh(), await server.fresh(), await server.fresh()];
  settings = { SANFANG_DATA: data, SANFANG_PORT: String(await firstPort()) };
  for (const [n, agency] of agencies.entries()) settings[`${agency.toUpperCase()}_DATABASE_URL`] = urls[n] as string;
});
afterAll(async () => {
  for (const each of all) each.kill('SIGTERM');
  await Promise.all(all.map((each) => each.ended));
  await server?.stop();
  await demandForeign(data).finally(() => rmSync(data, { recursive: true, force: true }));
});

const closed = async (started: Started): Promise<number[]> => {
  await started.ready();
  const clients = await signInWithAll(printedAccounts((all[0] as Started).out()));
  return Promise.all(
    clients.map(async (each) => (await each.get<LedgerPage>(paths.ledger, { status: 'closedOut' })).total),
  );
};

it('starts no server of its own, and closes an issue over the three that it was given', async () => {
  expect(await closed(begin())).toEqual(Array(10).fill(1));
  for (const agency of agencies) {
    expect(readdirSync(join(data, agency))).toEqual(expect.arrayContaining(['keys', 'log']));
    expect(existsSync(join(data, agency, 'postgres'))).toBe(false);
  }
  expect(processesOf(data).filter(({ words }) => words.includes('postgres -D'))).toEqual([]);
});

it('comes back on them after an orderly end and after a kill -9', async () => {
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    const before = all.at(-1) as Started;
    before.kill(signal);
    await before.ended;
    expect(await closed(begin())).toEqual(Array(10).fill(1));
    expect(printedAccounts((all.at(-1) as Started).out())).toEqual([]);
  }
  const last = all.at(-1) as Started;
  last.kill('SIGTERM');
  expect((await last.ended).code).toBe(0);
});

it('refuses a server that would forget what it has confirmed, naming the setting and the remedy', async () => {
  const postgres = new Postgres({ connectionString: urls[1] as string });
  await postgres.connect();
  const name = new URL(urls[1] as string).pathname.slice(1);
  await postgres.query(`alter database ${name} set synchronous_commit = off`);
  await postgres.end();
  const started = begin();
  expect((await started.ended).code).toBe(1);
  expect(started.err()).toMatch(/数据库设置不能保证数据安全，服务拒绝启动/);
  expect(started.err()).toMatch(/synchronous_commit is off.*Remedy/);
});

it('says of no server in any record how to enter it', () => {
  const told = all.map((each) => each.out() + each.err()).join('\n');
  for (const url of urls) {
    const { password } = new URL(url);
    if (password) expect(told).not.toContain(password);
  }
});
