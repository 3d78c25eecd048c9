// What `npm start` promises to whoever types it: it comes up by itself, says what one needs to know and no secret, never
// harms one that runs, leaves nothing behind, and comes back after any of its processes was killed.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { paths } from '#contracts/api';
import type { LedgerPage, RoundList } from '#contracts/answers';
import { agencies } from '#kernel/envelope';
import type { Agency } from '#kernel/envelope';
import { Client } from '../../apps/region/src/client';
import { until } from '../../apps/region/src/scenario';
import { firstPort, none, printedAccounts, processesOf, run, serviceOf, signInWithAll, start } from './supervised';
import type { Printed, Started } from './supervised';

const folder = mkdtempSync(join(tmpdir(), 'sanfang-start-'));
const data = join(folder, 'data');
const all: Started[] = [];
let settings: Record<string, string>;
let going: Started;
let accounts: Printed[];

const begin = (env: Record<string, string>, ...words: string[]): Started => {
  const started = start(env, ...words);
  all.push(started);
  return started;
};
const postmaster = (agency: Agency): number =>
  Number(readFileSync(join(data, agency, 'postgres/cluster/postmaster.pid'), 'utf8').split('\n')[0]);
const closedIssues = async (clients: readonly Client[]): Promise<number[]> =>
  Promise.all(clients.map(async (each) => (await each.get<LedgerPage>(paths.ledger, { status: 'closedOut' })).total));

beforeAll(async () => {
  settings = { SANFANG_DATA: data, SANFANG_PORT: String(await firstPort()), LOG_LEVEL: 'debug' };
  going = begin(settings);
}, 60_000);
afterAll(async () => {
  for (const each of all) each.kill('SIGTERM');
  await Promise.all(all.map((each) => each.ended));
  for (const { pid } of processesOf(folder)) process.kill(pid, 'SIGKILL');
  rmSync(folder, { recursive: true, force: true });
}, 60_000);

