// The newest events of a store, kept in memory by the process that writes them. Live subscribers take from here
// without asking the database. It is bounded: a subscriber that lags behind it goes back to reading pages, so a slow
// consumer costs nothing but its own time. Positions must be dense, as those of our own adapters are.
import type { RecordedEvent } from './event-store';

const keptEvents = 2_048;
const keptBytes = 4_194_304;

export class Tail {
  /** Rises with each change, so that a subscriber cannot sleep through one that came while it looked elsewhere. */
  version = 0;
  closed = false;
  /** Is `end` surely the end of the store? Only while this process is its writer and in touch with the database. */
  current = false;
  /** Last position known, 0 when none is. */
  end = 0n;
  private events: RecordedEvent[] = [];
  private sizes: number[] = [];
  private bytes = 0;
  private readonly sleepers = new Set<() => void>();

  /** The writer is in touch and the last stored position is `end` (0 when the store is empty). */
  begin(end: bigint): void {
    this.forget();
    this.current = true;
    this.end = end;
    this.wake();
  }

  /** The writer lost touch: events may have been stored that it does not know of. */
  lose(): void {
    this.forget();
    this.current = false;
    this.wake();
  }

  /** Takes committed events that follow the end without a gap. */
  push(events: readonly RecordedEvent[], sizes: readonly number[]): void {
    const last = events[events.length - 1];
    if (last === undefined) return;
    for (const [index, event] of events.entries()) {
      const size = sizes[index] ?? 0;
      this.events.push(event);
      this.sizes.push(size);
      this.bytes += size;
    }
    this.end = last.position;
    this.trim();
    this.wake();
  }

  /** At most `limit` events after the position; undefined when the tail cannot tell and the store must be read. */
  after(position: bigint, limit: number): readonly RecordedEvent[] | undefined {
    const before = this.end - BigInt(this.events.length);
    if (!this.current || position < before || position > this.end) return undefined;
    const start = Number(position - before);
    return this.events.slice(start, start + limit);
  }

  close(): void {
    this.closed = true;
    this.lose();
  }

  /** Resolves when the tail is no longer at `version`, when the signal aborts, or after `waitMs` if given. */
  change(version: number, signal: AbortSignal, waitMs?: number): Promise<void> {
    if (this.version !== version || signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const rise = () => {
        clearTimeout(timer);
        signal.removeEventListener('abort', rise);
        this.sleepers.delete(rise);
        resolve();
      };
      const timer = waitMs === undefined ? undefined : setTimeout(rise, waitMs);
      signal.addEventListener('abort', rise);
      this.sleepers.add(rise);
    });
  }

  private forget(): void {
    this.events = [];
    this.sizes = [];
    this.bytes = 0;
  }

  // Trimmed to the bound only when it is passed twofold, so that the cost per event stays constant.
  private trim(): void {
    if (this.events.length <= 2 * keptEvents && this.bytes <= 2 * keptBytes) return;
    let drop = 0;
    while (this.events.length - drop > keptEvents || this.bytes > keptBytes) this.bytes -= this.sizes[drop++] ?? 0;
    this.events = this.events.slice(drop);
    this.sizes = this.sizes.slice(drop);
  }

  private wake(): void {
    this.version++;
    for (const rise of [...this.sleepers]) rise();
  }
}
