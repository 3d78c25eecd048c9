import { existsSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fact } from '#store/contract/samples';
import { openPgStore } from '#store/pg/pg-store';
import { startTestPostgres } from '#testing/postgres';
import type { TestPostgres } from '#testing/postgres';
import { account, UsageFault } from './account-cli';
import { assemble } from './assemble';
import type { AssembleOptions } from './assemble';
import { readConfig } from './config';
import { Files } from './files';
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
    COMMISSION_FEED_PORT: '0',
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
            journal: { ok: true, detail: '0 events' },
            views: { ok: true },
            peers: { ok: true, detail: 'inspection unreachable at 0' },
            scrub: { ok: true, detail: expect.stringContaining('damage: 0 open, 0 healed') },
          },
        },
      ]);
      const checkpoint = await (await fetch(`${service.feedUrl}/log/checkpoint`)).text();
      expect(checkpoint.split('\n').slice(0, 2)).toEqual(['commission.sanfang.example/events/v1', '0']);
      const vkey = readFileSync(join(data, 'trust', 'commission.vkey'), 'utf8');
      expect(await (await fetch(`${service.feedUrl}/log/vkey`)).text()).toBe(vkey);
      const figures = await (await fetch(`${service.url}/metrics`)).text();
      expect(figures).toMatch(/sanfang_log_size 0\n/);
      expect(figures).toContain('sanfang_inbox_size{origin="inspection.sanfang.example/events/v1"} 0');
      await service.stop();
      for (const url of [service.url, service.feedUrl]) await expect(fetch(`${url}/health`)).rejects.toThrow();
    }
    expect(lines.filter((line) => line.includes('"error"') || line.startsWith('fatal'))).toEqual([]);
  });

  it('has no log on the port for people: whoever is nobody there is told where it lies, and nobody else', async () => {
    const service = await assemble(await options());
    const asked = (url: string, cookie?: string): Promise<Response> =>
      fetch(url, { redirect: 'manual', headers: cookie === undefined ? {} : { cookie } });
    const signedIn = `x=1; __Host-sanfang-inspection=${'A'.repeat(43)}`;
    for (const path of ['/log/checkpoint', '/log/tile/0/000.p/1', '/log/none']) {
      const led = await asked(`${service.url}${path}?x#y`, 'x=1');
      expect([led.status, led.headers.get('location'), await led.text()]).toEqual([308, service.feedUrl + path, '']);
      expect(led.headers.get('cache-control')).toBe('no-store');
      expect((await asked(service.url + path, signedIn)).status).toBe(404);
    }
    for (const path of ['/log', '/log/']) expect((await asked(service.url + path, signedIn)).status).toBe(404);
    expect((await asked(`${service.feedUrl}/log/checkpoint`)).status).toBe(200);
    expect((await asked(`${service.feedUrl}/log/checkpoint`, signedIn)).status).toBe(404);
    for (const path of ['/', '/health', '/metrics', '/api/console'])
      expect((await asked(service.feedUrl + path)).status).toBe(404);
    await service.stop();
  });

  it('stops in order while somebody listens at its feed', async () => {
    const service = await assemble(await options());
    const reader = (await fetch(`${service.feedUrl}/log/wake`)).body!.getReader();
    expect(Buffer.from((await reader.read()).value!).toString()).toContain('event: checkpoint');
    lines.length = 0;
    await service.stop();
    // Ended or broken off: it is over, and nothing of the service had to wait for it.
    for (let more = true; more;)
      more = await reader.read().then(
        ({ done }) => !done,
        () => false,
      );
    expect(lines.filter((line) => line.includes('"error"'))).toEqual([]);
  });

  it('names the feed by the address that was asked when it listens on all of them', async () => {
    const service = await assemble(await options({ SANFANG_HOST: '0.0.0.0' }));
    const asked = `http://127.0.0.2:${new URL(service.url).port}/log/vkey`;
    const { headers } = await fetch(asked, { redirect: 'manual' });
    expect(headers.get('location')).toBe(`http://127.0.0.2:${new URL(service.feedUrl).port}/log/vkey`);
    await service.stop();
  });

  it('warns when the log is as easy to reach as the portal, and not when they are apart', async () => {
    const warned = async (change: Record<string, string>): Promise<boolean> => {
      lines.length = 0;
      const service = await assemble(await options(change));
      await service.stop();
      return lines.some((line) => line.includes('SANFANG_FEED_HOST'));
    };
    expect(await warned({ SANFANG_HOST: '0.0.0.0' })).toBe(true);
    expect(await warned({ SANFANG_HOST: '0.0.0.0', SANFANG_FEED_HOST: '127.0.0.1' })).toBe(false);
    expect(await warned({})).toBe(false);
  });

  it('takes away the files of uploads that a crash cut short, unless its store names them', async () => {
    const folder = join(data, 'commission', 'files');
    const files = new Files(folder);
    const cutShort = async (words: string, stream: string): Promise<string> => {
      const draft = await files.draft([Buffer.from(words)]);
      await files.keepFor(draft, stream, () => Promise.reject(new Error('cut short'))).catch(() => undefined);
      return draft.sha256;
    };
    const [stored, unstored, otherwise] = [
      await cutShort('已存', 'upload-1'),
      await cutShort('未存', 'upload-2'),
      await cutShort('别的', 'upload-1'),
    ];
    await files.draft([Buffer.from('一半')]);
    const store = await openPgStore({ url: postgres.url, applicationName: 'before', onFatal: () => undefined });
    await store.append('upload-1', [fact({ file: { sha256: stored } })], 'no_stream');
    await store.close();
    const service = await assemble(await options());
    await service.stop();
    const left = await Promise.all([stored, unstored, otherwise].map((sha256) => files.has(sha256)));
    expect(left).toEqual([true, false, false]);
    expect([readdirSync(join(folder, 'pending')), existsSync(join(folder, 'draft'))]).toEqual([[], false]);
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

  it.each(['COMMISSION_PORT', 'COMMISSION_FEED_PORT'])('that has no %s stops what it had started', async (name) => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
    const { port } = taken.address() as { port: number };
    await expect(assemble(await options({ [name]: String(port) }))).rejects.toThrow(/EADDRINUSE/);
    await new Promise((resolve) => taken.close(resolve));
    // The writer's lock is free again, or this would be refused.
    const service = await assemble(await options({ [name]: String(port) }));
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
