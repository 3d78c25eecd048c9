// The event store on a cluster of EventStoreDB or KurrentDB, for an agency that already runs one. Every fault of the
// npm client that is cured here is named where it is cured; docs/adr/0014 lists them.
import type { Appended, Expected, NewEvent, ReadAll, ReadStream, RecordedEvent, ServedStore } from '../event-store';
import type { Subscribe } from '../event-store';
import { storable } from '../storable';
import { appendTo } from './appending';
import { Connection, type Patience } from './connection';
import { follow } from './following';
import { headOf, readAll, readStream } from './reading';

export type EsdbStoreOptions = {
  /** `esdb://[user:password@]host:port[,…][?option=value]` */
  readonly url: string;
  readonly patience?: Partial<Patience>;
};

export type EsdbStore = ServedStore;

/** @throws Error with the remedy when the address or the server will not do, Unavailable when the server is away */
export async function openEsdbStore({ url, patience }: EsdbStoreOptions): Promise<EsdbStore> {
  const connection = await Connection.open(url, patience);
  const append = async (
    stream: string,
    events: readonly NewEvent[],
    expected: Expected,
    at?: string,
  ): Promise<Appended> => appendTo(connection, storable(stream, events), expected, at);
  return {
    append: (stream, events, expected) => append(stream, events, expected),
    appendRecorded: append,
    readStream: (stream: string, read?: ReadStream): AsyncIterable<RecordedEvent> =>
      readStream(connection, stream, read),
    readAll: (read?: ReadAll): AsyncIterable<RecordedEvent> => readAll(connection, read),
    subscribeAll: (subscribe: Subscribe): AsyncIterable<readonly RecordedEvent[]> => {
      connection.demandOpen();
      return follow(connection, subscribe);
    },
    head: () => headOf(connection),
    isWritable: () => connection.inTouch,
    close: () => connection.close(),
  };
}
