import { mkdtempSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startTestPostgres } from '#testing/postgres';
import type { TestPostgres } from '#testing/postgres';
import { account, UsageFault } from './account-cli';
import { assemble } from './assemble';
import type { AssembleOptions } from './assemble';
import { readConfig } from './config';
import { openLog } from './logging';

jest.setTimeout(60_000);

let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await startTestPostgres();
});
afterAll(() => postgres?.stop());

const data = mkdtempSync(join(tmpdir(), 'sanfang-assemble-'));
const lines: string[] = [];

async function options(change: Record<string, string> = {}): Promise<AssembleOptions & { environment: object }> {
  const environment = {
    SANFANG_DATA: data,
    COMMISSION_PORT: '0',
    COMMISSION_DATABASE_URL: postgres.url,
    COMMISSION_PEERS: '[{"agency":"inspection","url":"http://127.0.0.1:9"}]',
    ...change,
  };
  return {
    environment,
    config: readConfig('commission', environment),
    slices: [],
    log: openLog('info', 'commission', { write: (line: string) => void lines.push(line) }),
    web: join(data, 'no-console'),
    onFatal: (what, error) => lines.push(`fatal ${what} ${error.message}`),
  };
}

describe('a service', () => {
  it('starts on an empty database, is ready without its peers, shows its log, stops, and starts again', async () => {
    for (let round = 0; round < 2; round += 1) {
      const service = await assemble(await options());
      const ready = await fetch(`${service.url}/ready`);
      expect([ready.status, await ready.json()]).toEqual([
        200,
        {
          ready: true,
          checks: {
            database: { ok: true },
            writer: { ok: true },
            relay: { ok: true, detail: '0 entries' },
            views: { ok: true },
            peers: { ok: true, detail: 'inspection unreachable at 0' },
          },
        },
      ]);
      const checkpoint = await (await fetch(`${service.url}/log/checkpoint`)).text();
      expect(checkpoint.split('\n').slice(0, 2)).toEqual(['commission.sanfang.example/events/v1', '0']);
      const vkey = readFileSync(join(data, 'trust', 'commission.vkey'), 'utf8');
      expect(await (await fetch(`${service.url}/log/vkey`)).text()).toBe(vkey);
      const figures = await (await fetch(`${service.url}/metrics`)).text();
      expect(figures).toMatch(/sanfang_log_size 0\n/);
      expect(figures).toContain('sanfang_inbox_size{origin="inspection.sanfang.example/events/v1"} 0');
      await service.stop();
      await expect(fetch(`${service.url}/health`)).rejects.toThrow();
    }
    expect(lines.filter((line) => line.includes('"error"') || line.startsWith('fatal'))).toEqual([]);
  });

  it('whose brokers are all away starts, is ready, says so, and stops', async () => {
    const change = { COMMISSION_DATABASE_URL: await postgres.fresh(), SANFANG_DATA: join(data, 'kafka') };
    const url = 'kafka://127.0.0.1:9,127.0.0.1:19?replication=1';
    const service = await assemble(await options({ ...change, COMMISSION_KAFKA_URL: url }));
    const ready = (await (await fetch(`${service.url}/ready`)).json()) as { ready: boolean; checks: object };
    expect(ready).toMatchObject({ ready: true, checks: { kafka: { ok: true } } });
    expect(JSON.stringify(ready.checks)).toContain('own log not connected, sent 0');
    const figures = await (await fetch(`${service.url}/metrics`)).text();
    expect(figures).toContain('sanfang_kafka_connected{origin="commission.sanfang.example/events/v1"} 0');
    await service.stop();
  });

  it('that cannot listen stops what it had already started', async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
    const { port } = taken.address() as { port: number };
    await expect(assemble(await options({ COMMISSION_PORT: String(port) }))).rejects.toThrow(/EADDRINUSE/);
    await new Promise((resolve) => taken.close(resolve));
    // The writer's lock is free again, or this would be refused.
    const service = await assemble(await options({ COMMISSION_PORT: String(port) }));
    await service.stop();
  });
});

describe('the account command', () => {
  const run = async (...words: string[]) => account(words, (await options()).environment as NodeJS.ProcessEnv);

  it('makes an account that can sign in, lists, resets and disables it', async () => {
    const made = await run('commission', 'add', '--login', 'zhao', '--name', '赵某', '--role', 'supervisionOffice');
    const password = made.split('  ')[1]!;
    const service = await assemble(await options());
    const signIn = async (secret: string) => {
      const headers = { 'content-type': 'application/json', 'sanfang-console': '1' };
      const body = JSON.stringify({ login: 'zhao', password: secret });
      return (await fetch(`${service.url}/api/session`, { method: 'POST', headers, body })).status;
    };
    expect(await signIn(password)).toBe(200);
    const renewed = (await run('commission', 'reset', '--login', 'zhao')).split('  ')[1]!;
    expect([await signIn(password), await signIn(renewed)]).toEqual([401, 200]);
    expect(await run('commission', 'list')).toBe('zhao  赵某  监督检查室');
    await run('commission', 'disable', '--login', 'zhao');
    expect(await signIn(renewed)).toBe(401);
    expect(await run('commission', 'list')).toContain('disabled');
    await service.stop();
  });

  it.each([
    [[]],
    [['nobody', 'list']],
    [['commission']],
    [['commission', 'add', '--login', 'x']],
    [['commission', 'remove']],
    [['commission', 'list', '--all']],
  ])('says how it is used when given %j', async (words) => {
    await expect(run(...words)).rejects.toThrow(UsageFault);
  });

  it('refuses what makes no sense, naming the remedy', async () => {
    const add = (role: string) => run('commission', 'add', '--login', 'qian', '--name', '钱某', '--role', role);
    await expect(add('inspectionOffice')).rejects.toThrow(/belongs to the inspection/);
    await expect(add('stationedGroup')).rejects.toThrow(/name the unit/);
    await expect(run('commission', 'reset', '--login', 'nobody')).rejects.toThrow(/no account/);
  });
});
