// What was so at any moment (当时已知), by two clocks: what the three logs had recorded by then, and what this agency knew
// then, which is less where a peer's log came late. The fold is the ledger's own, in the order of either clock.
import type { Published } from '#kernel/envelope';
import type { KnownFacts } from '#contracts/history';
import { civilDateOf } from '../civil-time';
import { ledger } from '../ledger/ledger';
import type { LedgerRow } from '../ledger/ledger';
import { lineOf } from '../ledger/line';

/** Logs are read one after the other: what comes within this is not late. */
const lateMs = 60_000;

/** A record and when this agency knew of it: when it recorded it itself, or had verified a peer's. RFC 3339 UTC. */
export type KnownEvent = { readonly event: Published; readonly knownAt: string };
export type KnownMoment = KnownEvent & { readonly late: boolean; readonly facts?: KnownFacts };

/**
 * @param events in the order of recording, which decides between those that became known at the same moment
 * @returns in the order of becoming known, each with what was known from then on, as of that day
 */
export function knownMoments(issueId: string, events: readonly KnownEvent[]): KnownMoment[] {
  const ordered = [...events].sort((a, b) => (a.knownAt < b.knownAt ? -1 : a.knownAt > b.knownAt ? 1 : 0));
  let row: LedgerRow | undefined;
  let latest = '';
  return ordered.map(({ event, knownAt }) => {
    row = ledger.evolve(row, event, issueId);
    const late = event.at < latest && Date.parse(knownAt) - Date.parse(event.at) >= lateMs;
    if (event.at > latest) latest = event.at;
    const facts = row && factsOf(row, civilDateOf(knownAt));
    return { event, knownAt, late, ...(facts && { facts }) };
  });
}

/**
 * What the three logs together said from each record on, whoever had which of them at that moment.
 * @param events in the order of recording
 * @returns one for each, as of the day of its recording; undefined while nobody has registered the issue
 */
export function recordedFacts(issueId: string, events: readonly Published[]): (KnownFacts | undefined)[] {
  let row: LedgerRow | undefined;
  return events.map((event) => {
    row = ledger.evolve(row, event, issueId);
    return row && factsOf(row, civilDateOf(event.at));
  });
}

/** What the ledger says of it on a day; undefined while only a verifier has spoken and nobody has registered it. */
export function factsOf(row: LedgerRow, day: string): KnownFacts | undefined {
  if (row.known === 0) return undefined;
  const line = lineOf(row, '', day, 'recorded');
  const { status, tracks, due, daysLeft, light, person, measures, evidence, attempt, returns } = line;
  return { status, tracks, due, daysLeft, light, person, measures, evidence, attempt, returns };
}
