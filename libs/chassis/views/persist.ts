// Loops that follow something run until they are told to stop. A lost connection is waited out, with a growing pause.
import { setTimeout as pause } from 'node:timers/promises';

export async function persist(signal: AbortSignal, onFault: (error: unknown) => void, work: () => Promise<void>) {
  for (let failures = 0; !signal.aborted; failures++) {
    try {
      await work();
      if (signal.aborted) return;
      failures = 0;
    } catch (error) {
      if (signal.aborted) return;
      onFault(error);
    }
    await pause(Math.min(100 * 2 ** failures, 5_000), undefined, { signal }).catch(() => {});
  }
}
