// A call that brings many things, as something that can be waited for, and let go of. The client tells an error by an
// event that a `for await` may miss, and then ends as if everything had been read; and whoever breaks off a `for await`
// leaves the call open on the server. Here both are heard from the first moment on, and what waits is bounded.
import type { Readable } from 'node:stream';
import { Unavailable } from '../event-store';

/** So many things may wait; the server is told to pause beyond it. One may be as large as an append, 1 MiB. */
export const mostWaiting = 200;

export class Inflow<T> {
  private waiting: T[] = [];
  private failure: unknown;
  private ended = false;
  private rouse: () => void = () => undefined;

  /**
   * @param call a stream of the client, fresh from its making
   * @param release how its call is ended on the server
   */
  constructor(
    private readonly call: Readable,
    private readonly release: () => Promise<void>,
  ) {
    call.on('data', (item: T) => {
      if (this.ended) return;
      this.waiting.push(item);
      if (this.waiting.length >= mostWaiting) call.pause();
      this.rouse();
    });
    // Stays until the end: an error that comes after nobody waits any more would otherwise end the process.
    call.on('error', (error) => {
      this.failure ??= error;
      this.finish();
    });
    call.on('end', () => this.finish());
    call.on('close', () => this.finish());
  }

  /**
   * What has come, in order, at least one; undefined when the call has ended in order or was broken off.
   * @throws whatever the call failed with, after everything that came before; Unavailable after `waitMs` of silence
   */
  async take(waitMs?: number): Promise<readonly T[] | undefined> {
    if (this.waiting.length === 0 && !this.ended) await this.news(waitMs);
    const items = this.waiting;
    this.waiting = [];
    if (items.length > 0) {
      if (!this.ended) this.call.resume();
      return items;
    }
    if (this.failure !== undefined) throw this.failure;
    if (!this.ended) throw new Unavailable(`the event store was silent for ${waitMs} ms`);
    return undefined;
  }

  /** Ends the call on the server too. */
  break(): void {
    if (!this.ended) this.release().catch(() => undefined);
    this.finish();
    this.waiting = [];
    // What has come already is read to its end and dropped: the client keeps a call, and waits for it when it is closed,
    // until somebody has.
    this.call.resume();
  }

  private finish(): void {
    this.ended = true;
    this.rouse();
  }

  private news(waitMs: number | undefined): Promise<void> {
    return new Promise((resolve) => {
      const timer = waitMs === undefined ? undefined : setTimeout(resolve, waitMs);
      this.rouse = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
