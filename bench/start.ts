// From `npm start` to the ready line: cold (nothing built, empty data folder), then restarted; and the memory of every
// process that then runs: npm, the supervisor, three services, three PostgreSQL clusters.
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

const root = join(__dirname, '..', '..');
const port = 18_801;

export async function measureStart(): Promise<object> {
  const data = mkdtempSync(join(tmpdir(), 'sanfang-bench-start-'));
  // This program itself was just compiled into dist: a newcomer's first start compiles it.
  const build = join(root, 'dist');
  for (const stamp of ['.server', '.web']) rmSync(join(build, stamp), { force: true });
  try {
    const cold = await startOnce(data);
    const restart = await startOnce(data);
    return { coldSeconds: cold.seconds, restartSeconds: restart.seconds, atRest: restart.memory };
  } finally {
    rmSync(data, { recursive: true, force: true });
  }
}

async function startOnce(data: string): Promise<{ seconds: number; memory: object }> {
  const started = performance.now();
  const env = { ...process.env, SANFANG_DATA: data, SANFANG_PORT: String(port) };
  const child = spawn('npm', ['start'], { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  await ready(child);
  const seconds = Math.round(performance.now() - started) / 1000;
  await pause(10_000);
  const memory = memoryOf(familyOf(child.pid as number));
  const gone = new Promise((resolve) => child.once('exit', resolve));
  process.kill(-(child.pid as number), 'SIGTERM');
  await gone;
  return { seconds, memory };
}

function ready(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let said = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        said += text;
        if (said.includes('{"ready":true')) resolve();
      });
    }
    child.once('exit', (code) => reject(new Error(`npm start ended (${code}):\n${said.slice(-4000)}`)));
  });
}

/** A process and all that it started, by /proc. */
function familyOf(pid: number): number[] {
  const parents = new Map<number, number>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const stat = tryRead(`/proc/${name}/stat`);
    const parent = /^\d+ \(.*\) \S (\d+)/s.exec(stat)?.[1];
    if (parent) parents.set(Number(name), Number(parent));
  }
  const family = new Set([pid]);
  for (let size = 0; size !== family.size;) {
    size = family.size;
    for (const [child, parent] of parents) if (family.has(parent)) family.add(child);
  }
  return [...family];
}

/** RSS counts pages that processes share once for each of them; PSS counts them once in all. */
function memoryOf(pids: readonly number[]): object {
  let [rss, pss] = [0, 0];
  const byProgram: Record<string, { processes: number; rssMB: number }> = {};
  for (const pid of pids) {
    const rollup = tryRead(`/proc/${pid}/smaps_rollup`);
    const field = (name: string): number =>
      Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(rollup)?.[1] ?? 0) / 1024;
    rss += field('Rss');
    pss += field('Pss');
    const program = tryRead(`/proc/${pid}/comm`).trim();
    const known = (byProgram[program] ??= { processes: 0, rssMB: 0 });
    known.processes++;
    known.rssMB = Math.round(known.rssMB + field('Rss'));
  }
  return { processes: pids.length, rssMB: Math.round(rss), pssMB: Math.round(pss), byProgram };
}

function tryRead(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    // A process may end between listing and reading; then it uses no memory.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT' || (error as NodeJS.ErrnoException).code === 'ESRCH')
      return '';
    throw error;
  }
}
