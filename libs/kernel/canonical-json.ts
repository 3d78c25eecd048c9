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
  // The engine writes JSON several times faster than we do, and canonical JSON too, once all keys are in order.
  const ordered = inOrder(value);
  const text = ordered === undefined ? undefined : JSON.stringify(ordered);
  return text === undefined || text.includes('\\ud') ? writtenByMember(value) : text;
}

function writtenByMember(value: unknown): string {
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
      return Array.isArray(value) ? `[${value.map(writtenByMember).join(',')}]` : canonicalObject(value);
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
  const spelt = isOrdered(value) && JSON.stringify(value) === text && !text.includes('\\ud');
  if (!spelt && writtenByMember(value) !== text) throw new NotCanonical('JSON is not in its canonical form (RFC 8785)');
  return value;
}

/**
 * The value with its keys in order at every level, itself where they are already; undefined where the engine's writing
 * might differ from ours, so that ours decides: no number, a `toJSON`, keys that engines move to the front, and so on.
 */
function inOrder(value: unknown): unknown {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value;
    case 'number':
      return Number.isFinite(value) ? value : undefined;
    case 'object':
      if (value === null) return null;
      return Array.isArray(value) ? itemsInOrder(value) : membersInOrder(value as Readonly<Record<string, unknown>>);
    default:
      return undefined;
  }
}

function itemsInOrder(items: readonly unknown[]): unknown {
  if ('toJSON' in items) return undefined;
  let same = true;
  const ordered: unknown[] = [];
  for (let index = 0; index < items.length; index++) {
    const item = inOrder(items[index]);
    if (item === undefined) return undefined;
    if (item !== items[index]) same = false;
    ordered.push(item);
  }
  return same ? items : ordered;
}

function membersInOrder(object: Readonly<Record<string, unknown>>): unknown {
  const prototype: unknown = Object.getPrototypeOf(object);
  // An instance of a class may write itself in a way of its own, as the wrapper objects of numbers and texts do.
  if ('toJSON' in object || (prototype !== null && Object.getPrototypeOf(prototype) !== null)) return undefined;
  const keys = Object.keys(object);
  let same = true;
  let changed: Map<string, unknown> | undefined;
  for (let n = 0; n < keys.length; n++) {
    const key = keys[n]!;
    if (isMoved(key)) return undefined;
    if (n > 0 && key < keys[n - 1]!) same = false;
    const value = object[key];
    const member = value === undefined ? undefined : inOrder(value);
    if (member === undefined && value !== undefined) return undefined;
    if (member !== value) (changed ??= new Map<string, unknown>()).set(key, member);
  }
  if (same && !changed) return object;
  return Object.fromEntries(keys.sort().map((key) => [key, changed?.get(key) ?? object[key]]));
}

/** Whole numbers as keys are listed first by the engine, whatever order they were set in. */
function isMoved(key: string): boolean {
  const first = key.charCodeAt(0);
  return first >= 0x30 && first <= 0x39;
}

/** Are the keys of a parsed value in order at every level? */
function isOrdered(value: Json): boolean {
  if (typeof value !== 'object' || value === null) return true;
  if (Array.isArray(value)) return (value as readonly Json[]).every(isOrdered);
  const object = value as JsonObject;
  let before = '';
  for (const key of Object.keys(object)) {
    if (key < before || !isOrdered(object[key]!)) return false;
    before = key;
  }
  return true;
}

function canonicalObject(object: object): string {
  const members: string[] = [];
  // Array.prototype.sort compares UTF-16 code units, which is the order RFC 8785 section 3.2.3 asks for.
  for (const key of Object.keys(object).sort()) {
    const value = (object as Record<string, unknown>)[key];
    if (value !== undefined) members.push(`${quoted(key)}:${writtenByMember(value)}`);
  }
  return `{${members.join(',')}}`;
}

function quoted(text: string): string {
  if (loneSurrogate.test(text)) throw new NotCanonical('a string holds half a surrogate pair');
  return JSON.stringify(text);
}
