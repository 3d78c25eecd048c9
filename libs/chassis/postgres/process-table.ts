// Questions about other processes. A process id alone proves nothing, because the kernel gives it out again: with the
// moment the process began it names one process for good.
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

const linux = process.platform === 'linux';

/** When a living process began, in a form that only compares for equality; undefined when dead (zombies are dead). */
export function startOf(pid: number): string | undefined {
  if (!linux) return ps(pid, 'lstart=');
  const fields = statOf(pid);
  if (!fields || fields[0] === 'Z' || fields[0] === 'X') return undefined;
  return fields[19];
}

/** The words a process was started with; empty when it is gone. */
export function wordsOf(pid: number): string[] {
  if (!linux) return ps(pid, 'command=')?.split(' ') ?? [];
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
  } catch {
    return [];
  }
}

/** Children of a process, without grandchildren; empty where there is no /proc. */
export function childrenOf(parent: number): number[] {
  if (!linux) return [];
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.map(Number).filter((pid) => statOf(pid)?.[1] === String(parent));
}

/** Signals a process that may be gone already; whether it was still there. */
export function signal(pid: number, name: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
    throw error;
  }
}

// Fields of /proc/PID/stat from the third (state) on: the second, the name, may itself hold blanks and brackets.
function statOf(pid: number): string[] | undefined {
  try {
    const line = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return line.slice(line.lastIndexOf(')') + 2).split(' ');
  } catch {
    return undefined;
  }
}

function ps(pid: number, column: string): string | undefined {
  const run = spawnSync('ps', ['-o', column, '-p', String(pid)], { encoding: 'utf8' });
  return run.status === 0 ? run.stdout.trim() || undefined : undefined;
}
