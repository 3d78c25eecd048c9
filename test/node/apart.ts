// A part of a server that others use too, as if it were an empty store: the contract's tests ask for one each time, and
// a real EventStoreDB cannot be emptied. Streams get a prefix, and everything before the part's beginning is left out.
import type { EventStore, RecordedEvent, ServedStore } from '#store/event-store';
import { StreamNotFound, WrongExpectedRevision } from '#store/event-store';

/** @param prefix of this part alone */
export async function apart(store: ServedStore, prefix: string): Promise<EventStore> {
  const beginning = await store.head();
  const within = (prefixes: readonly string[] = ['']) => prefixes.map((each) => prefix + each);
  const own = (event: RecordedEvent): RecordedEvent => ({ ...event, stream: event.stream.slice(prefix.length) });
  // Names that every store must refuse are refused as they are.
  const named = (stream: string) => (stream === '' || stream.startsWith('$') ? stream : prefix + stream);
  const unnamed = (error: unknown): never => {
    if (error instanceof StreamNotFound) throw new StreamNotFound(error.stream.slice(prefix.length));
    if (!(error instanceof WrongExpectedRevision)) throw error;
    throw new WrongExpectedRevision(error.stream.slice(prefix.length), error.expected, error.actual);
  };
  async function* each(events: AsyncIterable<RecordedEvent>): AsyncGenerator<RecordedEvent> {
    try {
      for await (const event of events) yield own(event);
    } catch (error) {
      unnamed(error);
    }
  }
  async function* batches(events: AsyncIterable<readonly RecordedEvent[]>) {
    for await (const batch of events) yield batch.map(own);
  }
  return {
    append: (stream, events, expected) => store.append(named(stream), events, expected).catch(unnamed),
    readStream: (stream, options) => each(store.readStream(named(stream), options)),
    readAll: ({ from = beginning ?? 0n, limit, prefixes } = {}) =>
      each(store.readAll({ from, prefixes: within(prefixes), ...(limit !== undefined && { limit }) })),
    subscribeAll: ({ after = beginning, prefixes, ...rest }) =>
      batches(store.subscribeAll({ ...rest, after, prefixes: within(prefixes) })),
    close: () => store.close(),
  };
}
