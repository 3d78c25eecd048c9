import { spawnSync } from 'node:child_process';
import { cpSync, lstatSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { findBinaries, NoEmbeddedServer, remakeSymlinks } from './binaries';

describe('the programs of the embedded server', () => {
  it('run after an install without scripts, because the library links are made anew', () => {
    const installed = resolve(findBinaries().postgres, '../../..');
    const copy = mkdtempSync(join(tmpdir(), 'sanfang-binaries-'));
    cpSync(installed, copy, { recursive: true, filter: (path) => !lstatSync(path).isSymbolicLink() });
    const run = () => spawnSync(join(copy, 'native/bin/postgres'), ['--version'], { encoding: 'utf8' });
    expect(run().status).not.toBe(0);
    expect(remakeSymlinks(copy)).toBeGreaterThan(0);
    expect(run().stdout).toContain('PostgreSQL');
    expect(remakeSymlinks(copy)).toBe(0);
    rmSync(copy, { recursive: true });
  });

  it('are refused on a platform without them, naming the remedy', () => {
    const arch = Object.getOwnPropertyDescriptor(process, 'arch')!;
    Object.defineProperty(process, 'arch', { ...arch, value: 'mips' });
    try {
      expect(() => findBinaries()).toThrow(NoEmbeddedServer);
      expect(() => findBinaries()).toThrow('COMMISSION_DATABASE_URL');
    } finally {
      Object.defineProperty(process, 'arch', arch);
    }
  });
});
