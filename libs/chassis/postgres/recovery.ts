// After the crash of one of its processes PostgreSQL starts the others anew and recovers. When its recovery itself is
// killed in that moment (by an operator, or by a kernel that needs memory), PostgreSQL 18 waits for it for ever: alive,
// and answering everybody that it is in recovery. Nobody but a supervisor can help then.
import { setTimeout as pause } from 'node:timers/promises';
import { childrenOf, signal, startOf, wordsOf } from './process-table';

const lookMs = 500;
/** Between the end of a recovery and its first work a server shows neither for some milliseconds. */
const idleLooks = 4;
/** What is seen at first may be about to be thrown out with the rest. */
const servingLooks = 10;

export type State = 'serves' | 'recovers' | 'idle';

/** What a postmaster is doing, by the titles of its processes. */
export function stateOf(postmaster: number): State {
  const titles = childrenOf(postmaster).map((pid) => wordsOf(pid)[0] ?? '');
  if (titles.some((title) => title.startsWith('postgres: startup'))) return 'recovers';
  return titles.some((title) => title.startsWith('postgres: walwriter')) ? 'serves' : 'idle';
}

/**
 * Looks at a server whose connections broke until it has served for some seconds, and ends one whose recovery stands
 * still: its next start recovers. Does nothing where the processes of others cannot be seen.
 * @returns whether it was ended
 */
export async function endIfStuck(postmaster: number, log: (line: string) => void): Promise<boolean> {
  if (process.platform !== 'linux') return false;
  const began = startOf(postmaster);
  for (let idle = 0, serving = 0; serving < servingLooks;) {
    if (began === undefined || startOf(postmaster) !== began) return false;
    const state = stateOf(postmaster);
    serving = state === 'serves' ? serving + 1 : 0;
    idle = state === 'idle' ? idle + 1 : 0;
    if (idle === idleLooks) {
      log(`the recovery of the PostgreSQL server ${postmaster} has ended without an outcome; ending the server`);
      // Asked politely it would wait for its recovery first.
      return signal(postmaster, 'SIGQUIT');
    }
    await pause(lookMs, undefined, { ref: false });
  }
  return false;
}
