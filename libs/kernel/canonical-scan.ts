// Most canonical JSON (RFC 8785) can be told from its bytes alone, in one pass and without building the value, several
// times faster than by parsing and writing it again. This scan knows only the plain cases and says yes only where
// `parseCanonical` accepts; a no means "ask parseCanonical", which alone decides. Kept equal by property tests.

/** What the scan answers instead of a position when it is not sure. */
export const UNSURE = -1;

// Deeper values are for parseCanonical, and for the stack that it has.
const MAX_DEPTH = 32;
// Every integer of so many digits is a double and is written as it stands.
const MAX_DIGITS = 15;

const [QUOTE, BACKSLASH, COMMA, COLON, MINUS, ZERO, NINE] = [0x22, 0x5c, 0x2c, 0x3a, 0x2d, 0x30, 0x39];
const [OPEN_BRACKET, CLOSE_BRACKET, OPEN_BRACE, CLOSE_BRACE] = [0x5b, 0x5d, 0x7b, 0x7d];

/** Are these bytes, all of them, a value in its canonical form? False also means: not sure. */
export function isSurelyCanonical(bytes: Uint8Array): boolean {
  return scanValue(bytes, 0, bytes.length) === bytes.length;
}

/**
 * Goes over one value that starts at `at`.
 * @param end nothing from here on is looked at
 * @returns the position behind the value, or UNSURE
 */
export function scanValue(bytes: Uint8Array, at: number, end: number, depth = 0): number {
  if (at >= end) return UNSURE;
  switch (bytes[at]) {
    case QUOTE:
      return scanString(bytes, at, end);
    case OPEN_BRACE:
      return depth < MAX_DEPTH ? scanObject(bytes, at, end, depth) : UNSURE;
    case OPEN_BRACKET:
      return depth < MAX_DEPTH ? scanArray(bytes, at, end, depth) : UNSURE;
    case 0x74:
      return scanLiteral(bytes, at, end, TRUE);
    case 0x66:
      return scanLiteral(bytes, at, end, FALSE);
    case 0x6e:
      return scanLiteral(bytes, at, end, NULL);
    default:
      return scanInteger(bytes, at, end);
  }
}

/** The ASCII bytes of a text, for `scanLiteral`. */
export function literal(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}
const [TRUE, FALSE, NULL] = [literal('true'), literal('false'), literal('null')];

/** @returns the position behind exactly these bytes, or UNSURE */
export function scanLiteral(bytes: Uint8Array, at: number, end: number, expected: Uint8Array): number {
  if (at < 0 || at + expected.length > end) return UNSURE;
  for (let n = 0; n < expected.length; n++) if (bytes[at + n] !== expected[n]) return UNSURE;
  return at + expected.length;
}

/** An integer of at most 15 digits; fractions and exponents are for `parseCanonical`. */
export function scanInteger(bytes: Uint8Array, from: number, end: number): number {
  const first = from < end && bytes[from] === MINUS ? from + 1 : from;
  let at = first;
  while (at < end && bytes[at]! >= ZERO && bytes[at]! <= NINE) at++;
  const digits = at - first;
  if (digits === 0 || digits > MAX_DIGITS) return UNSURE;
  // No leading zero, and minus zero is written as 0.
  return bytes[first] === ZERO && (digits > 1 || first > from) ? UNSURE : at;
}

/** A string whose opening quote is at `from`: well-formed UTF-8 and only the escapes that have no other spelling. */
export function scanString(bytes: Uint8Array, from: number, end: number): number {
  if (from < 0 || from >= end || bytes[from] !== QUOTE) return UNSURE;
  for (let at = from + 1; at < end;) {
    const byte = bytes[at]!;
    if (byte >= 0xe1 && byte <= 0xec) {
      // Nearly all Chinese text.
      if (at + 2 >= end || (bytes[at + 1]! & 0xc0) !== 0x80 || (bytes[at + 2]! & 0xc0) !== 0x80) return UNSURE;
      at += 3;
    } else if (byte === QUOTE) return at + 1;
    else if (byte === BACKSLASH) {
      if (at + 1 >= end || !isPlainEscape(bytes[at + 1]!)) return UNSURE;
      at += 2;
    } else if (byte < 0x80) {
      if (byte < 0x20) return UNSURE;
      at++;
    } else {
      const length = wellFormed(bytes, at, end);
      if (length === 0) return UNSURE;
      at += length;
    }
  }
  return UNSURE;
}

