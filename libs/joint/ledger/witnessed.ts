// How far the other agencies stand by a record, from how far each of them has cosigned the log that it stands in.
import type { Agency } from '#kernel/envelope';
import type { WitnessStatus } from '#contracts/witnesses';

/** Of one log: how many of its entries are under one witness's word, and under enough of them. */
export type Reach = {
  readonly witnessed: number;
  readonly final: number;
  /** Each witness that counts, with the size that it has cosigned. */
  readonly by: readonly { readonly agency?: Agency; readonly name: string; readonly size: number }[];
};
export type ReachOf = (origin: string) => Reach;

/** Where an event stands in a signed log; undefined for a moment after recording. */
export type Place = { readonly origin: string; readonly index: number } | undefined;

export function statusAt(place: Place, reachOf: ReachOf): WitnessStatus {
  if (!place) return 'recorded';
  const { witnessed, final } = reachOf(place.origin);
  if (place.index < final) return 'final';
  return place.index < witnessed ? 'witnessed' : 'recorded';
}

const order: readonly WitnessStatus[] = ['recorded', 'witnessed', 'final'];

/** Of many events, that of the least witnessed one; of none, `recorded`. */
export function leastOf(statuses: readonly WitnessStatus[]): WitnessStatus {
  return order[Math.min(...statuses.map((status) => order.indexOf(status)))] ?? 'recorded';
}
