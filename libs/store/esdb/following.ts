// A subscription that does not end when its call does. The client gives up at the first broken connection; here the
// call is opened again after the last event that was handed out, with a pause that grows, until the caller has enough.
import type { Readable } from 'node:stream';
import type { AllStreamResolvedEvent, JSONEventType, RecordedEvent as ClientEvent } from '@eventstore/db-client';
import { START, streamNameFilter } from '@eventstore/db-client';
import type { AllStreamSubscription, Position } from '@eventstore/db-client';
import { PositionBeyondEnd, type RecordedEvent, type Subscribe, Unavailable } from '../event-store';
import type { Connection } from './connection';
import { translated } from './faults';
import { Inflow } from './inflow';
import { endOf } from './reading';
import { isSystem, recorded } from './recorded';

/** What comes between the events, in its place among them. */
type Mark = { readonly mark: 'open' | 'caughtUp' | 'passed'; readonly position?: bigint };
type Item = AllStreamResolvedEvent | Mark;

// So many windows of 32 events between two marks of how far the server has looked.
const checkpointInterval = 32;
// Everything but the server's own streams.
const everyStream = { regex: '^[^$].*' };

/** @throws PositionBeyondEnd, Error when the server refuses for good; nothing for a store that is out of reach */
export async function* follow(
  connection: Connection,
  { after, prefixes, signal, onCaughtUp }: Subscribe,
): AsyncGenerator<readonly RecordedEvent[], void, void> {
  const { firstPauseMs, longestPauseMs } = connection.patience;
  const ended = () => signal.aborted || connection.closed;
  let cursor = after === 0n ? undefined : after;
  let delivered: bigint | undefined;
  let told = false;
  let pauseMs = firstPauseMs;
  while (!ended()) {
    try {
      await demandWithin(connection, cursor);
      for await (const { events, passed, caughtUp } of itemsAfter(connection, cursor, prefixes, signal)) {
        pauseMs = firstPauseMs;
        if (events.length > 0) {
          // Moved before they are handed out: what is done with them is the consumer's, and he keeps his own position.
          cursor = events[events.length - 1]?.position;
          yield events;
          delivered = cursor;
        }
        cursor = passed ?? cursor;
        if (caughtUp && !told && !ended()) onCaughtUp?.(delivered);
        told ||= caughtUp;
      }
    } catch (error) {
      if (!(error instanceof Unavailable)) throw error;
      connection.failed(error);
    }
    if (!ended()) await connection.pause(pauseMs, signal);
    pauseMs = Math.min(2 * pauseMs, longestPauseMs);
  }
}

/** The server itself would wait in silence for a position that may never come. */
async function demandWithin(connection: Connection, cursor: bigint | undefined): Promise<void> {
  if (cursor === undefined) return;
  const end = await endOf(connection);
  if (end === undefined || cursor > end) throw new PositionBeyondEnd(cursor, end);
}

type Step = { readonly events: readonly RecordedEvent[]; readonly passed?: bigint; readonly caughtUp: boolean };

/** Ends when the signal aborts or the store is closed. @throws whatever the call ends with before that */
async function* itemsAfter(
  connection: Connection,
  cursor: bigint | undefined,
  prefixes: readonly string[] | undefined,
  signal: AbortSignal,
): AsyncGenerator<Step> {
  const { silenceMs } = connection.patience;
  const call = open(connection, cursor, prefixes);
  const inflow = new Inflow<Item>(call as unknown as Readable, () => call.unsubscribe());
  const stop = () => inflow.break();
  const ended = AbortSignal.any([signal, connection.closing.signal]);
  ended.addEventListener('abort', stop);
  let confirmed = false;
  try {
    for (;;) {
      if (ended.aborted) return;
      // Once it is open, silence is nothing but peace; a dead connection is found by the client's own pings.
      const items = await inflow.take(confirmed ? undefined : silenceMs).catch((error: unknown) => {
        throw translated(error);
      });
      if (ended.aborted) return;
      if (items === undefined) throw new Unavailable('the event store ended the subscription');
      confirmed = true;
      connection.inTouch = true;
      yield* stepsOf(items);
    }
  } finally {
    ended.removeEventListener('abort', stop);
    inflow.break();
  }
}

/** Events up to each mark together, then the mark: whoever is told that he has caught up has seen everything before. */
function* stepsOf(items: readonly Item[]): Generator<Step> {
  let events: RecordedEvent[] = [];
  let passed: bigint | undefined;
  const step = (caughtUp: boolean): Step => ({ events, caughtUp, ...(passed !== undefined && { passed }) });
  for (const item of items) {
    if (!('mark' in item)) {
      const event = item.event as ClientEvent<JSONEventType> | undefined;
      if (event === undefined || isSystem(event)) continue;
      events.push(recorded(event));
      passed = undefined;
    } else if (item.mark === 'passed') {
      passed = item.position;
    } else if (item.mark === 'caughtUp') {
      yield step(true);
      events = [];
    }
  }
  yield step(false);
}

function open(
  { client }: Connection,
  cursor: bigint | undefined,
  prefixes: readonly string[] | undefined,
): AllStreamSubscription {
  const put = (subscription: AllStreamSubscription, mark: Mark) => void subscription.push(mark);
  const checkpointReached = async (subscription: AllStreamSubscription, { commit }: Position) =>
    put(subscription, { mark: 'passed', position: commit });
  const marks = { checkpointInterval, checkpointReached };
  const filter =
    prefixes === undefined
      ? streamNameFilter({ ...everyStream, ...marks })
      : streamNameFilter({ prefixes: [...prefixes], ...marks });
  const fromPosition = cursor === undefined ? START : { commit: cursor, prepare: cursor };
  const call = client.subscribeToAll({ fromPosition, filter, requiresLeader: true });
  // Signs are told beside the events, which wait in a buffer. Put into the buffer, they keep their place among them.
  call.on('confirmation', () => put(call, { mark: 'open' }));
  (call as NodeJS.EventEmitter).on('caughtUp', () => put(call, { mark: 'caughtUp' }));
  return call;
}
