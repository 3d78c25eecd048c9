import { spawn } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { findBinaries } from './binaries';
import { startEmbedded } from './embedded';
import { chooseIdentity } from './identity';

jest.setTimeout(60_000); // A first start takes seconds on a busy machine.

const root = resolve(__dirname, '../../..');
const NOBODY = { uid: 65534, gid: 65534 };
const asRoot = process.getuid?.() === 0;
const home = mkdtempSync(join(tmpdir(), 'sanfang-identity-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));

/** A new data folder below a home of the given mode. */
function dataFolder(mode: number): string {
  const owner = mkdtempSync(join(home, 'home-'));
  const folder = join(owner, 'data/postgres');
  mkdirSync(folder, { recursive: true });
  chmodSync(home, 0o755);
  chmodSync(owner, mode);
  return folder;
}

function userOf(pid: number): number {
  return Number(/^Uid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]);
}

function possible(mode: number, how: string): boolean {
  try {
    return asRoot && chooseIdentity(dataFolder(mode), findBinaries().postgres).how === how;
  } catch {
    return false;
  }
}

const switching = possible(0o755, 'account');
const namespaces = possible(0o700, 'namespace');

/** A test that this machine may not be able to run; then it is skipped under a title that says why. */
function when(condition: boolean, missing: string, title: string, body: () => Promise<void>): void {
  if (condition) it(title, body);
  else it.skip(`${title} (skipped: ${missing})`, body);
}

describe('the account of the server', () => {
  when(switching, 'needs root and a tree open to others', 'is an unprivileged one for root', async () => {
    const folder = dataFolder(0o755);
    const server = await startEmbedded({ folder, name: 'sanfang' });
    const uid = userOf(server.pids()[0]!);
    await server.stop();
    expect(uid).toBeGreaterThan(0);
    expect(statSync(join(folder, 'cluster')).uid).toBe(uid);
    expect(statSync(join(folder, 'secrets.json'))).toMatchObject({ uid: 0 });
  });

  when(namespaces, 'needs root and user namespaces', 'is root without power below a private home', async () => {
    const folder = dataFolder(0o700);
    const server = await startEmbedded({ folder, name: 'sanfang' });
    const status = readFileSync(`/proc/${server.pids()[0]}/status`, 'utf8');
    await server.stop();
    expect(/^CapEff:\s+(\w+)/m.exec(status)![1]).toMatch(/^0+$/);
    expect(statSync(join(folder, 'cluster')).uid).toBe(0);
  });

  when(switching && namespaces, 'needs root and user namespaces', 'may change when the folder moves', async () => {
    const folder = dataFolder(0o700);
    await (await startEmbedded({ folder, name: 'sanfang' })).stop();
    chmodSync(resolve(folder, '../..'), 0o755);
    const opened = await startEmbedded({ folder, name: 'sanfang' });
    expect(userOf(opened.pids()[0]!)).toBeGreaterThan(0);
    await opened.stop();
    chmodSync(resolve(folder, '../..'), 0o700);
    const closed = await startEmbedded({ folder, name: 'sanfang' });
    expect(statSync(join(folder, 'cluster/base')).uid).toBe(0);
    await closed.stop();
  });

  when(switching, 'needs root to become another user', 'is the user himself when he is no root', async () => {
    const folder = dataFolder(0o755);
    chownSync(folder, NOBODY.uid, NOBODY.gid);
    const script = `
      const swc = require('@swc/core');
      require.extensions['.ts'] = (module, file) => module._compile(swc.transformFileSync(file).code, file);
      const { startEmbedded } = require('./libs/chassis/postgres/embedded.ts');
      startEmbedded({ folder: process.argv[1], name: 'sanfang' }).then(async (server) => {
        process.stdout.write(String(server.pids()[0]));
        process.stdin.once('data', () => server.stop().then(() => process.exit()));
      });`;
    const child = spawn(process.execPath, ['-e', script, folder], { cwd: root, ...NOBODY });
    child.stderr.pipe(process.stderr);
    const ended = new Promise((end) => child.once('exit', end));
    const pid = await new Promise<number>((said, fail) => {
      child.stdout.once('data', (text) => said(Number(text)));
      child.once('exit', () => fail(new Error('the child ended early')));
    });
    expect(userOf(pid)).toBe(NOBODY.uid);
    child.stdin.write('stop');
    expect(await ended).toBe(0);
  });

  when(switching, 'needs root to become another user', 'is told to whoever may not use the folder', async () => {
    const folder = dataFolder(0o755);
    await (await startEmbedded({ folder, name: 'sanfang' })).stop();
    process.seteuid!(NOBODY.uid);
    try {
      await expect(startEmbedded({ folder, name: 'sanfang' })).rejects.toThrow('belongs to another user');
    } finally {
      process.seteuid!(0);
    }
  });
});
