// Programs in Go, built into .cache: the verifier beside this file, and others in folders of their own. Decided while a
// test file loads, so that a machine without Go reports its tests as skipped and says why; a program that does not
// compile is no reason to skip.
import { execFile, execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';

// This file runs as it is in tests, and compiled below dist/ in benchmarks.
const root = rootAbove(__dirname);
const cache = join(root, '.cache', 'go');
const env = {
  ...process.env,
  GOMODCACHE: join(cache, 'mod'),
  GOCACHE: join(cache, 'build'),
  GOFLAGS: '-modcacherw -buildvcs=false',
  GOTOOLCHAIN: 'local',
  GOWORK: 'off',
  CGO_ENABLED: '0',
};

export type Program = { readonly path: string } | { readonly missing: string };
export type Answer = { readonly code: number; readonly out: string; readonly err: string };

export const foreignProgram = (): Program => goProgram(join(root, 'test', 'foreign'), 18);

/**
 * The built program of a folder, or in words what this machine lacks. The first call on a machine compiles for 15 s or
 * more.
 * @param leastMinor of Go 1.x, as its go.mod asks for
 */
export function goProgram(folder: string, leastMinor: number): Program {
  const missing = lacking(folder, leastMinor);
  const name = relative(root, folder).replaceAll(sep, '-');
  if (missing !== undefined) {
    process.stderr.write(`the program ${name} is skipped: ${missing}\n`);
    return { missing };
  }
  const path = join(cache, name);
  const fresh = `${path}.${process.pid}.new`;
  go(folder, 'build', '-trimpath', '-o', fresh, '.');
  renameSync(fresh, path);
  return { path };
}

export function describeWithGo(title: string, program: Program, tests: () => void): void {
  if ('missing' in program) describe.skip(`${title} [skipped: ${program.missing}]`, tests);
  else describe(title, tests);
}

export function itWithGo(title: string, program: Program, test: () => Promise<void>): void {
  if ('missing' in program) it.skip(`${title} [skipped: ${program.missing}]`, test);
  else it(title, test, 180_000);
}

/** Runs it; a refusal is an answer, only a program that does not run at all is an error. */
export function ask(program: Program, ...argv: string[]): Promise<Answer> {
  if ('missing' in program) throw new Error(program.missing);
  return new Promise((resolve, reject) => {
    execFile(program.path, argv, { maxBuffer: 1 << 24 }, (error, out, err) => {
      const code = error?.code ?? 0;
      if (typeof code === 'number') resolve({ code, out, err });
      else reject(error as Error);
    });
  });
}

function rootAbove(folder: string): string {
  return existsSync(join(folder, 'package.json')) ? folder : rootAbove(dirname(folder));
}

function lacking(folder: string, leastMinor: number): string | undefined {
  mkdirSync(cache, { recursive: true });
  let version: string;
  try {
    version = go(folder, 'version');
  } catch {
    return 'go is not installed';
  }
  const [, minor] = /go1\.(\d+)/.exec(version) ?? [];
  if (Number(minor) < leastMinor) return `${version.trim()} is older than 1.${leastMinor}`;
  try {
    go(folder, 'mod', 'download');
    return undefined;
  } catch (error) {
    return `its modules cannot be fetched (${(error as Error).message.split('\n').at(-1)})`;
  }
}

function go(folder: string, ...argv: string[]): string {
  return execFileSync('go', argv, { cwd: folder, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}
