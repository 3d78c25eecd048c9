// Hand-over of clues 线索移交: a list goes to the commission (单移交), or to the Organization Department as well (双移交),
// and each receiver signs for it once (contexts.md F5).
import type { Decider } from '#kernel/decider';
import { demand } from '#kernel/decider';
import type { Basis } from '#kernel/envelope';
import type { Clue } from '#contracts/clues';
import { receiversOf } from '#contracts/clues';
import type { HandOverKind, Receiver } from '#contracts/clues';

export type Signer = { readonly id: string; readonly name: string; readonly role: string };
type HandedOver = {
  readonly roundId: string;
  readonly count: number;
  readonly clues: readonly Clue[];
  readonly handedOverBy: Signer;
};
type Receipt = { receiver: Receiver; count: number; receivedBy: Signer; basis: Basis };

// Two events, because who can read a published type is fixed by the type.
export type ClueHandOverEvent =
  | { type: 'CluesHandedOver'; data: HandedOver }
  | { type: 'CluesDualHandedOver'; data: HandedOver }
  | { type: 'ReceiptRecorded'; data: Receipt };

export type ClueHandOverCommand =
  | { type: 'HandOverClues'; kind: HandOverKind; roundId: string; clues: readonly Clue[] }
  | ({ type: 'RecordReceipt' } & Receipt);

export type ClueHandOverState = {
  readonly kind?: HandOverKind;
  readonly count: number;
  readonly handedOverBy?: Signer;
  readonly receipts: readonly Receiver[];
};

export const clueHandOver: Decider<ClueHandOverState, ClueHandOverCommand, ClueHandOverEvent> = {
  name: 'clueHandOver',
  initial: { count: 0, receipts: [] },
  decide(command, state, { by }) {
    if (command.type === 'HandOverClues') {
      demand(state.kind === undefined, 'clueHandOver.exists');
      const { kind, roundId, clues } = command;
      demand(clues.length > 0, 'clueHandOver.empty');
      const { id, name, role } = by;
      const data = { roundId, count: clues.length, clues, handedOverBy: { id, name, role } };
      return [kind === 'dual' ? { type: 'CluesDualHandedOver', data } : { type: 'CluesHandedOver', data }];
    }
    const { receiver, count, receivedBy, basis } = command;
    const { kind, handedOverBy } = state;
    demand(kind && receiversOf[kind].includes(receiver), 'clueHandOver.none');
    if (state.receipts.includes(receiver)) return [];
    demand(count === state.count, 'clueHandOver.countDiffers', { sent: state.count, count });
    demand(receivedBy.id !== handedOverBy?.id, 'clueReceipt.ownHandOver', { name: receivedBy.name });
    return [{ type: 'ReceiptRecorded', data: { receiver, count, receivedBy, basis } }];
  },
  evolve(state, event) {
    switch (event.type) {
      case 'CluesHandedOver':
      case 'CluesDualHandedOver': {
        const { count, handedOverBy } = event.data;
        return { ...state, kind: event.type === 'CluesHandedOver' ? 'single' : 'dual', count, handedOverBy };
      }
      case 'ReceiptRecorded':
        return { ...state, receipts: [...state.receipts, event.data.receiver] };
    }
  },
};
