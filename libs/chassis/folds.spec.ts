// A state kept in memory must never be anything but the fold of its stream.
import { randomUUID } from 'node:crypto';
import type { Decider } from '#kernel/decider';
import { UnknownEventType } from '#kernel/decider';
import type { NewEvent, ReadStream } from '#store/event-store';
import { MemoryStore } from '#store/memory/memory-store';
import { Folds } from './folds';

type Counted = { type: 'Counted'; data: { by: number } };
const counter: Decider<number, { type: 'Count' }, Counted> = {
  name: 'counter',
  initial: 0,
  decide: () => [],
  evolve: (sum, event) => (event.type === 'Counted' ? sum + event.data.by : (undefined as never)),
};
const event = (type: string, by: number, commandId: string = randomUUID()): NewEvent => ({
  id: randomUUID(),
  type,
  data: { by },
  meta: {
    actor: { agency: 'inspection', id: 'p1', name: '张某', role: 'inspectionOffice' },
    commandId,
    seen: {},
    salt: 's',
  },
});

class Watched extends MemoryStore {
  readonly reads: bigint[] = [];
  override readStream(stream: string, options: ReadStream = {}) {
    this.reads.push(options.from ?? 0n);
    return super.readStream(stream, options);
  }
}

describe('a folded state', () => {
  it('of a stream that does not exist is the initial one, and is not kept as if it did', async () => {
    const store = new Watched();
    const folds = new Folds(store);
    expect(await folds.load(counter, 'counter-1')).toMatchObject({ state: 0, revision: undefined });
    await store.append('counter-1', [event('Counted', 2)], 'no_stream');
    expect(await folds.load(counter, 'counter-1')).toMatchObject({ state: 2, revision: 0n });
  });

  it('reads only what is new, also when somebody else wrote it', async () => {
    const store = new Watched();
    const folds = new Folds(store);
    await store.append('counter-1', [event('Counted', 1), event('Counted', 2)], 'no_stream');
    await folds.load(counter, 'counter-1');
    await store.append('counter-1', [event('Counted', 4, 'c4')], 1n);
    expect(await folds.load(counter, 'counter-1')).toMatchObject({ state: 7, revision: 2n });
    expect(await folds.load(counter, 'counter-1')).toMatchObject({ state: 7, revision: 2n });
    expect(store.reads).toEqual([0n, 2n, 3n]);
    expect((await folds.load(counter, 'counter-1')).commands.get('c4')).toMatchObject({ revision: 2n, by: 'p1' });
  });

  it('is not gone on from with events that stand elsewhere', async () => {
    const folds = new Folds(new MemoryStore());
    const before = { state: 0, revision: 1n, position: 2n, commands: new Map() };
    const happened = [{ type: 'Counted', data: { by: 1 } }];
    const command = { id: 'c', by: 'p1' };
    folds.goOn(counter, 'counter-1', before, happened, { revision: 5n, position: 9n, command });
    expect(folds.remembered('counter-1')).toBeUndefined();
    folds.goOn(counter, 'counter-1', before, happened, { revision: 2n, position: 9n, command });
    expect(folds.remembered('counter-1')).toMatchObject({ state: 1, revision: 2n });
  });

  it('is refused, again and again, while the stream holds an unknown event', async () => {
    const store = new MemoryStore();
    const folds = new Folds(store);
    await store.append('counter-1', [event('Counted', 1)], 'no_stream');
    await folds.load(counter, 'counter-1');
    await store.append('counter-1', [event('Doubled', 1)], 0n);
    await expect(folds.load(counter, 'counter-1')).rejects.toThrow(UnknownEventType);
    await expect(folds.load(counter, 'counter-1')).rejects.toThrow(UnknownEventType);
  });

  it('of one stream is worked on by one at a time, of two streams side by side', async () => {
    const folds = new Folds(new MemoryStore());
    const trail: string[] = [];
    const work = (name: string) => async (): Promise<void> => {
      trail.push(`${name} begins`);
      await new Promise((resolve) => setTimeout(resolve, 5));
      trail.push(`${name} ends`);
    };
    const failing = folds.inTurn('a', () => Promise.reject(new Error('no')));
    await Promise.all([
      expect(failing).rejects.toThrow('no'),
      folds.inTurn('a', work('a1')),
      folds.inTurn('a', work('a2')),
      folds.inTurn('b', work('b1')),
    ]);
    expect(trail.indexOf('a2 begins')).toBeGreaterThan(trail.indexOf('a1 ends'));
    expect(trail.indexOf('b1 begins')).toBeLessThan(trail.indexOf('a1 ends'));
  });
});
