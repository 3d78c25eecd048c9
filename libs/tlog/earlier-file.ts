// A growing log leaves behind the partial tiles and bundles of the sizes that it signed, for readers who still hold an
// older checkpoint. Each is the beginning of the file that came after it, so a byte changed in one shows by comparison.
import { narrowBundle } from './bundle';
import { HASH_SIZE } from './sha256';
import { TILE_WIDTH } from './tile';
import type { TileName } from './tile';

/**
 * Index of the first entry of which an earlier partial file says something else than the later file of the same tile;
 * undefined when it is the beginning of the later one.
 * @param later bytes of the verified file, of a greater width than `name` has
 */
export function differsFromLater(name: TileName, earlier: Uint8Array, later: Uint8Array): bigint | undefined {
  const { level, n, width } = name;
  const first = n * BigInt(TILE_WIDTH);
  const expected = level === 'entries' ? narrowBundle(later, width) : later.subarray(0, width * HASH_SIZE);
  const at = firstDifference(earlier, expected);
  if (at === undefined) return undefined;
  if (level === 'entries') return first + BigInt(Math.min(entryAt(expected, at), width - 1));
  const nth = BigInt(Math.min(Math.floor(at / HASH_SIZE), width - 1));
  return (first + nth) << BigInt(8 * level);
}

function firstDifference(a: Uint8Array, b: Uint8Array): number | undefined {
  const length = Math.min(a.length, b.length);
  for (let at = 0; at < length; at++) if (a[at] !== b[at]) return at;
  return a.length === b.length ? undefined : length;
}

/** Number of the entry in whose frame (length and bytes) the byte `at` of a sound bundle lies. */
function entryAt(bundle: Uint8Array, at: number): number {
  let position = 0;
  for (let start = 0; start < bundle.length; position++) {
    start += 2 + (bundle[start]! << 8) + bundle[start + 1]!;
    if (at < start) return position;
  }
  return position;
}
