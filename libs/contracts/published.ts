// An entry of an agency's log as its readers use it. What this version of the code cannot read is named, so that the
// reader sets it aside and says so: the services park its stream, an auditor calls his result partial.
import type { JsonObject } from '#kernel/canonical-json';
import { neutral } from '#kernel/envelope';
import type { Actor, Agency, Basis, Entry, Published } from '#kernel/envelope';
import { addresseesOf, isPublishedType, publishedEvents } from './events';

/** `unknown`: no such type here; `form`: not what the contract says; `foreign`: another agency's type. */
export type EntryFlaw = { readonly flaw: 'unknown' | 'form' | 'foreign'; readonly fault: string };

/** What an addressee finds in a sealed body: what the entry itself keeps to itself. */
export type Opened = {
  readonly actor: Actor;
  readonly cause?: Basis;
  readonly data: JsonObject;
  readonly stream: string;
  readonly type: string;
};

/**
 * A sealed entry gives its neutral type without data: that it exists is all there is to see.
 * @param agency whose log it is; @param address of the entry in that log
 */
export function publishedOf(agency: Agency, address: Basis, entry: Entry): Published | EntryFlaw {
  const { id, type, stream, at, actor, cause, data } = entry;
  const { origin } = address;
  if (data === undefined) {
    if (type !== neutral(agency, id).type) return foreign(agency, type);
    return { agency, origin, id, type, stream, at, actor, data: {}, address, sealed: true };
  }
  const flaw = flawOf(agency, type, data);
  if (flaw) return flaw;
  if (addresseesOf(type)) return { flaw: 'form', fault: `not as promised: ${type} must be sealed` };
  return { agency, origin, id, type, stream, at, actor, ...(cause && { cause }), data, address };
}

/** As `publishedOf`, of a sealed entry and what the reader found in its body. */
export function openedOf(agency: Agency, address: Basis, entry: Entry, opened: Opened): Published | EntryFlaw {
  const { type, stream, actor, cause, data } = opened;
  const flaw = flawOf(agency, type, data);
  if (flaw) return flaw;
  const promised = addresseesOf(type) ?? [];
  // Who is left out, or let in, is not for the sender to choose.
  if (Object.keys(entry.sealed?.to ?? {}).join() !== promised.join()) {
    return { flaw: 'form', fault: `not as promised: ${type} is not for those to whom it was sealed` };
  }
  if (actor.agency !== agency) return { flaw: 'foreign', fault: `${agency} may not speak for ${actor.agency}` };
  const { id, at } = entry;
  const { origin } = address;
  return { agency, origin, id, type, stream, at, actor, ...(cause && { cause }), data, address, sealed: true };
}

function flawOf(agency: Agency, type: string, data: JsonObject): EntryFlaw | undefined {
  if (!isPublishedType(type)) return { flaw: 'unknown', fault: 'type unknown to this version' };
  const read = publishedEvents[type].safeParse(data);
  if (!read.success) return { flaw: 'form', fault: `not as promised: ${read.error.issues[0]?.message}` };
  return type.startsWith(`${agency}.`) ? undefined : foreign(agency, type);
}

function foreign(agency: Agency, type: string): EntryFlaw {
  return { flaw: 'foreign', fault: `${agency} may not publish ${type}` };
}
