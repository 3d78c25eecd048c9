// The default event store: an agency's own PostgreSQL. One process writes (see writer.ts); any number may read.
import type {
  Appended,
  EventStore,
  Expected,
  NewEvent,
  ReadAll,
  ReadStream,
  RecordedEvent,
  ServedStore,
  Subscribe,
} from '../event-store';
import { Unavailable } from '../event-store';
import { storable } from '../storable';
import { subscription } from '../subscription';
import { Tail } from '../tail';
import { Reader, type ReaderOptions } from './reader';
import type { Durability } from './session';
import { Writer } from './writer';

export type PgStoreOptions = {
  /** Direct connection to the agency's database, not through a pooler in transaction mode. */
  readonly url: string;
  /** RFC 3339 UTC. Absent = the database server's clock. The recorded time never goes back, whatever this says. */
  readonly now?: (() => string) | undefined;
  /** Shown in the server's list of sessions, and to whoever is refused because this process writes. */
  readonly applicationName?: string | undefined;
  /** This process can never write again (another one took over, access was withdrawn): it should end itself. */
  readonly onFatal?: ((error: Error) => void) | undefined;
  /** How long to wait for the writer before this one to end; 5,000 ms if absent. */
  readonly lockWaitMs?: number | undefined;
  /** `unchecked` is for test servers that run without fsync or checksums; `demanded` if absent. */
  readonly durability?: Durability | undefined;
};

export type PgReader = Pick<EventStore, 'readStream' | 'readAll' | 'subscribeAll' | 'close'> & {
  /** Position of the last event, undefined when the store is empty. @throws Unavailable */
  head(): Promise<bigint | undefined>;
};

/** `isWritable` is false while the connection is being remade. */
export type PgStore = ServedStore;

const defaultName = 'sanfang-store';

/**
 * Becomes the writer of the store in this database and creates or updates its tables.
 * @throws StoreInUse when another process is the writer, Unavailable when the server does not answer,
 * Error with the remedy when the server is not fit to keep a history
 */
export async function openPgStore(options: PgStoreOptions): Promise<PgStore> {
  const { url, applicationName = defaultName, now, onFatal, lockWaitMs = 5_000, durability = 'demanded' } = options;
  const tail = new Tail();
  const writer = await Writer.open({ url, applicationName, now, onFatal, lockWaitMs, durability }, tail);
  const reading = readingSide({ url, applicationName: `${applicationName}-read` }, tail);
  return {
    ...reading,
    // Async, so that what cannot be stored comes back as a rejection like every other refusal.
    append: async (stream: string, events: readonly NewEvent[], expected: Expected): Promise<Appended> =>
      writer.append(storable(stream, events), expected),
    appendRecorded: async (
      stream: string,
      events: readonly NewEvent[],
      expected: Expected,
      at: string,
    ): Promise<Appended> => writer.append(storable(stream, events), expected, at),
    isWritable: () => writer.inTouch,
    close: async () => {
      // Writes what is queued before subscribers are sent home.
      await writer.close();
      await reading.close();
    },
  };
}

/** For a process that only reads: its subscriptions ask the database once a second. The writer made the tables. */
export function openPgReader(options: Pick<PgStoreOptions, 'url' | 'applicationName'>): PgReader {
  const applicationName = `${options.applicationName ?? defaultName}-read`;
  return readingSide({ url: options.url, applicationName }, new Tail());
}

function readingSide(options: ReaderOptions, tail: Tail): PgReader {
  const reader = new Reader(options);
  return {
    head: () => reader.head(),
    readStream: (stream: string, read?: ReadStream): AsyncIterable<RecordedEvent> => reader.readStream(stream, read),
    readAll: (read?: ReadAll): AsyncIterable<RecordedEvent> => reader.readAll(read),
    subscribeAll: (subscribe: Subscribe): AsyncIterable<readonly RecordedEvent[]> => {
      if (tail.closed) throw new Unavailable('the store is closed');
      return subscription((after, prefixes) => reader.page(after, prefixes), tail, subscribe);
    },
    close: async () => {
      tail.close();
      await reader.close();
    },
  };
}
