import type { ChildProcess } from 'node:child_process';
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { DataFolderInUse, takeOwnership } from './owner-lock';
import { startOf } from './process-table';

jest.setTimeout(60_000); // A first start takes seconds on a busy machine.

const root = resolve(__dirname, '../../..');
let folder: string;
const bystanders: ChildProcess[] = [];
const lock = () => join(folder, 'owner.json');
const current = () => JSON.parse(readFileSync(lock(), 'utf8')) as Record<string, unknown>;

beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'sanfang-lock-'))));
afterEach(() => {
  for (const child of bystanders.splice(0)) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

/** Leaves a lock as this process would have written it, but for the given fields. */
function leave(changed: Record<string, unknown>): void {
  takeOwnership(folder);
  writeFileSync(lock(), `${JSON.stringify({ ...current(), ...changed })}\n`);
}

function leaveDead(pid: number): void {
  rmSync(lock(), { force: true });
  leave({ pid, started: '7' });
}

describe('the owner lock', () => {
  it('names its owner and vanishes when released', () => {
    const release = takeOwnership(folder);
    expect(current()).toMatchObject({ pid: process.pid, started: startOf(process.pid) });
    release();
    expect(readdirSync(folder)).toEqual([]);
  });

  it('is refused to a second taker, the same process included', () => {
    const release = takeOwnership(folder);
    expect(() => takeOwnership(folder)).toThrow(DataFolderInUse);
    release();
    takeOwnership(folder)();
  });

  it('of a dead process is taken over', () => {
    leave({ pid: spawnSync('true').pid });
    const release = takeOwnership(folder);
    expect(current()).toMatchObject({ pid: process.pid });
    release();
    expect(readdirSync(folder)).toEqual([]);
  });

  it('is taken over when the number of its dead owner was given to another process', () => {
    const other = spawn('sleep', ['600'], { stdio: 'ignore' });
    bystanders.push(other);
    leave({ pid: other.pid, started: 'earlier' });
    takeOwnership(folder)();
    leave({ pid: other.pid, started: startOf(other.pid!) });
    expect(() => takeOwnership(folder)).toThrow(DataFolderInUse);
  });

  it('from before a reboot of this host is taken over, whoever bears the number now', () => {
    leave({ place: 'an earlier boot' });
    takeOwnership(folder)();
  });

  it('of another host is respected, because nobody here can tell whether it lives', () => {
    leave({ host: 'another-host', place: 'elsewhere', pid: spawnSync('true').pid });
    expect(() => takeOwnership(folder)).toThrow('another-host');
  });

  it('that cannot be read is not guessed at', () => {
    writeFileSync(lock(), '');
    expect(() => takeOwnership(folder)).toThrow('not readable as an owner lock');
    expect(existsSync(lock())).toBe(true);
  });

  it('of a dead process is left to a living rival who is just taking it over', () => {
    const dead = spawnSync('true').pid;
    leave({});
    const rival = readFileSync(lock(), 'utf8');
    leaveDead(dead);
    writeFileSync(join(folder, `owner.${dead}.7.takeover`), rival);
    expect(() => takeOwnership(folder)).toThrow(DataFolderInUse);
    expect(current()).toMatchObject({ pid: dead });
  });

  it('of a dead process is taken over from a rival who died while taking it over', () => {
    const dead = spawnSync('true').pid;
    leaveDead(dead);
    writeFileSync(join(folder, `owner.${dead}.7.takeover`), readFileSync(lock()));
    takeOwnership(folder)();
    expect(readdirSync(folder)).toEqual([]);
  });

  it('goes to exactly one of several processes that find its owner dead at once', async () => {
    const dead = spawnSync('true').pid;
    const script = `
      const swc = require('@swc/core');
      require.extensions['.ts'] = (module, file) => module._compile(swc.transformFileSync(file).code, file);
      const { takeOwnership } = require('./libs/chassis/postgres/owner-lock.ts');
      const [folder, at] = process.argv.slice(1);
      while (Date.now() < Number(at));
      let outcome = 'refused';
      try { takeOwnership(folder); outcome = 'owner'; }
      catch (error) { if (error.name !== 'DataFolderInUse') throw error; }
      process.stdout.write(outcome);
      setTimeout(() => {}, 3000);`;
    leave({ pid: dead });
    const at = String(Date.now() + 1500);
    const children = Array.from({ length: 6 }, () =>
      spawn(process.execPath, ['-e', script, folder, at], { cwd: root }),
    );
    bystanders.push(...children);
    const outcomes = await Promise.all(
      children.map((child) => new Promise<string>((said) => child.stdout.once('data', (text) => said(String(text))))),
    );
    expect(outcomes.sort()).toEqual(['owner', 'refused', 'refused', 'refused', 'refused', 'refused']);
  });
});
