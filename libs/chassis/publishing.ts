// From an agency's stored events to what it shows: the one mapping that relay, views and reactors all use, so that the
// agency's own screens and the other agencies' screens are fed by the same published events.
import { hash } from 'node:crypto';
import { canonicalize } from '#kernel/canonical-json';
import type { JsonObject } from '#kernel/canonical-json';
import { neutral } from '#kernel/envelope';
import type { Agency, Entry, Published, StoredSeal } from '#kernel/envelope';
import type { Publishing, Within } from '#kernel/reactor';
import { sm3Of } from '#tlog/sm3';
import { addresseesOf, isPublishedType, publishedEvents } from '#contracts/events';
import type { RecordedEvent } from '#store/event-store';
import { journalPublishing } from './journal/anchoring';
import { keysPublishing } from './keys-publishing';
import type { Slice } from './slice';
import { commitOf } from './sealing/body';
import type { Body } from './sealing/body';

export type Shown = { readonly type: string; readonly data: JsonObject };
export type Publisher = (event: RecordedEvent) => Shown | undefined;

/** @throws Error when two slices publish the same decider, or a mapping yields what its contract does not allow. */
export function publisherOf(rules: readonly Publishing[]): Publisher {
  const byDecider = new Map<string, Publishing['map']>();
  for (const rule of rules) {
    if (byDecider.has(rule.decider)) throw new Error(`two slices publish the decider ${rule.decider}; keep one`);
    byDecider.set(rule.decider, rule.map);
  }
  const publish: Publisher = (event) => {
    const within = withinOf(event);
    const shown = byDecider.get(categoryOf(event.stream))?.[event.type]?.(within);
    if (!shown) return undefined;
    if (!isPublishedType(shown.type)) throw new Error(`${shown.type} is not in libs/contracts/events.ts; add it there`);
    return { type: shown.type, data: publishedEvents[shown.type].parse(shown.data) as JsonObject };
  };
  // The tail of the store hands the same event to relay, views and reactors: mapped and checked once, not three times.
  const known = new WeakMap<RecordedEvent, ReturnType<Publisher>>();
  return (event) => {
    if (!known.has(event)) known.set(event, publish(event));
    return known.get(event);
  };
}

/** All that an agency publishes: its slices, its keys, and the anchors of its journal. @throws Error as above */
export function publisherOfSlices(slices: readonly Slice[]): Publisher {
  return publisherOf([journalPublishing, keysPublishing, ...slices.flatMap((slice) => slice.publishing ?? [])]);
}

export function withinOf(event: RecordedEvent): Within {
  const subject = event.stream.slice(categoryOf(event.stream).length + 1);
  return { id: event.id, subject, type: event.type, at: event.at, actor: event.meta.actor, data: event.data };
}

/** Category of a stream: what stands before the first hyphen. */
export function categoryOf(stream: string): string {
  return stream.slice(0, Math.max(stream.indexOf('-'), 0));
}

/** The agency's own event as its views and reactors see it, before it has an address in the log. */
export function ownPublished(
  agency: Agency,
  origin: string,
  event: RecordedEvent,
  publish: Publisher,
): Published | undefined {
  const shown = publish(event);
  if (!shown) return undefined;
  const { actor, cause } = event.meta;
  const { id, stream, at } = event;
  const { type, data } = shown;
  const sealed = addresseesOf(type) && { sealed: true as const };
  return { agency, origin, id, type, stream, at, actor, ...(cause && { cause }), data, ...sealed };
}

/** The entry that stands for an event in the log (architecture.md section 4); undefined when it stays inside. */
export function entryOf(event: RecordedEvent, publish: Publisher): Entry | undefined {
  const shown = publish(event);
  if (!shown) return undefined;
  const entry = addresseesOf(shown.type) ? sealedEntryOf(event, shown) : plainEntryOf(event, shown);
  return event.meta.digest === 'sm3' ? { ...entry, sm3: sm3Of(entry) } : entry;
}

function plainEntryOf(event: RecordedEvent, shown: Shown): Entry {
  const { actor, cause, seen } = event.meta;
  // In the order of canonical JSON here and below, so that writing it need not sort.
  return {
    actor,
    at: event.at,
    ...(cause && { cause }),
    commit: commitmentOf(event),
    data: shown.data,
    id: event.id,
    revision: Number(event.revision),
    seen,
    stream: event.stream,
    type: shown.type,
    v: 1,
  };
}

const unsealed: Partial<StoredSeal> = {};

/**
 * The body was sealed when the event was appended and lies beside it, so that the same bytes come again without a key.
 * Its commitment is reckoned from the event: where that was changed since, or stored unsealed, it does not fit. Of an
 * event with veiled words it is stored, and a change of either is shown by the commitment to all that is stored.
 */
function sealedEntryOf(event: RecordedEvent, shown: Shown): Entry {
  const { id } = event;
  const { commit: kept, salt = '', ct = '', suite = '', to = {} } = event.meta.sealed ?? unsealed;
  const { actor, stream, type } = neutral(event.meta.actor.agency, id);
  const commit = kept ?? commitOf(bodyOf(event, shown, salt));
  return {
    ...{ actor, at: event.at, commit: commitmentOf(event), id, revision: 0, sealed: { commit, ct, suite, to } },
    ...{ seen: event.meta.seen, stream, type, v: 1 },
  };
}

/** What of an event goes into its sealed body: all that the entry around it keeps to itself. */
export function bodyOf(event: Pick<RecordedEvent, 'meta' | 'stream'>, { type, data }: Shown, salt: string): Body {
  const { actor, cause } = event.meta;
  return { actor, ...(cause && { cause }), data, salt, stream: event.stream, type };
}

/** SHA-256 (hex) over salt and everything stored of the event: shows a later change of the agency's own copy. */
export function commitmentOf(event: RecordedEvent): string {
  const { at, data, id, revision, stream, type } = event;
  const { salt, ...meta } = event.meta;
  const stored = { at, data, id, meta, revision: Number(revision), stream, type };
  return hash('sha256', `${salt}\n${canonicalize(stored)}`);
}
