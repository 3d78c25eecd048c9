// An entry of an agency's log as its readers use it. What this version of the code cannot read is named, so that the
// reader sets it aside and says so: the services park its stream, an auditor calls his result partial.
import type { Agency, Basis, Entry, Published } from '#kernel/envelope';
import { isPublishedType, publishedEvents } from './events';

/** `unknown`: no such type here; `form`: not what the contract says; `foreign`: another agency's type. */
export type EntryFlaw = { readonly flaw: 'unknown' | 'form' | 'foreign'; readonly fault: string };

/** @param agency whose log it is; @param address of the entry in that log */
export function publishedOf(agency: Agency, address: Basis, entry: Entry): Published | EntryFlaw {
  const { id, type, stream, at, actor, cause, data } = entry;
  if (!isPublishedType(type)) return { flaw: 'unknown', fault: 'type unknown to this version' };
  const read = publishedEvents[type].safeParse(data);
  if (!read.success) return { flaw: 'form', fault: `not as promised: ${read.error.issues[0]?.message}` };
  if (!type.startsWith(`${agency}.`)) return { flaw: 'foreign', fault: `${agency} may not publish ${type}` };
  const { origin } = address;
  return { agency, origin, id, type, stream, at, actor, ...(cause && { cause }), data, address };
}
