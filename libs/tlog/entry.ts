// What a business log's entry must look like, whatever it says: canonical JSON with the envelope's fields, so that a
// stranger can read any log of any agency, and one value has one spelling that everybody hashes.
import { parseCanonical } from '#kernel/canonical-json';
import type { JsonObject } from '#kernel/canonical-json';
import { excerpt } from './bytes';
import { MAX_ENTRY_SIZE } from './bundle';

const REQUIRED = ['v', 'id', 'type', 'stream', 'revision', 'at', 'actor', 'seen', 'commit'] as const;
const ALLOWED = new Set<string>([...REQUIRED, 'cause', 'data', 'sealed', 'sm3']);
const RFC3339_UTC = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/;

/**
 * Parses an entry and checks its envelope, not what its data means. Throws with the reason.
 * @returns the envelope; its `id` must be unique within the log, which only a reader of the whole log can see
 */
export function parseEntry(bytes: Uint8Array): JsonObject & { readonly id: string } {
  if (bytes.length > MAX_ENTRY_SIZE) throw new Error(`an entry has at most ${MAX_ENTRY_SIZE} bytes`);
  const value = parseCanonical(bytes);
  if (!isObject(value)) throw new Error('an entry is a JSON object');
  for (const field of REQUIRED) if (!Object.hasOwn(value, field)) throw new Error(`the entry has no "${field}"`);
  for (const field in value) if (!ALLOWED.has(field)) throw new Error(`the entry has the unknown "${excerpt(field)}"`);
  if (value.v !== 1) throw new Error('the entry is not of version 1');
  for (const field of ['id', 'type', 'stream', 'commit'] as const) {
    if (typeof value[field] !== 'string' || value[field] === '') throw new Error(`"${field}" is not a text`);
  }
  if (!Number.isInteger(value.revision) || (value.revision as number) < 0)
    throw new Error('"revision" is not a number');
  if (typeof value.at !== 'string' || !RFC3339_UTC.test(value.at)) throw new Error('"at" is not a UTC time');
  if (Object.hasOwn(value, 'sm3') && !/^[0-9a-f]{64}$/.test(String(value.sm3))) throw new Error('"sm3" is no digest');
  if (Object.hasOwn(value, 'data') === Object.hasOwn(value, 'sealed')) {
    throw new Error('the entry has neither "data" nor "sealed", or both');
  }
  const body = Object.hasOwn(value, 'data') ? 'data' : 'sealed';
  for (const field of ['actor', 'seen', body] as const) {
    if (!isObject(value[field])) throw new Error(`"${field}" is not an object`);
  }
  return value as JsonObject & { readonly id: string };
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
