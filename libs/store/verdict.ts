// The one rule of appending, pure, so that every adapter of our own decides alike: does the expected revision hold,
// or has this very append happened before (architecture.md section 3, rows "expected revision" and "idempotence")?
import type { Appended, Expected } from './event-store';

/** Where an event stands. */
export type Place = { readonly id: string; readonly revision: bigint; readonly position: bigint };

export type Verdict =
  | { readonly kind: 'append'; readonly revision: bigint }
  | { readonly kind: 'repeat'; readonly appended: Appended }
  | { readonly kind: 'wrong' };

/**
 * @param ids of the events to append, in order
 * @param last the stream's last revision, undefined when it has no event
 * @param placeOf where an id stands in this stream already
 */
export function judge(
  ids: readonly string[],
  expected: Expected,
  last: bigint | undefined,
  placeOf: (id: string) => Place | undefined,
): Verdict {
  const places = ids.map(placeOf);
  if (places.every((place) => place === undefined)) {
    return agrees(expected, last) ? { kind: 'append', revision: (last ?? -1n) + 1n } : { kind: 'wrong' };
  }
  const first = expected === 'stream_exists' ? places[0]?.revision : expected === 'no_stream' ? 0n : expected + 1n;
  // An id stands once in a stream: some of the ids, or all of them elsewhere, is neither a repeat nor a new append.
  if (first === undefined || places.some((place, index) => place?.revision !== first + BigInt(index))) {
    return { kind: 'wrong' };
  }
  const { revision, position } = places[places.length - 1] as Place;
  return { kind: 'repeat', appended: { revision, position } };
}

function agrees(expected: Expected, last: bigint | undefined): boolean {
  if (expected === 'no_stream') return last === undefined;
  if (expected === 'stream_exists') return last !== undefined;
  return expected === last;
}
