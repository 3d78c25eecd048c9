// The newest hint, for one taker. Older ones are forgotten: a hint only says how far a log goes.
import type { Hint } from '../peer-source';

export class HintQueue {
  private newest: Hint | undefined;
  private rouse: () => void = () => undefined;

  push(hint: Hint): void {
    this.newest = hint;
    this.rouse();
  }

  /** Until the signal aborts. */
  async *take(signal: AbortSignal): AsyncGenerator<Hint, void> {
    const end = () => this.rouse();
    signal.addEventListener('abort', end, { once: true });
    while (!signal.aborted) {
      const hint = this.newest;
      this.newest = undefined;
      if (hint) {
        yield hint;
        continue;
      }
      await new Promise<void>((resolve) => {
        this.rouse = resolve;
      });
    }
    signal.removeEventListener('abort', end);
  }
}
