// Short words for the contract's tests.
import type { JsonObject } from '#kernel/canonical-json';
import type { EventMeta } from '#kernel/envelope';
import type { EventStore, NewEvent, RecordedEvent, Subscribe } from '../event-store';

export type Opened = { readonly store: EventStore; end(): Promise<void> };
export type MakeStore = () => Promise<Opened>;
export type GetStore = () => EventStore;

export const sampleMeta: EventMeta = {
  actor: { agency: 'inspection', id: 'p-1', name: '张某', role: 'clerk' },
  commandId: 'c-1',
  seen: {},
  salt: '00',
};

let made = 0;

/** A new event with an id of its own. */
export function fact(data: JsonObject = {}, type = 'Noted'): NewEvent {
  const id = `00000000-0000-4000-8000-${(++made).toString(16).padStart(12, '0')}`;
  return { id, type, data, meta: sampleMeta };
}

export function facts(count: number): NewEvent[] {
  return Array.from({ length: count }, (_, index) => fact({ n: index }));
}

/** A stream with `count` events of `{ n: 0, 1, 2 … }`. */
export async function given(store: EventStore, stream: string, count: number): Promise<NewEvent[]> {
  const events = facts(count);
  await store.append(stream, events, 'no_stream');
  return events;
}

export async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

export async function revisions(events: AsyncIterable<RecordedEvent>): Promise<number[]> {
  return (await all(events)).map((event) => Number(event.revision));
}

/** `stream:revision` of each event. */
export function names(events: readonly RecordedEvent[]): string[] {
  return events.map((event) => `${event.stream}:${event.revision}`);
}

/** What a promise was rejected with. */
export function refusal(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    (value) => {
      throw new Error(`expected a refusal, got ${String(value)}`);
    },
    (error: unknown) => error,
  );
}

/** Position of the last event of the stream. */
export async function positionOf(store: EventStore, stream: string): Promise<bigint> {
  const [last] = await all(store.readStream(stream, { backwards: true, limit: 1 }));
  if (last === undefined) throw new Error(`${stream} is empty`);
  return last.position;
}

/** A subscriber that writes down what it sees. */
export class Listener {
  readonly events: RecordedEvent[] = [];
  readonly batches: number[] = [];
  readonly caughtUp: (bigint | undefined)[] = [];
  /** Resolves when the subscription has ended, rejects when it failed. */
  readonly done: Promise<void>;
  private readonly stopper = new AbortController();
  private waiting: { count: number; resolve: () => void }[] = [];

  constructor(
    store: Pick<EventStore, 'subscribeAll'>,
    options: Omit<Subscribe, 'signal' | 'onCaughtUp'> = {},
    private readonly onBatch: (listener: Listener) => Promise<void> | void = () => undefined,
  ) {
    this.done = this.run(store, options);
    // A failure is looked at by whoever awaits `done`; until then it must not count as unhandled.
    this.done.catch(() => undefined);
  }

  private async run(store: Pick<EventStore, 'subscribeAll'>, options: Omit<Subscribe, 'signal' | 'onCaughtUp'>) {
    const onCaughtUp = (position: bigint | undefined) => {
      this.caughtUp.push(position);
      this.rouse();
    };
    for await (const batch of store.subscribeAll({ ...options, signal: this.stopper.signal, onCaughtUp })) {
      this.batches.push(batch.length);
      for (const event of batch) this.events.push(event);
      this.rouse();
      await this.onBatch(this);
    }
  }

  /** Waits until so many events have been seen. */
  async saw(count: number): Promise<RecordedEvent[]> {
    if (this.events.length < count) await this.until(count);
    return this.events;
  }

  async hasCaughtUp(): Promise<void> {
    while (this.caughtUp.length === 0) await this.until(0);
  }

  async stop(): Promise<void> {
    this.stopper.abort();
    await this.done;
  }

  private until(count: number): Promise<void> {
    const news = new Promise<void>((resolve) => this.waiting.push({ count, resolve }));
    const early = this.done.then(() => {
      throw new Error(`the subscription ended after ${this.events.length} events`);
    });
    return Promise.race([news, early]);
  }

  private rouse(): void {
    const ready = this.waiting.filter(({ count }) => this.events.length >= count);
    this.waiting = this.waiting.filter(({ count }) => this.events.length < count);
    for (const { resolve } of ready) resolve();
  }
}
