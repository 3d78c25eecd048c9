// The Go program beside this file, built into .cache. Decided while a test file loads, so that a machine without Go
// reports its tests as skipped and says why; a program that does not compile is no reason to skip.
import { execFile, execFileSync } from 'node:child_process';
import { mkdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';

const cache = join(__dirname, '..', '..', '.cache', 'go');
const env = {
  ...process.env,
  GOMODCACHE: join(cache, 'mod'),
  GOCACHE: join(cache, 'build'),
  GOFLAGS: '-modcacherw -buildvcs=false',
  GOTOOLCHAIN: 'local',
  GOWORK: 'off',
  CGO_ENABLED: '0',
};
const leastMinor = 18;

export type Program = { readonly path: string } | { readonly missing: string };
export type Answer = { readonly code: number; readonly out: string; readonly err: string };

/** The built program, or in words what this machine lacks. The first call on a machine compiles for some 15 s. */
export function foreignProgram(): Program {
  const missing = lacking();
  if (missing !== undefined) {
    process.stderr.write(`the foreign verifier is skipped: ${missing}\n`);
    return { missing };
  }
  const path = join(cache, 'foreign');
  const fresh = `${path}.${process.pid}.new`;
  go('build', '-trimpath', '-o', fresh, '.');
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

function lacking(): string | undefined {
  mkdirSync(cache, { recursive: true });
  let version: string;
  try {
    version = go('version');
  } catch {
    return 'go is not installed';
  }
  const [, minor] = /go1\.(\d+)/.exec(version) ?? [];
  if (Number(minor) < leastMinor) return `${version.trim()} is older than 1.${leastMinor}`;
  try {
    go('mod', 'download');
    return undefined;
  } catch (error) {
    return `golang.org/x/mod cannot be fetched (${(error as Error).message.split('\n').at(-1)})`;
  }
}

function go(...argv: string[]): string {
  return execFileSync('go', argv, { cwd: __dirname, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}
