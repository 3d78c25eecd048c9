// What can be said of one bundle alone: its entries' leaf hashes, whether each has the envelope's form, and a mark of
// each id. A pure function of the bytes, so that a program with several cores may have bundles judged side by side.
import { parseEntry } from './entry';
import { scanEntry } from './entry-scan';
import { mark, markOf } from './id-marks';
import type { MarkKey } from './id-marks';
import { leafHashInPlace, perfectRoot } from './merkle';
import { HASH_SIZE } from './sha256';
import { TILE_WIDTH } from './tile';

export interface JudgeTask {
  /** How many entries the tree has there, 1 to 256. */
  readonly width: number;
  /** The entries are not our envelopes: no form, no ids. */
  readonly opaque: boolean;
  readonly key: MarkKey;
}

export interface JudgedBundle {
  /** The bundle, byte for byte. */
  readonly bundle: Uint8Array;
  /** Leaf hashes end to end, of at most `width` entries; up to the one in `bad`, that one included. */
  readonly leaves: Uint8Array;
  /** Root over 256 leaves. */
  readonly root?: Uint8Array;
  /** Two words for each leaf before `bad`; see `IdMarks`. */
  readonly marks: Uint32Array;
  /** The first entry that breaks the envelope's form; nothing behind it is judged. */
  readonly bad?: { readonly position: number; readonly cause: Error };
  /** What stands behind the last whole one of the `width` entries: part of an entry, or more of them. */
  readonly rest?: 'cut' | 'more';
}

/** Judges as `verifyLog` does when nobody does it for it. */
export function judgeBundle(bundle: Uint8Array, { width, opaque, key }: JudgeTask): JudgedBundle {
  // Not a Buffer: its views cost twice as much.
  const bytes = new Uint8Array(bundle.buffer, bundle.byteOffset, bundle.length);
  const leaves = new Uint8Array(width * HASH_SIZE);
  const marks = new Uint32Array(opaque ? 0 : width * 2);
  let position = 0;
  let rest: JudgedBundle['rest'];
  for (let at = 0; at < bytes.length; position++) {
    const from = at + 2;
    const end = from + (bytes[at]! << 8) + (bytes[at + 1] ?? 0);
    if (from > bytes.length || end > bytes.length) rest = 'cut';
    else if (position === width) rest = 'more';
    if (rest) break;
    leafHashInPlace(bytes, from, end, leaves, position * HASH_SIZE);
    if (!opaque) {
      const cause = markId(bytes, from, end, key, marks, position * 2);
      if (cause)
        return { bundle, leaves: leaves.slice(0, (position + 1) * HASH_SIZE), marks, bad: { position, cause } };
    }
    at = end;
  }
  const whole = position === TILE_WIDTH ? { root: perfectRoot(leaves) } : {};
  return { bundle, leaves: leaves.subarray(0, position * HASH_SIZE), marks, ...whole, ...(rest && { rest }) };
}

/** @returns why the entry breaks the envelope's form */
function markId(
  bytes: Uint8Array,
  from: number,
  end: number,
  key: MarkKey,
  marks: Uint32Array,
  at: number,
): Error | undefined {
  const place = scanEntry(bytes, from, end);
  if (place) {
    mark(bytes, place.from, place.to, key, marks, at);
    return undefined;
  }
  try {
    marks.set(markOf(parseEntry(bytes.subarray(from, end)).id, key), at);
    return undefined;
  } catch (cause) {
    return cause as Error;
  }
}
