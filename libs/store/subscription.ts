// A subscription is one loop with one cursor: from the tail when it reaches back far enough, else from a stored page.
// There is no separate switch from stored to live events, so there is no place for a gap or a duplicate between them.
import { PositionBeyondEnd, type RecordedEvent, type Subscribe, Unavailable } from './event-store';
import type { Tail } from './tail';

/** What one read of the store saw, in one snapshot. */
export type Page = {
  readonly events: readonly RecordedEvent[];
  /** No event with a matching prefix was missed up to here. */
  readonly scanned: bigint;
  /** Last position of the store, 0 when it is empty. */
  readonly end: bigint;
};

/** Reads at most a page of events after the position. @throws Unavailable */
export type ReadPage = (after: bigint, prefixes: readonly string[] | undefined) => Promise<Page>;

/** At most this many events in one batch. */
export const batchEvents = 1_000;
// Only for a process that is not the writer, or while the writer is out of touch.
const pollMs = 1_000;
const firstPauseMs = 50;
const longestPauseMs = 2_000;

/** @throws PositionBeyondEnd, and nothing else for a store that is out of reach: it waits and reads on. */
export async function* subscription(
  readPage: ReadPage,
  tail: Tail,
  { after, prefixes, signal, onCaughtUp }: Subscribe,
): AsyncGenerator<readonly RecordedEvent[], void, void> {
  let cursor = after ?? 0n;
  let delivered: bigint | undefined;
  let caughtUp = false;
  let pauseMs = firstPauseMs;
  const ended = () => signal.aborted || tail.closed;
  while (!ended()) {
    const version = tail.version;
    let page = fromTail(tail, cursor, prefixes);
    if (page === undefined) {
      try {
        page = await readPage(cursor, prefixes);
      } catch (error) {
        // The database restarts or the network is away. The cursor has not moved, so reading again loses nothing.
        if (!(error instanceof Unavailable)) throw error;
        if (!ended()) await pause(pauseMs, tail, signal);
        pauseMs = Math.min(2 * pauseMs, longestPauseMs);
        continue;
      }
      pauseMs = firstPauseMs;
      if (ended()) return;
      if (cursor > page.end) throw new PositionBeyondEnd(cursor, page.end === 0n ? undefined : page.end);
    }
    cursor = page.scanned;
    if (page.events.length > 0) {
      yield page.events;
      // Whoever asks for the next batch is done with this one.
      delivered = page.events[page.events.length - 1]?.position;
      continue;
    }
    if (cursor < page.end) continue;
    if (!caughtUp) onCaughtUp?.(delivered);
    caughtUp = true;
    await tail.change(version, signal, tail.current ? undefined : pollMs);
  }
}

function fromTail(tail: Tail, cursor: bigint, prefixes: readonly string[] | undefined): Page | undefined {
  const events = tail.after(cursor, batchEvents);
  if (events === undefined) return undefined;
  const scanned = events[events.length - 1]?.position ?? cursor;
  return { events: events.filter((event) => startsWithAny(event.stream, prefixes)), scanned, end: tail.end };
}

export function startsWithAny(stream: string, prefixes: readonly string[] | undefined): boolean {
  return prefixes === undefined || prefixes.some((prefix) => stream.startsWith(prefix));
}

async function pause(ms: number, tail: Tail, signal: AbortSignal): Promise<void> {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), ms);
  // Closing the store or aborting the subscription ends the pause early; news in the tail does not.
  while (!stop.signal.aborted && !signal.aborted && !tail.closed) {
    await tail.change(tail.version, AbortSignal.any([stop.signal, signal]));
  }
  clearTimeout(timer);
}
