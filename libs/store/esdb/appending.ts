// Appends on a store at the other end of a network. What was not answered is asked again with the same ids at the same
// revision: the server knows an append that it already has, so the repetition finds out how the first one ended.
import type { Appended, Expected } from '../event-store';
import { Unavailable } from '../event-store';
import type { Storable } from '../storable';
import type { Connection } from './connection';
import { appendVerdict } from './faults';
import { readPosition } from './reading';
import { clientEvent } from './recorded';

// Added to the deadline of the call itself, which the client sometimes misses.
const graceMs = 500;

/**
 * @param at recorded time, where it is not now (events of another store)
 * @throws WrongExpectedRevision, TooLarge, Unavailable; Error when the server refuses for good
 */
export async function appendTo(
  connection: Connection,
  written: Storable,
  expected: Expected,
  at?: string,
): Promise<Appended> {
  const { appendMs, firstPauseMs, longestPauseMs } = connection.patience;
  const since = performance.now();
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(2 * pauseMs, longestPauseMs)) {
    connection.demandOpen();
    try {
      return await appendOnce(connection, written, expected, at);
    } catch (error) {
      const verdict = connection.failed(appendVerdict(error, written.stream, expected, written.bytes));
      if (!(verdict instanceof Unavailable)) throw verdict;
      if (performance.now() - since + pauseMs > appendMs) throw verdict;
    }
    await connection.pause(pauseMs);
  }
}

async function appendOnce(
  connection: Connection,
  { stream, events }: Storable,
  expected: Expected,
  at: string | undefined,
): Promise<Appended> {
  const { client, address, patience } = connection;
  const { attemptMs } = patience;
  const sent = client.appendToStream(
    stream,
    events.map((event) => clientEvent(event, at)),
    // With credentials named, the client sends a call of its own for this append, instead of a part of a call that all
    // appends share: there one broken connection settles the promises of another, and a lost answer is never missed.
    { expectedRevision: expected, requiresLeader: true, deadline: attemptMs, credentials: address.credentials },
  );
  const { nextExpectedRevision: revision, position } = await connection.within(attemptMs + graceMs, sent);
  // Some servers do not say where a repeated append stands.
  return { revision, position: position?.commit ?? (await readPosition(connection, stream, revision)) };
}
