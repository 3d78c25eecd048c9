// A history that another store recorded, into this one: events that stand next to each other in one stream, and were
// recorded at one moment, are one append, with the revisions that they have there.
import { canonicalize } from '#kernel/canonical-json';
import type { NewEvent, RecordedEvent, ServedStore } from './event-store';
import { maxAppendBytes } from './event-store';

export type Recorded = Omit<RecordedEvent, 'position'>;

const batchEvents = 200;
const batchBytes = maxAppendBytes / 2;

/** Yields after each append how many events it held. @throws WrongExpectedRevision when the store holds others there */
export async function* appendAll(
  to: Pick<ServedStore, 'appendRecorded'>,
  events: AsyncIterable<Recorded>,
): AsyncGenerator<number, void> {
  let batch: Recorded[] = [];
  let bytes = 0;
  for await (const event of events) {
    const size = Buffer.byteLength(canonicalize(event.data)) + Buffer.byteLength(canonicalize(event.meta));
    const first = batch[0];
    const other = first !== undefined && (first.stream !== event.stream || first.at !== event.at);
    if (other || batch.length >= batchEvents || bytes + size > batchBytes) {
      if (first) yield appended(to, batch);
      batch = [];
      bytes = 0;
    }
    batch.push(event);
    bytes += size;
  }
  if (batch.length > 0) yield appended(to, batch);
}

async function appended(to: Pick<ServedStore, 'appendRecorded'>, batch: readonly Recorded[]): Promise<number> {
  const { stream, revision, at } = batch[0] as Recorded;
  const expected = revision === 0n ? 'no_stream' : revision - 1n;
  await to.appendRecorded(stream, batch.map(newEvent), expected, at);
  return batch.length;
}

function newEvent({ id, type, data, meta }: Recorded): NewEvent {
  return { id, type, data, meta };
}
