// What a person does with the words of a clue list in his own agency: he opens them for a reason that stays on record, and
// two persons together destroy them 销毁.
import type { Decider } from '#kernel/decider';
import { demand } from '#kernel/decider';
import type { Actor } from '#kernel/envelope';

type Signer = Pick<Actor, 'id' | 'name' | 'role'>;
type Request = { readonly reason: string; readonly requestedBy: Signer };

export type ClueFileEvent =
  | { type: 'BodyOpened'; data: { reason: string } }
  | { type: 'DestructionRequested'; data: Request }
  | { type: 'DestructionDropped'; data: { reason: string } }
  | { type: 'BodyDestroyed'; data: Request & { readonly confirmedBy: Signer } };

export type ClueFileCommand =
  | { type: 'OpenBody'; reason: string }
  | { type: 'RequestDestruction'; reason: string; signed: boolean }
  | { type: 'DropDestruction'; reason: string }
  | { type: 'ConfirmDestruction' };

export type ClueFileState = { readonly status: 'kept' | 'requested' | 'destroyed'; readonly request?: Request };

/** Aggregate id = the hand-over's id, which is also the subject whose data key is destroyed. */
export const clueFile: Decider<ClueFileState, ClueFileCommand, ClueFileEvent> = {
  name: 'clueFile',
  initial: { status: 'kept' },
  decide(command, { status, request }, { by }) {
    demand(status !== 'destroyed', 'body.destroyed');
    const signer = { id: by.id, name: by.name, role: by.role };
    switch (command.type) {
      case 'OpenBody':
        return [{ type: 'BodyOpened', data: { reason: command.reason } }];
      case 'RequestDestruction':
        // While nobody has counted it, the list is still under way.
        demand(command.signed, 'clueFile.notSigned');
        demand(status === 'kept', 'clueFile.requested');
        return [{ type: 'DestructionRequested', data: { reason: command.reason, requestedBy: signer } }];
      case 'DropDestruction':
        demand(status === 'requested', 'clueFile.notRequested');
        return [{ type: 'DestructionDropped', data: { reason: command.reason } }];
      case 'ConfirmDestruction':
        demand(request, 'clueFile.notRequested');
        demand(by.id !== request.requestedBy.id, 'clueFile.ownRequest', { name: by.name });
        return [{ type: 'BodyDestroyed', data: { ...request, confirmedBy: signer } }];
    }
  },
  evolve(file, event) {
    switch (event.type) {
      case 'BodyOpened':
        return file;
      case 'DestructionRequested':
        return { status: 'requested', request: event.data };
      case 'DestructionDropped':
        return { status: 'kept' };
      case 'BodyDestroyed':
        return { status: 'destroyed' };
    }
  },
};
