// How the own store is read: nothing said is lost between two batches, and nothing read is kept.
import { setImmediate as turn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { EventStore, RecordedEvent, Subscribe } from '#store/event-store';
import { publisherOf } from '../publishing';
import { ownEvents } from './sources';
import type { Batch } from './sources';

type Told = AsyncGenerator<readonly RecordedEvent[], void, void>;

const recorded = (position: number): RecordedEvent => ({
  id: '00000000-0000-4000-8000-000000000001',
  type: 'Noted',
  data: { text: '文'.repeat(1_000) },
  meta: {
    actor: { agency: 'inspection', id: 'p1', name: '张某', role: 'clerk' },
    commandId: 'c1',
    seen: {},
    salt: '00',
  },
  stream: `sample-${position}`,
  revision: 0n,
  position: BigInt(position),
  at: '2026-01-01T00:00:00.000Z',
});

/** Batches of a store that tells them as written here. */
function batchesOf(subscribeAll: (options: Subscribe) => Told): AsyncIterator<Batch> {
  const store = { subscribeAll } as unknown as EventStore;
  const source = ownEvents(store, 'inspection', 'inspection.example/events/v1', publisherOf([]));
  return source.follow(0n, new AbortController().signal)[Symbol.asyncIterator]();
}

const untilEnded = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));

describe('the own store as a source', () => {
  it('says that it caught up also when that came while its reader was busy with a batch', async () => {
    let catchUp = (): void => undefined;
    const gate = new Promise<void>((resolve) => (catchUp = resolve));
    const batches = batchesOf(async function* ({ signal, onCaughtUp }) {
      yield [recorded(1)];
      await gate;
      onCaughtUp?.(1n);
      await untilEnded(signal);
    });
    const first = await batches.next();
    expect(first.value).toMatchObject({ events: [{ position: 1n }], caughtUp: false });
    catchUp();
    for (let turns = 0; turns < 5; turns++) await turn();
    expect(await batches.next()).toEqual({ done: false, value: { events: [], caughtUp: true } });
    await batches.return?.();
  });

  it('says so of an empty store, once, and passes on what comes later', async () => {
    let more = (): void => undefined;
    const gate = new Promise<void>((resolve) => (more = resolve));
    const batches = batchesOf(async function* ({ signal, onCaughtUp }) {
      onCaughtUp?.(undefined);
      await gate;
      yield [recorded(1)];
      yield [recorded(2)];
      await untilEnded(signal);
    });
    expect(await batches.next()).toEqual({ done: false, value: { events: [], caughtUp: true } });
    more();
    expect((await batches.next()).value).toMatchObject({ events: [{ position: 1n }], caughtUp: true });
    expect((await batches.next()).value).toMatchObject({ events: [{ position: 2n }], caughtUp: true });
    await batches.return?.();
  });

  it('ends with the store, and fails with it', async () => {
    const ending = batchesOf(async function* () {
      yield [recorded(1)];
    });
    await ending.next();
    expect(await ending.next()).toEqual({ done: true, value: undefined });
    const failing = batchesOf(async function* () {
      yield [recorded(1)];
      throw new Error('position beyond the end');
    });
    await failing.next();
    await turn();
    await expect(failing.next()).rejects.toThrow('beyond the end');
  });

  it('keeps no batch that was passed on, however long it takes to catch up', async () => {
    const read: WeakRef<object>[] = [];
    const batches = batchesOf(async function* ({ signal }) {
      for (let position = 1; position <= 400; position++) {
        const events = [recorded(position)];
        read.push(new WeakRef(events));
        yield events;
      }
      await untilEnded(signal);
    });
    for (let n = 0; n < 399; n++) {
      await batches.next();
      await turn();
    }
    setFlagsFromString('--expose-gc');
    (runInNewContext('gc') as () => void)();
    expect(read.filter((each) => each.deref() !== undefined).length).toBeLessThan(20);
    await batches.return?.();
  });
});