/** The two-character escapes that RFC 8785 demands: of quote, backslash, \b, \f, \n, \r and \t. */
function isPlainEscape(byte: number): boolean {
  return byte === QUOTE || byte === BACKSLASH || byte === 0x6e || byte === 0x74 || byte === 0x72 || isRareEscape(byte);
}
const isRareEscape = (byte: number): boolean => byte === 0x62 || byte === 0x66;

/** Bytes of the character beyond ASCII at `at` (RFC 3629 section 4), 0 when there is no whole one. */
function wellFormed(bytes: Uint8Array, at: number, end: number): number {
  const byte = bytes[at]!;
  const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
  if (byte < 0xc2 || byte > 0xf4 || at + length > end) return 0;
  for (let n = 1; n < length; n++) if ((bytes[at + n]! & 0xc0) !== 0x80) return 0;
  const second = bytes[at + 1]!;
  // No longer spelling than needed, no half of a surrogate pair, nothing beyond U+10FFFF.
  if ((byte === 0xe0 && second < 0xa0) || (byte === 0xed && second > 0x9f)) return 0;
  if ((byte === 0xf0 && second < 0x90) || (byte === 0xf4 && second > 0x8f)) return 0;
  return length;
}

function scanArray(bytes: Uint8Array, from: number, end: number, depth: number): number {
  if (bytes[from + 1] === CLOSE_BRACKET) return from + 1 < end ? from + 2 : UNSURE;
  for (let at = from; ;) {
    at = scanValue(bytes, at + 1, end, depth + 1);
    if (at < 0 || at >= end) return UNSURE;
    if (bytes[at] === CLOSE_BRACKET) return at + 1;
    if (bytes[at] !== COMMA) return UNSURE;
  }
}

function scanObject(bytes: Uint8Array, from: number, end: number, depth: number): number {
  if (bytes[from + 1] === CLOSE_BRACE) return from + 1 < end ? from + 2 : UNSURE;
  let [before, beforeEnd] = [0, 0];
  for (let at = from; ;) {
    const key = at + 1;
    at = scanString(bytes, key, end);
    if (at < 0 || at >= end || bytes[at] !== COLON) return UNSURE;
    if (before > 0 && !isBefore(bytes, before, beforeEnd, key, at)) return UNSURE;
    [before, beforeEnd] = [key, at];
    at = scanValue(bytes, at + 1, end, depth + 1);
    if (at < 0 || at >= end) return UNSURE;
    if (bytes[at] === CLOSE_BRACE) return at + 1;
    if (bytes[at] !== COMMA) return UNSURE;
  }
}

/** Does one key come before another by UTF-16 code units? False also for keys with an escape or beyond the BMP. */
function isBefore(bytes: Uint8Array, a: number, aEnd: number, b: number, bEnd: number): boolean {
  const common = Math.min(aEnd - a, bEnd - b);
  let n = 1;
  while (n < common && bytes[a + n] === bytes[b + n] && bytes[a + n] !== BACKSLASH) n++;
  if (n >= common) return false;
  const [left, right] = [bytes[a + n]!, bytes[b + n]!];
  if (left === BACKSLASH || right === BACKSLASH || left >= 0xee || right >= 0xee) return false;
  // The quote behind the shorter of two keys is less than any character but space and exclamation mark.
  if (left === QUOTE) return true;
  return right !== QUOTE && left < right;
}
