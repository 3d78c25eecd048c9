// What goes into the store must come back as it went in, byte for byte, years later and from any adapter. So a value
// is judged and written down before anything is sent: an adapter only ever sees finished text.
import { canonicalize } from '#kernel/canonical-json';
import { maxAppendBytes, type NewEvent, NotStorable, TooLarge } from './event-store';

/** One event as text, ready to be written. `data` and `meta` are canonical JSON (RFC 8785). */
export type StorableEvent = {
  readonly id: string;
  readonly type: string;
  readonly data: string;
  readonly meta: string;
};

export type Storable = {
  readonly stream: string;
  readonly events: readonly StorableEvent[];
  /** UTF-8 bytes of all data and meta. */
  readonly bytes: number;
};

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const loneSurrogate = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;
// Few texts hold a surrogate at all, and looking for any is much cheaper than looking around each character.
const anySurrogate = /[\ud800-\udfff]/;
const maxNameLength = 250;
// Rule books write flat records. A bound turns a cyclic value into a refusal instead of a stack overflow.
const maxDepth = 64;

/**
 * Judges an append and writes it down as text.
 * Numbers are finite and, when whole, within 2^53 (write larger ones and money as strings); negative zero becomes 0.
 * @throws NotStorable, TooLarge
 */
export function storable(stream: string, events: readonly NewEvent[]): Storable {
  demandName('stream', stream);
  // EventStoreDB keeps `$…` for its own system streams, which no reader is shown.
  if (stream.startsWith('$')) throw new NotStorable(`stream ${stream}: names with $ belong to the store itself`);
  if (events.length === 0) throw new NotStorable(`stream ${stream}: an append needs at least one event`);
  const ids = new Set(events.map((event) => event.id));
  if (ids.size !== events.length) throw new NotStorable(`stream ${stream}: one id stands twice in the same append`);
  const written = events.map(storableEvent);
  const bytes = written.reduce((sum, event) => sum + Buffer.byteLength(event.data) + Buffer.byteLength(event.meta), 0);
  if (bytes > maxAppendBytes) throw new TooLarge(bytes);
  return { stream, events: written, bytes };
}

function storableEvent(event: NewEvent): StorableEvent {
  if (!uuid.test(event.id)) throw new NotStorable(`event id ${event.id} is not a UUID in lower case`);
  demandName('event type', event.type);
  demandRecord('data', event.data);
  demandRecord('meta', event.meta);
  return { id: event.id, type: event.type, data: canonicalize(event.data), meta: canonicalize(event.meta) };
}

function demandName(what: string, name: string): void {
  if (typeof name !== 'string' || name.length === 0 || name.length > maxNameLength) {
    throw new NotStorable(`${what} needs 1 to ${maxNameLength} characters`);
  }
  demandText(what, name);
}

function demandRecord(path: string, value: unknown): void {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new NotStorable(`${path} must be an object`);
  }
  demandJson(path, value, 0);
}

function demandJson(path: string, value: unknown, depth: number): void {
  if (depth > maxDepth) throw new NotStorable(`${path} is nested deeper than ${maxDepth} levels, or in a circle`);
  switch (typeof value) {
    case 'string':
      return demandText(path, value);
    case 'boolean':
      return;
    case 'number':
      return demandNumber(path, value);
    case 'object':
      if (value === null) return;
      if (Array.isArray(value)) return demandItems(path, value, depth);
      return demandMembers(path, value, depth);
    default:
      throw new NotStorable(`${path} is ${typeof value}, which has no JSON form; write large integers as strings`);
  }
}

function demandItems(path: string, items: readonly unknown[], depth: number): void {
  // By index: an array's holes are undefined, and forEach would pass over them.
  for (let index = 0; index < items.length; index++) demandJson(`${path}[${index}]`, items[index], depth + 1);
}

function demandMembers(path: string, value: object, depth: number): void {
  // A plain object's prototype is the end of the chain, whichever realm (test sandbox, worker) it was made in.
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== null && Object.getPrototypeOf(prototype) !== null) {
    throw new NotStorable(`${path} is an instance of a class and would come back as something else`);
  }
  for (const [key, member] of Object.entries(value)) {
    demandText(`key ${key} of ${path}`, key);
    demandJson(`${path}.${key}`, member, depth + 1);
  }
}

function demandNumber(path: string, value: number): void {
  if (!Number.isFinite(value)) throw new NotStorable(`${path} is ${value}, which is not a JSON number`);
  if (Number.isInteger(value) && !Number.isSafeInteger(value)) {
    throw new NotStorable(`${path} is beyond 2^53 and not exact any more; write it as a string`);
  }
}

function demandText(path: string, text: string): void {
  if (text.includes('\0')) throw new NotStorable(`${path} holds a NUL character`);
  if (anySurrogate.test(text) && loneSurrogate.test(text)) throw new NotStorable(`${path} holds half a surrogate pair`);
}
