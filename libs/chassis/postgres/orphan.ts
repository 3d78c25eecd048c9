// After a kill -9 of the service its server lives on, without an owner. The next owner stops it before starting anew:
// adopting it would keep a port and settings that nobody chose, and its exit could not be watched.
import { readFileSync, realpathSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { signal, startOf, wordsOf } from './process-table';

/** Only for the holder of the owner lock: stops a server left on the data directory, clears a stale pid file. */
export async function stopOrphan(cluster: string, log: (line: string) => void): Promise<void> {
  const pid = postmasterOf(cluster);
  if (pid === undefined) return;
  if (serves(pid, cluster)) {
    log(`stopping the PostgreSQL server ${pid} that a killed service left behind on ${cluster}`);
    await endServer(pid);
  }
  // The number may belong to an unrelated process by now, and PostgreSQL would refuse to start because of it. Should a
  // server run all the same, its own lock on the shared memory of this data directory still keeps a second one out.
  rmSync(join(cluster, 'postmaster.pid'), { force: true });
}

/** Asks a server to end: fast, then at once (recovery follows at the next start), then by force. Bounded. */
export async function endServer(pid: number): Promise<void> {
  const started = startOf(pid);
  const steps: [NodeJS.Signals, number][] = [
    ['SIGINT', 15_000],
    ['SIGQUIT', 5_000],
    ['SIGKILL', 5_000],
  ];
  for (const [name, patience] of steps) {
    if (started === undefined || startOf(pid) !== started || !signal(pid, name)) return;
    for (let waited = 0; waited < patience; waited += 10) {
      if (startOf(pid) !== started) return;
      await pause(10);
    }
  }
  throw new Error(
    `the PostgreSQL server ${pid} does not end, not even by SIGKILL. Remedy: see what its disk is doing.`,
  );
}

/** The process id that a data directory names as its server. */
export function postmasterOf(cluster: string): number | undefined {
  try {
    const pid = Number(readFileSync(join(cluster, 'postmaster.pid'), 'utf8').split('\n')[0]);
    return Number.isInteger(pid) && pid > 0 ? pid : undefined;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function serves(pid: number, cluster: string): boolean {
  if (startOf(pid) === undefined) return false;
  const words = wordsOf(pid);
  const folder = words[words.indexOf('-D') + 1];
  return basename(words[0] ?? '') === 'postgres' && folder !== undefined && samePlace(folder, cluster);
}

function samePlace(one: string, other: string): boolean {
  try {
    return realpathSync(one) === realpathSync(other);
  } catch {
    return false; // The process serves a folder that is no more, so not this one.
  }
}
