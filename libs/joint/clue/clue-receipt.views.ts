// What a receipt for clues is fed with, and the one thing that it says to the office that handed them over.
import type { Published } from '#kernel/envelope';
import type { Publishing, Reactor } from '#kernel/reactor';
import type { HandOverKind, Receiver } from '#contracts/clues';
import type { PublishedData } from '#contracts/events';
import { shown } from '../shown';
import { clueReceipt } from './clue-receipt';

type HandedOver = Published<string, PublishedData<'inspection.clue-handed-over.v1'>>;

const takeIn = (kind: HandOverKind) => (event: HandedOver) => {
  if (!shown(event as Published)) return [];
  const { handOverId, roundId, count, clues, handedOverBy } = event.data;
  const command = { type: 'TakeInClues', kind, roundId, count, found: clues.length, handedOverBy };
  return [{ decider: clueReceipt, id: handOverId, command }];
};

export const clueReceiptReactor: Reactor = {
  name: 'clueReceipt',
  on: {
    'inspection.clue-handed-over.v1': takeIn('single'),
    'inspection.clue-dual-handed-over.v1': takeIn('dual'),
  },
};

export function clueReceiptPublishing(authority: Receiver): Publishing {
  return {
    decider: clueReceipt.name,
    map: {
      CluesReceived: ({ subject, data }) => ({
        type: `${authority}.clue-received.v1`,
        data: { handOverId: subject, ...data },
      }),
    },
  };
}
