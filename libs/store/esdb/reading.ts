// Reads that end. Each is one call to the leader, ended on the server as soon as the reader has enough.
import type { Readable } from 'node:stream';
import type { JSONEventType, RecordedEvent as ClientEvent, ResolvedEvent } from '@eventstore/db-client';
import { BACKWARDS, END, FORWARDS, START } from '@eventstore/db-client';
import type { ReadAll, ReadStream, RecordedEvent } from '../event-store';
import { Unavailable } from '../event-store';
import { startsWithAny } from '../subscription';
import type { Connection } from './connection';
import { readVerdict } from './faults';
import { Inflow } from './inflow';
import { isSystem, recorded } from './recorded';

type Opened = ReturnType<Connection['client']['readAll']> | ReturnType<Connection['client']['readStream']>;
type Known = ClientEvent<JSONEventType>;

/** @throws StreamNotFound, Unavailable */
export async function* readStream(
  connection: Connection,
  stream: string,
  { from, backwards, limit }: ReadStream = {},
): AsyncGenerator<RecordedEvent> {
  // An exact answer to "nothing, please" still tells whether there is such a stream.
  const maxCount = limit === undefined ? Number.MAX_SAFE_INTEGER : Math.max(1, limit);
  const open = () =>
    connection.client.readStream(stream, {
      direction: backwards ? BACKWARDS : FORWARDS,
      fromRevision: from ?? (backwards ? END : START),
      maxCount,
      requiresLeader: true,
    });
  let left = limit ?? Infinity;
  for await (const event of eventsOf(connection, open, stream)) {
    if (left-- <= 0) return;
    yield recorded(event);
  }
}

/** @throws Unavailable */
export async function* readAll(
  connection: Connection,
  { from, limit, prefixes }: ReadAll = {},
): AsyncGenerator<RecordedEvent> {
  let left = limit ?? Infinity;
  if (left <= 0) return;
  const fromPosition = from === undefined || from === 0n ? START : { commit: from, prepare: from };
  // The client's reads, unlike its subscriptions, cannot filter on the server.
  const open = () => connection.client.readAll({ fromPosition, requiresLeader: true });
  for await (const event of eventsOf(connection, open, '$all')) {
    if (isSystem(event) || !startsWithAny(event.streamId, prefixes)) continue;
    yield recorded(event);
    if (--left <= 0) return;
  }
}

/** Position of the last event that is not the server's own, undefined when there is none. @throws Unavailable */
export async function headOf(connection: Connection): Promise<bigint | undefined> {
  for await (const event of eventsOf(connection, () => backwardsFromEnd(connection), '$all')) {
    if (!isSystem(event)) return recorded(event).position;
  }
  return undefined;
}

/** Position of the very last record, the server's own included; undefined when there is none. @throws Unavailable */
export async function endOf(connection: Connection): Promise<bigint | undefined> {
  for await (const event of eventsOf(connection, () => backwardsFromEnd(connection, 1), '$all')) {
    return event.position?.commit;
  }
  return undefined;
}

/** Position of the event of that revision. @throws StreamNotFound, Unavailable */
export async function readPosition(connection: Connection, stream: string, revision: bigint): Promise<bigint> {
  for await (const event of readStream(connection, stream, { from: revision, limit: 1 })) return event.position;
  throw new Error(`${stream} has no revision ${revision}, although it was just acknowledged`);
}

function backwardsFromEnd({ client }: Connection, maxCount = Number.MAX_SAFE_INTEGER): Opened {
  return client.readAll({ direction: BACKWARDS, fromPosition: END, maxCount, requiresLeader: true });
}

async function* eventsOf(connection: Connection, open: () => Opened, stream: string): AsyncGenerator<Known> {
  const { readMs, firstPauseMs, longestPauseMs } = connection.patience;
  const since = performance.now();
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(2 * pauseMs, longestPauseMs)) {
    let begun = false;
    try {
      for await (const event of eventsOfCall(connection, open, stream)) {
        begun = true;
        yield event;
      }
      return;
    } catch (error) {
      // In the middle it is for the reader to say what a part is worth to him.
      if (begun || connection.closed || !(error instanceof Unavailable)) throw error;
      if (performance.now() - since + pauseMs > readMs) throw error;
    }
    await connection.pause(pauseMs);
  }
}

async function* eventsOfCall(connection: Connection, open: () => Opened, stream: string): AsyncGenerator<Known> {
  connection.demandOpen();
  const { silenceMs } = connection.patience;
  const call = open();
  const inflow = new Inflow<ResolvedEvent<JSONEventType>>(call as unknown as Readable, () => call.cancel());
  const stop = () => inflow.break();
  connection.closing.signal.addEventListener('abort', stop);
  try {
    for (let items = await inflow.take(silenceMs); items !== undefined; items = await inflow.take(silenceMs)) {
      connection.inTouch = true;
      for (const { event } of items) if (event !== undefined) yield event;
    }
    // A store that is closed under its reader has not shown him everything.
    connection.demandOpen();
  } catch (error) {
    throw connection.failed(readVerdict(error, stream));
  } finally {
    connection.closing.signal.removeEventListener('abort', stop);
    inflow.break();
  }
}
