// Which ids of a log were met before, in some five bytes for each: a Set of the ids themselves needs a hundred, two
// gigabytes for a province's term. What is kept of an id is a keyed fingerprint, so "not met" is certain and "met" is
// a suspicion, which the reader of the log settles by reading again. The key is drawn anew for every reading, so no
// log can be written to raise suspicions.

import { utf8 } from './bytes';

/** The 64-bit key of one reading. */
export type MarkKey = readonly [number, number];

export function drawMarkKey(): MarkKey {
  const [low, high] = globalThis.crypto.getRandomValues(new Uint32Array(2));
  return [low!, high!];
}

/**
 * HalfSipHash-2-4 with 64 bits (Aumasson and Bernstein, reference code at veorq/SipHash@1a7d041) of bytes `from` to
 * `to`; writes two words into `out` from `at` on, the first four bytes of the reference's output first.
 */
export function mark(bytes: Uint8Array, from: number, to: number, key: MarkKey, out: Uint32Array, at: number): void {
  let [v0, v1, v2, v3] = [key[0], key[1] ^ 0xee, 0x6c796765 ^ key[0], 0x74656462 ^ key[1]];
  const words = (to - from) >> 2;
  // One more word for the rest and the length, then four rounds for each half of the output.
  for (let step = 0; step < words + 5; step++) {
    let word = 0;
    if (step < words) {
      const place = from + 4 * step;
      word = bytes[place]! | (bytes[place + 1]! << 8) | (bytes[place + 2]! << 16) | (bytes[place + 3]! << 24);
    } else if (step === words) {
      word = (to - from) << 24;
      for (let n = from + 4 * words, shift = 0; n < to; n++, shift += 8) word |= bytes[n]! << shift;
    } else if (step === words + 1) v2 ^= 0xee;
    else if (step === words + 3) {
      out[at] = v1 ^ v3;
      v1 ^= 0xdd;
    }
    v3 ^= word;
    for (let round = 0; round < 2; round++) {
      v0 = (v0 + v1) | 0;
      v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0;
      v0 = (v0 << 16) | (v0 >>> 16);
      v2 = (v2 + v3) | 0;
      v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2;
      v0 = (v0 + v3) | 0;
      v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0;
      v2 = (v2 + v1) | 0;
      v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2;
      v2 = (v2 << 16) | (v2 >>> 16);
    }
    v0 ^= word;
  }
  out[at + 1] = v1 ^ v3;
}

/** The mark of an id that is a text already. */
export function markOf(id: string, key: MarkKey): Uint32Array {
  const bytes = utf8(id);
  const out = new Uint32Array(2);
  mark(bytes, 0, bytes.length, key, out, 0);
  return out;
}

// Slots for one id: four of five are taken in the end, and a look-up passes some dozen neighbours.
const ROOM = 1.25;
const LEAST_SLOTS = 1_024;
// A table for more is made when it is needed: a log may claim any size.
const MOST_SLOTS = 1 << 26;

/** Which ids of a log came before. Marks are added in the order of the log, the first for entry 0. */
export interface MetIds {
  /** False when the mark was there already: the id may have been met before. Otherwise it was not, or is told later. */
  add(first: number, second: number): boolean;
  /** Of what `add` has not told: the least index, not below `from`, whose mark came before. */
  firstRepeat(from: bigint): bigint | undefined;
  close(): void;
}

type Table = { readonly slots: Uint32Array; free: number };

/** A hash table of 32 bits a slot: where a mark lies says its other half. */
export class IdMarks implements MetIds {
  private readonly tables: Table[] = [];

  /** @param expected how many ids will come; memory is taken as they come */
  constructor(private readonly expected: bigint) {}

  /** False when the mark was there already: the id may have been met before. Otherwise it certainly was not. */
  add(first: number, second: number): boolean {
    // Zero is an empty slot.
    const kept = second >>> 0 || 1;
    for (let n = 0; n < this.tables.length - 1; n++) if (has(this.tables[n]!, first, kept)) return false;
    let last = this.tables.at(-1);
    if (!last || last.free === 0) {
      if (last && has(last, first, kept)) return false;
      last = this.grow();
    }
    const { slots } = last;
    let at = placeOf(first, slots);
    for (; slots[at] !== 0; at = at + 1 === slots.length ? 0 : at + 1) if (slots[at] === kept) return false;
    slots[at] = kept;
    last.free--;
    return true;
  }

  /** Forgets all marks and keeps the memory of the first table. */
  clear(): void {
    this.tables.length = Math.min(1, this.tables.length);
    this.tables[0]?.slots.fill(0);
    if (this.tables[0]) this.tables[0].free = Math.floor(this.tables[0].slots.length / ROOM);
  }

  firstRepeat(): undefined {
    return undefined;
  }

  close(): void {
    this.tables.length = 0;
  }

  private grow(): Table {
    const before = this.tables.at(-1)?.slots.length ?? 0;
    const wanted = Math.max(LEAST_SLOTS, 2 * before, Math.ceil(Number(this.expected) * ROOM));
    const slots = Math.min(MOST_SLOTS, wanted);
    const table = { slots: new Uint32Array(slots), free: Math.floor(slots / ROOM) };
    this.tables.push(table);
    return table;
  }
}

function has({ slots }: Table, first: number, kept: number): boolean {
  let at = placeOf(first, slots);
  for (; slots[at] !== 0; at = at + 1 === slots.length ? 0 : at + 1) if (slots[at] === kept) return true;
  return false;
}

function placeOf(first: number, slots: Uint32Array): number {
  return Math.floor((first >>> 0) * (slots.length / 2 ** 32));
}
