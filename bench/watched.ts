// A program of its own from start to end: seconds on the clock, CPU seconds, and the most memory that it ever had.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { round } from './rounds';

export type Watched = {
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly peakRssMB: number;
  readonly out: string;
};

const everyMs = 10;
const ticksPerSecond = 100;

/** Linux only: elsewhere memory and CPU time are 0. @throws Error when it ends with another code than 0 */
export function watched(program: string, args: readonly string[]): Promise<Watched> {
  return new Promise((resolve, reject) => {
    const started = performance.now();
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    let out = '';
    let last = { cpuSeconds: 0, peakRssMB: 0 };
    const look = (): void => void (last = seenOf(child.pid) ?? last);
    const looking = setInterval(look, everyMs);
    child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
    child.once('error', reject).once('close', (code) => {
      clearInterval(looking);
      if (code !== 0) return reject(new Error(`${program} ended with ${String(code)}`));
      resolve({ seconds: round((performance.now() - started) / 1000, 2), ...last, out });
    });
  });
}

/** The kernel keeps the peak itself, so looking now and then misses only the last moments. */
function seenOf(pid: number | undefined): Omit<Watched, 'seconds' | 'out'> | undefined {
  try {
    const [, peak] = /^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const [user, system] = stat
      .slice(stat.lastIndexOf(')') + 2)
      .split(' ')
      .slice(11, 13);
    if (peak === undefined) return undefined;
    return {
      cpuSeconds: (Number(user) + Number(system)) / ticksPerSecond,
      peakRssMB: Math.round((Number(peak) * 1024) / 1e6),
    };
  } catch {
    return undefined;
  }
}