describe('a start on an empty data folder', () => {
  it('says where the three consoles are, and that it is ready, in one line', async () => {
    const urls = await going.ready();
    const port = Number(settings['SANFANG_PORT']);
    expect(urls).toEqual({
      commission: `http://127.0.0.1:${port}`,
      organization: `http://127.0.0.1:${port + 1}`,
      inspection: `http://127.0.0.1:${port + 2}`,
    });
    for (const url of Object.values(urls)) expect(going.out()).toMatch(new RegExp(`^\\S+\\s+${url}`, 'm'));
    expect(going.out().match(/\{"ready":true/g)).toHaveLength(1);
  });

  it('prints accounts whose passwords open the consoles, of a round that is under way', async () => {
    accounts = printedAccounts(going.out());
    expect(accounts.map(({ login }) => login)).toEqual(
      expect.arrayContaining(['inspection-office', 'liaison', 'secretary']),
    );
    expect(accounts).toHaveLength(10);
    expect(new Set(accounts.map(({ password }) => password)).size).toBe(10);
    expect(await closedIssues(await signInWithAll(accounts))).toEqual(Array(10).fill(1));
  });

  it('keeps keys and secrets to their owner', () => {
    for (const agency of agencies) {
      for (const file of ['keys/log.seed', 'keys/commit.key', 'keys/sealing.key', 'postgres/secrets.json']) {
        expect([file, statSync(join(data, agency, file)).mode & 0o777]).toEqual([file, 0o600]);
      }
      expect(statSync(join(data, agency, 'keys')).mode & 0o077).toBe(0);
      expect(statSync(join(data, agency, 'postgres/cluster')).mode & 0o077).toBe(0);
    }
  });
});

describe('a second start', () => {
  it('on the same data folder refuses politely and quickly, and the first lives on', async () => {
    const before = agencies.map((agency) => [serviceOf(data, agency), postmaster(agency)]);
    for (const port of [settings['SANFANG_PORT'] as string, String(await firstPort())]) {
      const second = begin({ ...settings, SANFANG_PORT: port });
      const { code, seconds } = await second.ended;
      expect(code).toBe(1);
      expect(seconds).toBeLessThan(10);
      expect(second.err()).toMatch(/数据目录 \S+ 正由进程 \d+ 使用.*SANFANG_DATA/);
      expect(second.err().trim().split('\n').length).toBeLessThan(4);
      expect(second.out()).toBe('');
    }
    expect(agencies.map((agency) => [serviceOf(data, agency), postmaster(agency)])).toEqual(before);
    expect(await closedIssues(await signInWithAll(accounts.slice(0, 3)))).toEqual([1, 1, 1]);
  });

  it('on ports that are taken says which, with a remedy, and leaves no data folder half made', async () => {
    const other = join(folder, 'other');
    const second = begin({ ...settings, SANFANG_DATA: other });
    expect((await second.ended).code).toBe(1);
    const taken = [0, 1, 2, 3, 4, 5].map((n) => Number(settings['SANFANG_PORT']) + n).join('、');
    expect(second.err()).toMatch(new RegExp(`端口 ${taken} 已被其他程序占用.*SANFANG_PORT`));
    expect(second.err().trim().split('\n').length).toBeLessThan(4);
    expect(processesOf(other)).toEqual([]);
    expect(existsSync(other) ? readdirSync(other) : []).toEqual([]);
  });

  it('with a data folder that is a file, or under one, says so with a remedy, and leaves the file as it is', async () => {
    const file = join(folder, 'file');
    writeFileSync(file, 'mine');
    for (const [wrong, word] of [
      [file, '是文件，不是文件夹'],
      [join(file, 'data'), '的上级是文件'],
    ] as const) {
      const second = begin({ ...settings, SANFANG_PORT: String(await firstPort()), SANFANG_DATA: wrong });
      expect((await second.ended).code).toBe(2);
      expect(second.err()).toMatch(new RegExp(`没有启动：数据目录 ${wrong} ${word}.*SANFANG_DATA`));
      expect(second.err().trim().split('\n').length).toBeLessThan(4);
      expect(second.err()).not.toMatch(/EEXIST|ENOTDIR/);
      expect(second.out()).toBe('');
    }
    expect(readFileSync(file, 'utf8')).toBe('mine');
  });

  it('with settings that are wrong names every one of them at once, and ends with 2', async () => {
    const wrong = {
      ...{ SANFANG_DATA: join(folder, 'other'), SANFANG_PORT: 'ninety', LOG_LEVEL: 'loud', SESSION_IDLE_MINUTES: '1' },
      ...{ COMMISSION_COLOUR: 'red', ORGANIZATION_DATABASE_URL: 'mysql://x:canary-word@y/z', INSPECTION_PEERS: 'no' },
    };
    const second = begin(wrong);
    expect((await second.ended).code).toBe(2);
    for (const name of Object.keys(wrong).slice(1))
      expect(second.err()).toMatch(new RegExp(`^ +${name === 'INSPECTION_PEERS' ? '.*' : name}`, 'm'));
    expect(second.err()).toMatch(/有\d项设置须改正/);
    expect(second.err()).not.toContain('canary-word');
    expect(processesOf(join(folder, 'other'))).toEqual([]);
  });
});

describe('a process that is killed', () => {
  const servedAnew = (agency: Agency, before: number | undefined): Promise<true> =>
    until(`${agency} is served by a new process`, async () => {
      const pid = serviceOf(data, agency);
      if (pid === undefined || pid === before) return undefined;
      const url = (await going.ready())[agency];
      return fetch(`${url}/ready`).then(
        ({ ok }) => ok || undefined,
        () => undefined,
      );
    });

  it('comes back when it is a service', async () => {
    const before = serviceOf(data, 'commission') as number;
    process.kill(before, 'SIGKILL');
    await servedAnew('commission', before);
    await signInWithAll(accounts);
  });

  it('comes back when it is a database server', async () => {
    const before = serviceOf(data, 'inspection');
    process.kill(postmaster('inspection'), 'SIGKILL');
    await servedAnew('inspection', before);
    expect(await closedIssues(await signInWithAll(accounts))).toEqual(Array(10).fill(1));
  });

  it('takes everything with it when it is the supervisor, and the next start needs no help', async () => {
    going.kill('SIGKILL');
    await going.ended;
    going = begin(settings);
    await going.ready();
    expect(printedAccounts(going.out())).toEqual([]);
    expect(await closedIssues(await signInWithAll(accounts))).toEqual(Array(10).fill(1));
    expect(processesOf(data).filter(({ words }) => /apps\/\w+\/src\/main/.test(words))).toHaveLength(3);
  });

  it('ends its services in order when nobody starts it again', async () => {
    going.kill('SIGKILL');
    await none(data);
  });

  it('leaves database servers behind when all others die with it, and the next start takes over from them', async () => {
    going = begin(settings);
    await going.ready();
    const orphans = agencies.map(postmaster);
    for (const agency of agencies) process.kill(serviceOf(data, agency) as number, 'SIGSTOP');
    going.kill('SIGKILL');
    for (const agency of agencies) process.kill(serviceOf(data, agency) as number, 'SIGKILL');
    await going.ended;
    for (const pid of orphans) expect(processesOf(data).map((each) => each.pid)).toContain(pid);
    going = begin(settings);
    await going.ready();
    expect(printedAccounts(going.out())).toEqual([]);
    for (const pid of orphans) expect(processesOf(data).map((each) => each.pid)).not.toContain(pid);
    expect(await closedIssues(await signInWithAll(accounts))).toEqual(Array(10).fill(1));
  });
});

describe('an orderly end', () => {
  it('leaves no process, however often it is asked', async () => {
    for (const agency of agencies) process.kill(serviceOf(data, agency) as number, 'SIGTERM');
    for (let n = 0; n < 3; n++) going.kill('SIGTERM');
    expect((await going.ended).code).toBe(0);
    expect(processesOf(data)).toEqual([]);
  });

  it.each([0, 150, 350, 600, 1_000, 2_500])(
    'works %d ms into a first start, by terminal or supervisor',
    async (delay) => {
      const cut = { ...settings, SANFANG_DATA: join(folder, `cut-${delay}`) };
      for (const signal of ['SIGINT', 'SIGTERM'] as const) {
        const started = begin(cut);
        await until('the services are starting', async () => serviceOf(cut.SANFANG_DATA, 'inspection') && true);
        await pause(delay);
        // A terminal signals the whole group, and the supervisor passes it on: everybody hears it twice.
        for (const { pid, words } of processesOf(cut.SANFANG_DATA))
          if (words.includes('node')) signalIfThere(pid, signal);
        expect((await started.ended).code).toBe(0);
        expect(processesOf(cut.SANFANG_DATA)).toEqual([]);
      }
    },
  );

  it('of a first start that had told no account yet leaves the next one a first start', async () => {
    const cut = { ...settings, SANFANG_DATA: join(folder, 'untold') };
    const first = begin(cut);
    await until(
      'a cluster is being made',
      async () => existsSync(join(folder, 'untold/inspection/postgres')) || undefined,
    );
    first.kill('SIGTERM');
    await first.ended;
    expect(printedAccounts(first.out())).toEqual([]);
    const started = begin(cut);
    await started.ready();
    const told = printedAccounts(started.out());
    expect(told).toHaveLength(10);
    await signInWithAll(told);
    started.kill('SIGTERM');
    await started.ended;
    expect(processesOf(cut.SANFANG_DATA)).toEqual([]);
  });
});

describe('--empty', () => {
  const bare = join(folder, 'bare');

  it('makes no account and no round; the administrator’s command makes the first account while it runs', async () => {
    const env = { SANFANG_DATA: bare, SANFANG_PORT: String(await firstPort()) };
    const started = begin(env, '--empty');
    const urls = await started.ready();
    expect(printedAccounts(started.out())).toEqual([]);
    const account = (...words: string[]): Started => run(['libs/chassis/account-cli', 'inspection', ...words], env);
    const listed = account('list');
    expect((await listed.ended).code).toBe(0);
    expect(listed.out().trim()).toBe('');
    const added = account('add', '--login', 'first', '--name', '张某', '--role', 'inspectionOffice');
    expect((await added.ended).code).toBe(0);
    expect(added.out()).toMatch(/^first {2}\S+$/m);
    const [, password = ''] = /^first {2}(\S+)$/m.exec(added.out()) ?? [];
    const client = await Client.signedIn(urls.inspection, 'first', password);
    expect((await client.get<RoundList>(paths.rounds)).rounds).toEqual([]);
    started.kill('SIGTERM');
    expect((await started.ended).code).toBe(0);
    expect(processesOf(bare)).toEqual([]);
    expect(started.err() + readLogs(bare)).not.toContain(password);
  });
});

/** Every log that a database server wrote under a folder. */
function readLogs(under: string): string {
  const logs = agencies.map((agency) => join(under, agency, 'postgres/server.log')).filter((path) => existsSync(path));
  return logs.map((path) => readFileSync(path, 'utf8')).join('\n');
}

describe('no record', () => {
  it('of all that was printed or logged, at the most talkative, holds a password, a key or a secret', () => {
    const secrets = agencies.flatMap((agency) => {
      const { superuser, role } = JSON.parse(
        readFileSync(join(data, agency, 'postgres/secrets.json'), 'utf8'),
      ) as Record<string, string>;
      const keys = ['keys/log.seed', 'keys/commit.key'].map((file) =>
        readFileSync(join(data, agency, file), 'utf8').trim(),
      );
      return [superuser, role, ...keys] as string[];
    });
    const told = all.map((each) => each.out() + each.err()).join('\n') + readLogs(data);
    expect(secrets.filter((secret) => secret.length < 20 || told.includes(secret))).toEqual([]);
    expect(told).toMatch(/"level":"debug"/);
    for (const { password } of accounts) expect(told.split(password)).toHaveLength(2);
  });
});

/** Whoever heard the signal from its parent may be gone before it is its turn. */
function signalIfThere(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
