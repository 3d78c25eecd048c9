// Loops that follow something run until they are told to stop. A lost connection is waited out, with a pause that grows
// while nothing works and starts over with the first thing that does: a loss of last week must not slow down today's.
import { setTimeout as pause } from 'node:timers/promises';

const firstPauseMs = 100;
// What waits here is what people wait for after a restart of the database.
export const longestPauseMs = 1_000;

/**
 * @param onFault told of each fault and of the pause before the next attempt (ms)
 * @param work calls `working` whenever it got something done
 */
export async function persist(
  signal: AbortSignal,
  onFault: (error: unknown, pauseMs: number) => void,
  work: (working: () => void) => Promise<void>,
): Promise<void> {
  let pauseMs = firstPauseMs;
  const working = (): void => {
    pauseMs = firstPauseMs;
  };
  while (!signal.aborted) {
    try {
      await work(working);
      if (signal.aborted) return;
      working();
    } catch (error) {
      if (signal.aborted) return;
      onFault(error, pauseMs);
    }
    await pause(pauseMs, undefined, { signal }).catch(() => undefined);
    pauseMs = Math.min(2 * pauseMs, longestPauseMs);
  }
}
