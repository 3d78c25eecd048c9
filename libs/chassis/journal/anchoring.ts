// The agency's own act of anchoring its journal: an event like any other, decided, stored, and published as a commitment
// alone. Salt and checkpoint stay inside until somebody is shown them.
import type { Decider } from '#kernel/decider';
import { demand } from '#kernel/decider';
import type { Agency } from '#kernel/envelope';
import type { Publishing } from '#kernel/reactor';
import type { EventStore } from '#store/event-store';
import { StreamNotFound } from '#store/event-store';
import { anchorCommit, journalCheckpoint } from '#tlog/anchor';
import { fromBase64Url } from '#tlog/base64-url';
import { parseCheckpoint } from '#tlog/checkpoint';
import { streamOf } from '../asking';

export type AnchorCommand = {
  readonly type: 'Anchor';
  /** base64url of 32 random bytes. */
  readonly salt: string;
  /** Text of the journal's newest signed checkpoint. */
  readonly checkpoint: string;
  /** Within so many seconds the next one follows. */
  readonly everySeconds: number;
};

export type AnchoredData = {
  /** Counted from 0. */
  readonly nth: number;
  readonly salt: string;
  readonly checkpoint: string;
  readonly everySeconds: number;
  /** Time of decision, RFC 3339 UTC. */
  readonly at: string;
};

export type JournalEvents = { readonly type: 'JournalAnchored'; readonly data: AnchoredData };
type Anchored = { readonly count: number; readonly origin: string; readonly size: string };

export const anchoring: Decider<Anchored, AnchorCommand, JournalEvents> = {
  name: 'journal',
  initial: { count: 0, origin: '', size: '0' },
  decide({ salt, checkpoint, everySeconds }, { count, origin, size }, { at }) {
    const next = parseCheckpoint(checkpoint);
    // Whoever holds the earlier anchor could never be shown that this one goes on from it.
    demand(next.origin !== origin || next.size >= BigInt(size), 'journal.shrank');
    return [{ type: 'JournalAnchored', data: { nth: count, salt, checkpoint, everySeconds, at } }];
  },
  evolve({ count }, event) {
    switch (event.type) {
      case 'JournalAnchored': {
        const [origin = '', size = ''] = event.data.checkpoint.split('\n');
        return { count: count + 1, origin, size };
      }
    }
  },
};

/** What the others see of it. */
export const journalPublishing: Publishing = {
  decider: anchoring.name,
  map: {
    JournalAnchored: ({ actor, data: { nth, salt, checkpoint, everySeconds } }: JournalWithin) => ({
      type: `${actor.agency}.journal-anchored.v1`,
      data: { nth, commit: anchorCommit(fromBase64Url(salt), checkpoint), everySeconds },
    }),
  },
};

type JournalWithin = { readonly actor: { readonly agency: Agency }; readonly data: AnchoredData };

/** The agency's anchors in the order in which they were made, or the last alone. */
export async function* anchorsOf(
  store: Pick<EventStore, 'readStream'>,
  agency: Agency,
  options: { readonly backwards?: boolean; readonly limit?: number } = {},
): AsyncGenerator<AnchoredData & { readonly id: string }, void> {
  try {
    for await (const { id, data } of store.readStream(streamOf(anchoring, agency), options)) {
      yield { ...(data as AnchoredData), id };
    }
  } catch (error) {
    if (!(error instanceof StreamNotFound)) throw error;
  }
}

export async function lastAnchor(store: Pick<EventStore, 'readStream'>, agency: Agency) {
  for await (const anchor of anchorsOf(store, agency, { backwards: true, limit: 1 })) return anchor;
  return undefined;
}

/** Which of the agency's journals a checkpoint is of: 1, or more when one was lost. @param origin of the shared log */
export function turnOf(checkpoint: string, origin: string): number {
  return journalCheckpoint(checkpoint, origin).turn;
}
