// Nearly every entry of a log is plain: its envelope's fields stand in their one canonical order, and no text of the
// envelope needs an escape. Such an entry is told from its bytes in one pass. A no means "ask parseEntry", which alone
// decides; a test holds the two together.
import { literal, scanInteger, scanLiteral, scanString, scanValue, UNSURE } from '#kernel/canonical-scan';
import { MAX_ENTRY_SIZE } from './bundle';

/** Where the id stands within the bytes, without its quotes; and the field `sm3`, with the comma before it. */
export type IdPlace = {
  readonly from: number;
  readonly to: number;
  readonly sm3?: { readonly from: number; readonly to: number };
};

// As parseEntry demands them; canonical order is that of the alphabet.
const [ACTOR, AT, CAUSE, COMMIT, DATA] = ['{"actor":', ',"at":"', ',"cause":', ',"commit":', ',"data":'].map(literal);
const [ID, REVISION, SEEN, STREAM] = [',"id":', ',"revision":', ',"seen":', ',"stream":'].map(literal);
const [SM3, SM3_DIGITS] = [literal(',"sm3":"'), 64];
const [TYPE, VERSION] = [',"type":', ',"v":1}'].map(literal);
const [BRACE, MINUS, DOT, LETTER_Z] = ['{', '-', '.', 'Z'].map((character) => character.charCodeAt(0));

/** @returns the place of the id in an entry that `parseEntry` accepts for sure; undefined when it must be asked */
export function scanEntry(bytes: Uint8Array, start = 0, end = bytes.length): IdPlace | undefined {
  if (end - start > MAX_ENTRY_SIZE) return undefined;
  let at = object(bytes, ACTOR!, start, end);
  at = time(bytes, scanLiteral(bytes, at, end, AT!), end);
  const cause = scanLiteral(bytes, at, end, CAUSE!);
  if (cause >= 0) at = scanValue(bytes, cause, end, 1);
  at = text(bytes, COMMIT!, at, end);
  at = object(bytes, DATA!, at, end);
  const from = at + ID!.length + 1;
  at = text(bytes, ID!, at, end);
  const to = at - 1;
  at = scanLiteral(bytes, at, end, REVISION!);
  if (at < 0 || bytes[at] === MINUS) return undefined;
  at = object(bytes, SEEN!, scanInteger(bytes, at, end), end);
  const digest = scanLiteral(bytes, at, end, SM3);
  const sm3 = digest >= 0 ? { from: at, to: digest + SM3_DIGITS + 1 } : undefined;
  if (sm3) at = hex(bytes, digest, end);
  at = text(bytes, TYPE!, text(bytes, STREAM!, at, end), end);
  if (scanLiteral(bytes, at, end, VERSION!) !== end) return undefined;
  // An escape is one spelling of a character, but the bytes here are taken for the characters.
  for (let n = from; n < to; n++) if (bytes[n] === 0x5c) return undefined;
  return sm3 ? { from, to, sm3 } : { from, to };
}

function object(bytes: Uint8Array, name: Uint8Array, at: number, end: number): number {
  const value = scanLiteral(bytes, at, end, name);
  return value >= 0 && bytes[value] === BRACE ? scanValue(bytes, value, end, 1) : UNSURE;
}

/** A text of at least one character. */
function text(bytes: Uint8Array, name: Uint8Array, at: number, end: number): number {
  const value = scanLiteral(bytes, at, end, name);
  const behind = scanString(bytes, value, end);
  return behind > value + 2 ? behind : UNSURE;
}

/** 64 lower-case hexadecimal digits and the closing quote. */
function hex(bytes: Uint8Array, from: number, end: number): number {
  const to = from + SM3_DIGITS;
  if (to >= end || bytes[to] !== 0x22) return UNSURE;
  for (let at = from; at < to; at++) {
    const byte = bytes[at]!;
    if (!isDigit(byte) && !(byte >= 0x61 && byte <= 0x66)) return UNSURE;
  }
  return to + 1;
}

const [FORM, ZERO] = [literal('0000-00-00T00:00:00'), 0x30];

/** An RFC 3339 time in UTC and its closing quote; `at` is behind the opening one. */
function time(bytes: Uint8Array, from: number, end: number): number {
  if (from < 0) return UNSURE;
  let at = from;
  for (let n = 0; n < FORM.length; n++, at++) {
    if (at >= end || !(FORM[n] === ZERO ? isDigit(bytes[at]!) : bytes[at] === FORM[n])) return UNSURE;
  }
  if (bytes[at] === DOT) {
    const first = ++at;
    while (at < end && isDigit(bytes[at]!)) at++;
    if (at === first) return UNSURE;
  }
  return at + 1 < end && bytes[at] === LETTER_Z && bytes[at + 1] === 0x22 ? at + 2 : UNSURE;
}

const isDigit = (byte: number): boolean => byte >= 0x30 && byte <= 0x39;
