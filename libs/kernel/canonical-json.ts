// Canonical JSON after RFC 8785 (JCS). Agencies sign and compare bytes, so one value must have one spelling:
// bytes are accepted only when they are exactly what this file would write for the value they parse to.

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
export type JsonObject = { readonly [key: string]: Json };

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const encoder = new TextEncoder();
const loneSurrogate = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;

/** A value or byte string that has no canonical form. */
export class NotCanonical extends Error {
  override readonly name = 'NotCanonical';
}

/**
 * Writes a value as RFC 8785 text: keys in UTF-16 order, ECMAScript number format, no white space.
 * Keys whose value is undefined are left out, as JSON.stringify does.
 * @throws NotCanonical for NaN, infinities, BigInt, functions, lone surrogates and undefined itself.
 */
export function canonicalize(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return quoted(value);
    case 'boolean':
      return value ? 'true' : 'false';
    case 'number':
      if (!Number.isFinite(value)) throw new NotCanonical(`${value} is not a JSON number`);
      return JSON.stringify(value);
    case 'object':
      if (value === null) return 'null';
      return Array.isArray(value) ? `[${value.map(canonicalize).join(',')}]` : canonicalObject(value);
    default:
      throw new NotCanonical(`${typeof value} has no JSON form; write large integers as strings`);
  }
}

/** The UTF-8 bytes of `canonicalize(value)`. */
export function canonicalBytes(value: unknown): Uint8Array {
  return encoder.encode(canonicalize(value));
}

/**
 * Parses UTF-8 bytes and demands that they are canonical. Refuses in one comparison: reordered or duplicate keys,
 * `1.0`, `1e2`, integers beyond 2^53, needless escapes, white space, lone surrogates, a byte order mark, bad UTF-8.
 * @throws NotCanonical
 */
export function parseCanonical(bytes: Uint8Array): Json {
  let text: string;
  let value: Json;
  try {
    text = decoder.decode(bytes);
    value = JSON.parse(text) as Json;
  } catch (cause) {
    throw new NotCanonical('not UTF-8 JSON', { cause });
  }
  if (canonicalize(value) !== text) throw new NotCanonical('JSON is not in its canonical form (RFC 8785)');
  return value;
}

function canonicalObject(object: object): string {
  const members: string[] = [];
  // Array.prototype.sort compares UTF-16 code units, which is the order RFC 8785 section 3.2.3 asks for.
  for (const key of Object.keys(object).sort()) {
    const value = (object as Record<string, unknown>)[key];
    if (value !== undefined) members.push(`${quoted(key)}:${canonicalize(value)}`);
  }
  return `{${members.join(',')}}`;
}

function quoted(text: string): string {
  if (loneSurrogate.test(text)) throw new NotCanonical('a string holds half a surrogate pair');
  return JSON.stringify(text);
}
