// A million appends by sixteen writers at once, while readers of four kinds look on. Every reader must see every event
// once, in the order of positions and of revisions, and at the position that its writer was told.
import { startTestPostgres } from '#testing/postgres';
import { openPgReader, openPgStore } from '#store/pg/pg-store';
import type { PgReader, PgStore } from '#store/pg/pg-store';
import type { RecordedEvent } from '#store/event-store';
import { newEvent, streamLength } from './events';
import type { BenchOptions } from './options';
import { round } from './rounds';

const writers = 16;
type Seen = { readonly name: string; readonly at: Float64Array; faults: Faults; count: number };
type Faults = { missed: number; doubled: number; reordered: number; elsewhere: number };

export async function measureOrder({ events = 1_000_000 }: BenchOptions): Promise<object> {
  const postgres = await startTestPostgres();
  const store = await openPgStore({ url: postgres.url });
  const reader = openPgReader({ url: postgres.url });
  try {
    const total = Math.ceil(events / writers) * writers;
    const abort = new AbortController();
    const { signal } = abort;
    const told = new Float64Array(total);
    const seen = ['live', 'other process', 'late', 'by pages'].map((name): Seen => {
      const faults = { missed: 0, doubled: 0, reordered: 0, elsewhere: 0 };
      return { name, at: new Float64Array(total), faults, count: 0 };
    });
    const [live, other, late, pages] = seen as [Seen, Seen, Seen, Seen];
    const started = performance.now();
    const writing = Promise.all(
      Array.from({ length: writers }, (_, writer) => write(store, writer, total / writers, told)),
    );
    const half = Math.floor(total / 2);
    const reading = [
      subscribed(store, live, total, signal),
      subscribed(reader, other, total, signal),
      // Begins when half is written: it must pass from stored pages to live events without a seam.
      passed(store, half).then(() => subscribed(store, late, total, signal)),
      paged(reader, pages, total, signal),
    ];
    const broken = await firstFault(Promise.all([writing, ...reading]), abort);
    const seconds = (performance.now() - started) / 1000;
    if (broken) throw broken;
    for (const each of seen) compare(each, told);
    const readers = Object.fromEntries(seen.map(({ name, count, faults }) => [name, { events: count, ...faults }]));
    const sum = (of: keyof Faults): number => seen.reduce((all, { faults }) => all + faults[of], 0);
    const faults = { missed: sum('missed'), doubled: sum('doubled'), reordered: sum('reordered') };
    const holds = Object.values(faults).every((count) => count === 0) && sum('elsewhere') === 0;
    return { events: total, writers, readers, ...faults, holds, perSecond: round(total / seconds) };
  } finally {
    await store.close();
    await reader.close();
    await postgres.stop();
  }
}

async function firstFault(work: Promise<unknown>, abort: AbortController): Promise<Error | undefined> {
  return work
    .then(
      () => undefined,
      (error: Error) => error,
    )
    .finally(() => abort.abort());
}

async function write(store: PgStore, writer: number, count: number, told: Float64Array): Promise<void> {
  for (let n = 0; n < count; n++) {
    const stream = `issue-${writer}-${Math.floor(n / streamLength)}`;
    const revision = n % streamLength;
    const serial = writer * count + n;
    const expected = revision === 0 ? 'no_stream' : BigInt(revision - 1);
    const { position } = await store.append(stream, [newEvent(serial, idOf(serial))], expected);
    told[serial] = Number(position);
  }
}

/** The id carries the serial number, so that a reader knows whom it met. */
function idOf(serial: number): string {
  return `${serial.toString(16).padStart(8, '0')}-0000-4000-8000-000000000000`;
}

type Track = { last: number; readonly revisions: Map<string, bigint> };

function look({ at, faults }: Seen, track: Track, event: RecordedEvent): void {
  const serial = parseInt(event.id.slice(0, 8), 16);
  const position = Number(event.position);
  if (at[serial] !== 0) faults.doubled++;
  else if (position <= track.last) faults.reordered++;
  at[serial] = position;
  track.last = Math.max(track.last, position);
  if (event.revision !== (track.revisions.get(event.stream) ?? -1n) + 1n) faults.reordered++;
  if (event.revision === BigInt(streamLength - 1)) track.revisions.delete(event.stream);
  else track.revisions.set(event.stream, event.revision);
}

async function subscribed(
  source: Pick<PgReader, 'subscribeAll'>,
  seen: Seen,
  total: number,
  signal: AbortSignal,
): Promise<void> {
  const track: Track = { last: 0, revisions: new Map() };
  for await (const batch of source.subscribeAll({ signal })) {
    for (const event of batch) look(seen, track, event);
    seen.count += batch.length;
    if (track.last >= total) return;
  }
}

async function paged(reader: PgReader, seen: Seen, total: number, signal: AbortSignal): Promise<void> {
  const track: Track = { last: 0, revisions: new Map() };
  while (track.last < total && !signal.aborted) {
    for await (const event of reader.readAll({ from: BigInt(track.last + 1), limit: 5_000 })) {
      look(seen, track, event);
      seen.count++;
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function passed(store: PgStore, position: number): Promise<void> {
  while (Number((await store.head()) ?? 0n) < position) await new Promise((resolve) => setTimeout(resolve, 50));
}

/** What the writers were told is the truth; whoever saw an event elsewhere, or not at all, was misled. */
function compare({ at, faults }: Seen, told: Float64Array): void {
  told.forEach((position, serial) => {
    if (at[serial] === 0) faults.missed++;
    else if (at[serial] !== position) faults.elsewhere++;
  });
}
