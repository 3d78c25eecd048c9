// Receipt 签收 for a list of clues: whoever receives it counts it and signs for it once (contexts.md F5). What is done with
// a clue afterwards is the receiver's own business.
import type { Decider } from '#kernel/decider';
import { demand } from '#kernel/decider';
import type { Actor } from '#kernel/envelope';
import type { HandOverKind } from '#contracts/clues';

type Signer = Pick<Actor, 'id' | 'name' | 'role'>;
type Arrived = {
  readonly kind: HandOverKind;
  readonly roundId: string;
  readonly count: number;
  readonly handedOverBy: Signer;
};

export type ClueReceiptEvent =
  { type: 'CluesArrived'; data: Arrived } | { type: 'CluesReceived'; data: { count: number; receivedBy: Signer } };

export type ClueReceiptCommand =
  ({ type: 'TakeInClues'; found: number } & Arrived) | { type: 'SignReceipt'; count: number };

export type ClueReceiptState = {
  readonly status: 'unknown' | 'arrived' | 'received';
  readonly count: number;
  readonly handedOverBy?: Signer;
};

export type ClueReceipt = Decider<ClueReceiptState, ClueReceiptCommand, ClueReceiptEvent>;

/** Aggregate id = the hand-over's id. */
export const clueReceipt: ClueReceipt = {
  name: 'clueReceipt',
  initial: { status: 'unknown', count: 0 },
  decide(command, receipt, { by }) {
    if (command.type === 'TakeInClues') {
      if (receipt.status !== 'unknown') return [];
      const { kind, roundId, count, found, handedOverBy } = command;
      // A list that says another number than it has is set aside with its stream, for people to look at.
      demand(count === found, 'clueReceipt.listDiffers', { count, found });
      return [{ type: 'CluesArrived', data: { kind, roundId, count, handedOverBy } }];
    }
    demand(receipt.status !== 'unknown', 'clueReceipt.none');
    demand(receipt.status === 'arrived', 'clueReceipt.signed');
    demand(command.count === receipt.count, 'clueReceipt.countDiffers', { count: command.count });
    demand(by.id !== receipt.handedOverBy?.id, 'clueReceipt.ownHandOver', { name: by.name });
    const { id, name, role } = by;
    return [{ type: 'CluesReceived', data: { count: command.count, receivedBy: { id, name, role } } }];
  },
  evolve(receipt, event) {
    switch (event.type) {
      case 'CluesArrived':
        return { status: 'arrived', count: event.data.count, handedOverBy: event.data.handedOverBy };
      case 'CluesReceived':
        return { ...receipt, status: 'received' };
    }
  },
};
