import { sampleEvent, sampleOrigin, samplePublisher } from '../relay-sample';
import type { EventStore, Subscribe } from '#store/event-store';
import { MemoryStore } from '#store/memory/memory-store';
import { ownEvents } from './sources';

/** Tells that it has caught up a turn later, as a store does that has to ask somebody for it. */
function tellingLater(store: MemoryStore): EventStore {
  const subscribeAll = ({ onCaughtUp, ...rest }: Subscribe) =>
    store.subscribeAll({ ...rest, onCaughtUp: (position) => void setImmediate(() => onCaughtUp?.(position)) });
  return Object.assign(Object.create(store) as MemoryStore, { subscribeAll });
}

describe('an agency’s own events as a source', () => {
  it('tells that it has caught up, also when it learns so while the consumer is busy with the last batch', async () => {
    const store = new MemoryStore();
    await store.append('round-1', [sampleEvent(0)], 'no_stream');
    const source = ownEvents(tellingLater(store), 'inspection', sampleOrigin, samplePublisher);
    const stop = new AbortController();
    const seen: [number, boolean][] = [];
    for await (const { events, caughtUp } of source.follow(0n, stop.signal)) {
      seen.push([events.length, caughtUp]);
      if (caughtUp) stop.abort();
      for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
    }
    expect(seen).toEqual([
      [1, false],
      [0, true],
    ]);
  });
});
