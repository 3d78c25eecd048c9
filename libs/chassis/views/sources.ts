// The two places events come from: the agency's own store, and the inboxes of the peers' verified logs. Views and
// reactors read both through the same shape, each with a cursor of its own per source.
import type { DataSource } from 'typeorm';
import type { Agency, Entry, Published } from '#kernel/envelope';
import type { Within } from '#kernel/reactor';
import type { EventStore, RecordedEvent } from '#store/event-store';
import type { Publisher } from '../publishing';
import { ownPublished, withinOf } from '../publishing';
import type { Opener } from '../sealing/opener';
import { Wake } from '../pulse';
import type { Pulse } from '../pulse';

export const ownSource = 'own';

/** The follower of this process tells of each entry; looking by itself is for hints of another process (ms). */
const patience = 10_000;
/** Entries per read. */
const page = 1_000;

/** One event of a source. `fault` says why it cannot be used by this version of the code: its stream is parked. */
export type Delivered = {
  /** Own: store position. Peer: index in its log plus one, so that 0 means nothing was consumed. */
  readonly position: bigint;
  readonly stream: string;
  readonly type: string;
  readonly at: string;
  readonly within?: Within;
  readonly published?: Published;
  readonly fault?: string;
};

export type Batch = { readonly events: readonly Delivered[]; readonly caughtUp: boolean };

export interface Source {
  readonly name: string;
  /** Batches after the position, for ever, until the signal aborts. An empty batch only says that it caught up. */
  follow(after: bigint, signal: AbortSignal): AsyncIterable<Batch>;
}

export function ownEvents(store: EventStore, agency: Agency, origin: string, publish: Publisher): Source {
  return {
    name: ownSource,
    async *follow(after, signal) {
      // A subscription that waits for the next event ends only by its signal.
      const done = new AbortController();
      const ended = AbortSignal.any([signal, done.signal]);
      const reading = new Reading((onCaughtUp) => {
        const options = { after: after === 0n ? undefined : after, signal: ended, onCaughtUp };
        return store.subscribeAll(options)[Symbol.asyncIterator]();
      });
      try {
        let told = false;
        for (let news = await reading.next(told); news; news = await reading.next(told)) {
          told = reading.caughtUp;
          const events = news.map((event) => ownDelivered(agency, origin, event, publish));
          yield { events, caughtUp: told };
        }
      } finally {
        done.abort();
        await reading.end();
      }
    },
  };
}

/**
 * A subscription read one batch ahead, because the end of what is stored is told beside the batches and must also reach
 * a reader that has no event to wait for. One batch and one waiter have a place here; nothing is kept of those before.
 */
class Reading {
  caughtUp = false;
  private outcome: { readonly events?: readonly RecordedEvent[]; readonly fault?: unknown } | undefined;
  private rouse = (): void => undefined;
  private readonly batches: AsyncIterator<readonly RecordedEvent[]>;

  constructor(subscribe: (onCaughtUp: () => void) => AsyncIterator<readonly RecordedEvent[]>) {
    this.batches = subscribe(() => {
      this.caughtUp = true;
      this.rouse();
    });
    this.readAhead();
  }

  /** The next batch, an empty one when only the end was told and `told` is not true, undefined when it has ended. */
  async next(told: boolean): Promise<readonly RecordedEvent[] | undefined> {
    while (!this.outcome && this.caughtUp === told) await new Promise<void>((resolve) => (this.rouse = resolve));
    const { outcome } = this;
    if (!outcome) return [];
    if ('fault' in outcome) throw outcome.fault;
    this.outcome = undefined;
    if (outcome.events) this.readAhead();
    return outcome.events;
  }

  async end(): Promise<void> {
    await this.batches.return?.();
  }

  private readAhead(): void {
    const arrived = (outcome: typeof this.outcome): void => {
      this.outcome = outcome;
      this.rouse();
    };
    this.batches.next().then(
      (read) => arrived(read.done ? {} : { events: read.value }),
      (fault: unknown) => arrived({ fault }),
    );
  }
}

function ownDelivered(agency: Agency, origin: string, event: RecordedEvent, publish: Publisher): Delivered {
  const published = ownPublished(agency, origin, event, publish);
  const { position, stream, type, at } = event;
  return { position, stream, type, at, within: withinOf(event), ...(published && { published }) };
}

/** Rows of `inbox.entry` that the follower has verified and stored (libs/stream). */
export function peerEvents(
  database: DataSource,
  pulse: Pulse,
  { agency, origin }: { readonly agency: Agency; readonly origin: string },
  open: Opener,
): Source {
  // Views and reactors mostly stand at the same place and are woken by the same hint: one of them reads for all.
  const reading = new Map<bigint, Promise<Delivered[]>>();
  // A read that began before a hint may lack what the hint is about: whoever is woken by it must not join that one.
  pulse.beats.subscribe((beat) => {
    if (beat.kind === 'inbox' && beat.origin === origin) reading.clear();
  });
  const after = (position: bigint): Promise<Delivered[]> => {
    const running = reading.get(position);
    if (running) return running;
    const read = pageAfter(database, agency, origin, position, open).finally(() => {
      if (reading.get(position) === read) reading.delete(position);
    });
    reading.set(position, read);
    return read;
  };
  return {
    name: origin,
    async *follow(from, signal) {
      const wake = new Wake(pulse, (beat) => beat.kind === 'inbox' && beat.origin === origin, signal);
      let ahead: Promise<Delivered[]> | undefined;
      for (let position = from; !signal.aborted;) {
        const events = await (ahead ?? after(position));
        const whole = events.length < page;
        position += BigInt(events.length);
        // The database reads the next page while this one is looked at.
        ahead = whole ? undefined : after(position);
        ahead?.catch(() => undefined);
        yield { events, caughtUp: whole };
        // A page that was not full was all there is; whatever came since has told, and the wait is over at once.
        if (whole) await wake.next(patience);
      }
    },
  };
}

async function pageAfter(
  database: DataSource,
  agency: Agency,
  origin: string,
  position: bigint,
  open: Opener,
): Promise<Delivered[]> {
  const rows: { index: string; bytes: Buffer; hash: string }[] = await database.query(
    `select index, bytes, hash from inbox.entry where origin = $1 and index >= $2 order by index limit ${page}`,
    [origin, position.toString()],
  );
  const events: Delivered[] = [];
  for (const { index, bytes, hash } of rows) {
    // The follower accepted only canonical entries of the right form, so parsing cannot fail here.
    const entry = JSON.parse(bytes.toString('utf8')) as Entry;
    const read = await open(agency, { origin, index: Number(index), hash }, entry);
    // A body that was opened goes by its own stream and type: its order is that of the thing it is about.
    const { stream, type } = 'fault' in read ? entry : read;
    const position = BigInt(index) + 1n;
    events.push({ position, stream, type, at: entry.at, ...('fault' in read ? read : { published: read }) });
  }
  return events;
}
