import { execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { Client } from 'pg';
import { assertDurable } from './durability';
import type { Embedded } from './embedded';
import { startEmbedded } from './embedded';
import { DataFolderInUse } from './owner-lock';
import { childrenOf, startOf, wordsOf } from './process-table';
import { endIfStuck, stateOf } from './recovery';

jest.setTimeout(60_000); // A first start takes seconds on a busy machine.

const root = resolve(__dirname, '../../..');
const folder = mkdtempSync(join(tmpdir(), 'sanfang-embedded-'));
let running: Embedded | undefined;

async function start(options: { log?: (line: string) => void } = {}): Promise<Embedded> {
  return (running = await startEmbedded({ folder, name: 'sanfang', ...options }));
}

async function ask(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(sql)).rows as Record<string, unknown>[];
  } finally {
    await client.end();
  }
}

/** Begin of a program that starts the cluster of the folder in its first argument, as source. */
const starting = `
    const swc = require('@swc/core');
    require.extensions['.ts'] = (module, file) => module._compile(swc.transformFileSync(file).code, file);
    require('./libs/chassis/postgres/embedded.ts').startEmbedded({ folder: process.argv[1], name: 'sanfang' })`;

/** A process of its own that starts the cluster as a service would, and says the URL. */
async function startInAnotherProcess(): Promise<{ url: string; adminUrl: string; kill(): Promise<void> }> {
  const script = `${starting}
      .then(({ url, adminUrl }) => process.stdout.write(JSON.stringify({ url, adminUrl }) + '\\n'));
    setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['-e', script, folder], { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise<void>((end) => child.once('exit', () => end()));
  const line = await new Promise<string>((said, fail) => {
    createInterface({ input: child.stdout }).once('line', said);
    child.once('exit', () => fail(new Error('the other process ended early')));
  });
  const { url, adminUrl } = JSON.parse(line) as { url: string; adminUrl: string };
  return {
    url,
    adminUrl,
    kill() {
      child.kill('SIGKILL');
      return ended;
    },
  };
}

async function untilSome<T>(find: () => T | undefined): Promise<T> {
  for (;;) {
    const found = find();
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

afterEach(async () => {
  await running?.stop();
  running = undefined;
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the first start', () => {
  it('makes a durable UTF-8 cluster with checksums, whose Chinese texts have trigrams', async () => {
    const { url } = await start();
    const client = new Client({ connectionString: url });
    await client.connect();
    await expect(assertDurable((sql) => client.query(sql), 'embedded')).resolves.toEqual([]);
    const { rows } = await client.query<{ trigrams: string[] }>(`SELECT show_trgm('张三') AS trigrams`);
    expect(rows[0]!.trigrams).toHaveLength(3);
    await client.end();
  });

  it('gives the agency an ordinary role, by a scram password, on the loopback address alone', async () => {
    const { url, adminUrl } = await start();
    const [role] = await ask(
      url,
      `SELECT rolsuper, rolcreatedb, rolcreaterole, rolreplication, rolbypassrls FROM pg_roles
       WHERE rolname = current_user`,
    );
    expect(Object.values(role!)).toEqual([false, false, false, false, false]);
    const kinds = await ask(
      adminUrl,
      `SELECT DISTINCT left(rolpassword, 13) AS kind FROM pg_authid
       WHERE rolpassword IS NOT NULL`,
    );
    expect(kinds).toEqual([{ kind: 'SCRAM-SHA-256' }]);
    const [reach] = await ask(
      adminUrl,
      `SELECT current_setting('listen_addresses') AS at, current_setting('unix_socket_directories') AS sockets`,
    );
    expect(reach).toEqual({ at: '127.0.0.1', sockets: '' });
    await expect(ask(url.replace(/:[^:@]+@/, ':wrong@'), 'SELECT 1')).rejects.toThrow('password authentication failed');
    await expect(ask(url.replace(/\/sanfang$/, '/postgres'), 'SELECT 1')).rejects.toThrow('permission denied');
  });

  it('keeps its secrets from others and leaves no password elsewhere', async () => {
    const { url } = await start();
    expect(statSync(join(folder, 'secrets.json')).mode & 0o777).toBe(0o600);
    expect(statSync(join(folder, 'cluster')).mode & 0o777).toBe(0o700);
    expect(readdirSync(folder).sort()).toEqual(['cluster', 'owner.json', 'secrets.json', 'server.log']);
    expect(readFileSync(join(folder, 'server.log'), 'utf8')).not.toContain(new URL(url).password);
  });

  it('survives a crash on the way: half a cluster is thrown away', async () => {
    const other = mkdtempSync(join(tmpdir(), 'sanfang-half-'));
    const first = await startEmbedded({ folder: other, name: 'sanfang' });
    await first.stop();
    rmSync(join(other, 'cluster'), { recursive: true });
    writeFileSync(join(other, 'cluster.unfinished'), 'torn');
    const second = await startEmbedded({ folder: other, name: 'sanfang' });
    expect(await ask(second.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    await second.stop();
    rmSync(other, { recursive: true });
  });
});

describe('a later start', () => {
  it('finds what was stored, under the same secrets', async () => {
    const first = await start();
    await ask(first.url, `CREATE TABLE kept AS SELECT '李某' AS name`);
    await first.stop();
    expect(first.pids()).toEqual([]);
    const second = await start();
    expect(new URL(second.url).password).toBe(new URL(first.url).password);
    expect(await ask(second.url, 'SELECT name FROM kept')).toEqual([{ name: '李某' }]);
  });

  it('is refused while the first owner lives, and does not harm it', async () => {
    const first = await start();
    const pids = first.pids();
    const digest = () =>
      createHash('sha256')
        .update(readFileSync(join(folder, 'owner.json')))
        .digest('hex');
    const before = digest();
    const refusal: unknown = await startEmbedded({ folder, name: 'sanfang' }).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(DataFolderInUse);
    expect((refusal as Error).message).toContain(String(process.pid));
    expect((refusal as Error).message).toContain('SANFANG_DATA');
    expect(await ask(first.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    expect(first.pids()[0]).toBe(pids[0]);
    expect(digest()).toBe(before);
  });

  it('is refused while another process owns the folder; after its kill -9 it recovers by itself', async () => {
    const other = await startInAnotherProcess();
    await expect(start()).rejects.toThrow(DataFolderInUse);
    await ask(other.url, 'CREATE TABLE answered AS SELECT 42 AS n');
    await other.kill();
    // The server lives on without its owner.
    expect(await ask(other.url, 'SELECT n FROM answered')).toEqual([{ n: 42 }]);
    const said: string[] = [];
    const { url } = await start({ log: (line) => said.push(line) });
    expect(said).toEqual([expect.stringContaining('left behind')]);
    expect(await ask(url, 'SELECT n FROM answered')).toEqual([{ n: 42 }]);
    await expect(ask(other.url, 'SELECT 1')).rejects.toThrow();
  });

  it('recovers what was answered after a kill -9 of service and server alike', async () => {
    const other = await startInAnotherProcess();
    await ask(other.url, 'CREATE TABLE torn AS SELECT 43 AS n');
    const postmaster = Number(readFileSync(join(folder, 'cluster/postmaster.pid'), 'utf8').split('\n')[0]);
    await other.kill();
    process.kill(postmaster, 'SIGKILL');
    const { url } = await start();
    expect(await ask(url, 'SELECT n FROM torn')).toEqual([{ n: 43 }]);
    expect(readFileSync(join(folder, 'server.log'), 'utf8')).toContain('automatic recovery');
  });

  it('is not held up by a pid file whose number now belongs to an unrelated process', async () => {
    await (await start()).stop();
    const bystander = spawn('sleep', ['600']);
    writeFileSync(join(folder, 'cluster/postmaster.pid'), `${bystander.pid}\n${folder}/cluster\n0\n1\n`);
    const { url } = await start();
    expect(await ask(url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    expect(startOf(bystander.pid!)).toBeDefined();
    bystander.kill();
  });
});

describe('a running server', () => {
  it('tells when it ends by itself, and not when it was stopped', async () => {
    const first = await start();
    const silent = jest.fn();
    first.onExit(silent);
    await first.stop();
    const second = await start();
    const why = new Promise<string>((tell) => second.onExit(tell));
    process.kill(second.pids()[0]!, 'SIGQUIT');
    expect(await why).toContain('ended by itself');
    expect(silent).not.toHaveBeenCalled();
  });

  // PostgreSQL 18.4 waits for ever for a recovery that was killed while it recovers from the crash of another process.
  it('is ended when its recovery was killed, and the next start recovers', async () => {
    const said: string[] = [];
    const server = await start({ log: (line) => said.push(line) });
    const why = new Promise<string>((told) => server.onExit(told));
    const client = new Client({ connectionString: server.url });
    client.on('error', () => server.doubt());
    await client.connect();
    await client.query('CREATE TABLE twice AS SELECT 44 AS n');
    const [postmaster] = server.pids() as [number];
    const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
    process.kill(rows[0]!.pid, 'SIGKILL');
    const recovery = await untilSome(() =>
      childrenOf(postmaster).find((pid) => wordsOf(pid)[0]?.startsWith('postgres: startup')),
    );
    process.kill(recovery, 'SIGKILL');
    expect(await why).toContain('ended by itself');
    expect(said.join()).toContain('without an outcome');
    await server.stop();
    expect(await ask((await start()).url, 'SELECT n FROM twice')).toEqual([{ n: 44 }]);
  });

  it('is left alone when it recovers', async () => {
    const said: string[] = [];
    const server = await start({ log: (line) => said.push(line) });
    const client = new Client({ connectionString: server.url });
    client.on('error', () => undefined);
    await client.connect();
    const [postmaster] = server.pids() as [number];
    const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
    process.kill(rows[0]!.pid, 'SIGKILL');
    expect(await endIfStuck(postmaster, (line) => said.push(line))).toBe(false);
    expect({ said, state: stateOf(postmaster) }).toEqual({ said: [], state: 'serves' });
  });

  it('keeps a short program from ending before the server has ended', async () => {
    const script = `${starting}.then((server) => server.stop()).then(() => process.stdout.write('ended'))`;
    const { stdout } = await promisify(execFile)(process.execPath, ['-e', script, folder], { cwd: root });
    expect(stdout).toBe('ended');
    expect(readdirSync(join(folder, 'cluster'))).not.toContain('postmaster.pid');
  });

  it('is one of several side by side, each on its own port', async () => {
    const folders = [1, 2, 3].map((n) => join(folder, `agency-${n}`));
    const three = await Promise.all(folders.map((each) => startEmbedded({ folder: each, name: 'sanfang' })));
    expect(new Set(three.map(({ url }) => new URL(url).port)).size).toBe(3);
    await Promise.all(three.map((each) => each.stop()));
  });
});
