// The time line 时间轴 of an issue: one row an event, in plain words, whichever agency's log it comes from.
import type { Agency, Published } from '#kernel/envelope';
import type { View } from '#kernel/view';
import type { PublishedType } from '#contracts/events';
import { publishedEvents } from '#contracts/events';
import type { Role } from '#contracts/roles';
import { roles } from '#contracts/roles';
import type { Shown } from '../shown';
import { shown } from '../shown';
import { labelOf, wordsOf } from './event-words';

export type TimelineRow = {
  /** Id of the event: its address in a log is looked up by it when the page is read. */
  readonly id: string;
  readonly issueId: string;
  readonly at: string;
  /** Orders events of one recorded time, such as a last signature and the request that it completes. */
  readonly turn: number;
  readonly agency: Agency;
  readonly type: string;
  readonly label: string;
  readonly who: string;
  readonly words: string;
};

const turns: Readonly<Record<string, number>> = Object.fromEntries(
  Object.keys(publishedEvents).map((type, turn) => [type, turn]),
);

/** What closes an issue in the ledger. */
export const closing = 'inspection.issue-closed-out.v1' satisfies PublishedType;

export const timeline: View<TimelineRow> = {
  name: 'timeline',
  version: 3,
  columns: {
    id: 'text',
    issueId: 'text',
    at: 'text',
    turn: 'integer',
    agency: 'text',
    type: 'text',
    label: 'text',
    who: 'text',
    words: 'text',
  },
  // The second one finds the closings that are not final yet without reading all that ever happened.
  indexes: ['(issue_id, at, turn, id)', `(id) where type = '${closing}'`],
  once: true,
  keys(event) {
    const known = shown(event);
    return known && 'issueId' in known.data ? [event.id] : [];
  },
  evolve(row, published: Published, id) {
    const event = shown(published);
    if (!event || !('issueId' in event.data)) return row;
    const { at, agency, type } = event;
    const { issueId } = event.data;
    const turn = turns[type] ?? 0;
    return { id, issueId, at, turn, agency, type, label: labelOf(event), who: whoOf(event), words: wordsOf(event) };
  },
};

/** What the service recorded on its own account shows the person whose decision it followed. */
function whoOf(event: Shown): string {
  if (event.type === 'inspection.issue-closed-out.v1') return named(event.data.verifiedBy);
  return event.actor.role === 'system' ? '系统' : named(event.actor);
}

function named({ role, name }: { readonly role: string; readonly name: string }): string {
  return `${role in roles ? roles[role as Role].label : role} ${name}`;
}
