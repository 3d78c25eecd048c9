// What the bench node keeps, as EventStoreDB shows it: positions with wide gaps, and records of the server's own between
// those of its users. Underneath is one of this repository's own stores, whose rules the contract has proven.
import type { EventStore, RecordedEvent } from '#store/event-store';
import { StreamNotFound } from '#store/event-store';
import { MemoryStore } from '#store/memory/memory-store';

export type Kept = EventStore & { head(): Promise<bigint | undefined> };

export type NodeRecord = {
  readonly stream: string;
  readonly revision: bigint;
  readonly id: string;
  readonly type: string;
  readonly data: string;
  readonly meta: string;
  readonly at: string;
  /** Commit position, which is the prepare position too. */
  readonly position: bigint;
};

// A position is that of the store below times this, so that nobody can take it for a count.
const stride = 128n;
const pageEvents = 200n;

/** A log in memory: it lives as long as the test that holds it, whatever becomes of the node. */
export function memoryKept(now?: () => string): Kept {
  const store = new MemoryStore(now);
  let end: bigint | undefined;
  return {
    append: async (stream, events, expected) => {
      const appended = await store.append(stream, events, expected);
      if (end === undefined || appended.position > end) end = appended.position;
      return appended;
    },
    readStream: (stream, read) => store.readStream(stream, read),
    readAll: (read) => store.readAll(read),
    subscribeAll: (subscribe) => store.subscribeAll(subscribe),
    head: () => Promise.resolve(end),
    close: () => store.close(),
  };
}

export const commitOf = (position: bigint): bigint => position * stride;

/** From a position on, that one included. */
export async function* allForwards(kept: Kept, from: bigint): AsyncGenerator<NodeRecord> {
  const first = from / stride;
  for await (const event of kept.readAll({ from: first > 0n ? first : 1n })) {
    yield* recordsAt(event).filter(({ position }) => position >= from);
  }
}

/** From the end, or from before a position. */
export async function* allBackwards(kept: Kept, before?: bigint): AsyncGenerator<NodeRecord> {
  const end = (await kept.head()) ?? 0n;
  for (let last = before === undefined ? end : before / stride; last > 0n; last -= pageEvents) {
    const from = last > pageEvents ? last - pageEvents + 1n : 1n;
    const page: NodeRecord[] = [];
    for await (const event of kept.readAll({ from, limit: Number(last - from + 1n) })) page.push(...recordsAt(event));
    yield* page.reverse().filter(({ position }) => before === undefined || position < before);
  }
}

/** @throws StreamNotFound */
export async function* ofStream(
  kept: Kept,
  stream: string,
  from?: bigint,
  backwards = false,
): AsyncGenerator<NodeRecord> {
  if (stream.startsWith('$')) throw new StreamNotFound(stream);
  for await (const event of kept.readStream(stream, { backwards, ...(from !== undefined && { from }) })) {
    yield recordOf(event);
  }
}

/** What comes after a position, stored and live; `onCaughtUp` is called in its place among the records. */
export async function* after(
  kept: Kept,
  position: bigint,
  signal: AbortSignal,
  onCaughtUp: () => void,
): AsyncGenerator<readonly NodeRecord[]> {
  const start = position / stride;
  const events = kept.subscribeAll({ after: start === 0n ? undefined : start, signal, onCaughtUp });
  const own = systemAfter(start);
  if (own && own.position > position) yield [own];
  for await (const batch of events) yield batch.flatMap(recordsAt);
}

function recordsAt(event: RecordedEvent): NodeRecord[] {
  const own = systemAfter(event.position);
  return own ? [recordOf(event), own] : [recordOf(event)];
}

function recordOf({ data, meta, ...event }: RecordedEvent): NodeRecord {
  return { ...event, data: JSON.stringify(data), meta: JSON.stringify(meta), position: commitOf(event.position) };
}

/** The server's own records: statistics, as a real one writes them into the same log. */
function systemAfter(place: bigint): NodeRecord | undefined {
  if (place % 7n !== 3n) return undefined;
  return {
    stream: '$stats-bench',
    revision: place / 7n,
    id: `ffffffff-ffff-4fff-8fff-${place.toString(16).padStart(12, '0')}`,
    type: '$statsCollected',
    data: '{}',
    meta: '{}',
    at: '2026-01-01T00:00:00.000Z',
    position: commitOf(place) + stride / 2n,
  };
}
