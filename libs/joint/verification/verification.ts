// Verification 核查 of a close-out request: one procedure, played by each verifying agency on its own authority. It
// waits, is decided once, and nobody decides about what he signed himself (contexts.md F3, I3).
import type { Decider } from '#kernel/decider';
import { demand } from '#kernel/decider';
import type { CivilDate } from '#kernel/working-days';
import { isCivilDate } from '#kernel/working-days';
import type { IssueSpecial, PublishedData } from '#contracts/events';
import type { Authority } from '../close-out';
import { verifierOf } from '../close-out';

type Signer = PublishedData<'inspection.close-out-requested.v1'>['signatures'][number];
export type Check = { readonly attempt: number; readonly method: 'document' | 'onSite'; readonly note: string };

type Received = {
  readonly attempt: number;
  readonly unitId: string;
  readonly special: IssueSpecial;
  readonly signatures: readonly Signer[];
};

export type VerificationEvent =
  | { type: 'CloseOutReceived'; data: Received }
  | { type: 'CloseOutAccepted'; data: Check }
  | { type: 'CloseOutAcceptedAsSubstantiallyDone'; data: Check & { remaining: string; newDate: CivilDate } }
  | { type: 'CloseOutReturned'; data: Check & { reasonCode: string; reason: string } };

type Checking = Omit<Check, 'attempt'>;
export type VerificationCommand =
  | ({ type: 'ReceiveCloseOut'; verifier: Authority } & Received)
  | ({ type: 'AcceptCloseOut' } & Checking)
  | ({ type: 'AcceptAsSubstantiallyDone'; remaining: string; newDate: CivilDate } & Checking)
  | ({ type: 'ReturnCloseOut'; reasonCode: string; reason: string } & Checking);

export type VerificationState = {
  readonly status: 'unknown' | 'waiting' | 'decided';
  readonly attempt: number;
  readonly unitId?: string;
  readonly signatures: readonly Signer[];
};

export type Verification = Decider<VerificationState, VerificationCommand, VerificationEvent>;

/** The rule book with the powers of one agency. */
export function verificationOf(authority: Authority): Verification {
  return {
    name: 'verification',
    initial: { status: 'unknown', attempt: 0, signatures: [] },
    unit: (verification) => verification.unitId,
    decide(command, verification, { by, today }) {
      if (command.type === 'ReceiveCloseOut') {
        const { type: _, verifier, ...data } = command;
        demand(verifier === authority && verifierOf(data.special) === authority, 'verification.notCompetent');
        // Requests arrive at least once, in the order of the log.
        return data.attempt <= verification.attempt ? [] : [{ type: 'CloseOutReceived', data }];
      }
      demand(by.agency === authority, 'verification.notCompetent');
      demand(verification.status === 'waiting', 'verification.notWaiting');
      const own = verification.signatures.some(({ id, name }) => id === by.id || name === by.name);
      demand(!own, 'verification.ownSignature', { name: by.name });
      const { attempt } = verification;
      const { method, note } = command;
      switch (command.type) {
        case 'AcceptCloseOut':
          return [{ type: 'CloseOutAccepted', data: { attempt, method, note } }];
        case 'AcceptAsSubstantiallyDone': {
          const { remaining, newDate } = command;
          demand(remaining.trim() !== '', 'verification.noRemaining');
          demand(isCivilDate(newDate), 'date.none', { date: newDate });
          demand(newDate > today, 'verification.dateNotFuture', { date: newDate });
          const data = { attempt, method, note, remaining, newDate };
          return [{ type: 'CloseOutAcceptedAsSubstantiallyDone', data }];
        }
        case 'ReturnCloseOut': {
          const { reasonCode, reason } = command;
          demand(reasonCode !== '' && reason.trim() !== '', 'verification.noReason');
          return [{ type: 'CloseOutReturned', data: { attempt, method, note, reasonCode, reason } }];
        }
      }
    },
    evolve(verification, event) {
      switch (event.type) {
        case 'CloseOutReceived': {
          const { attempt, unitId, signatures } = event.data;
          return { status: 'waiting', attempt, unitId, signatures };
        }
        case 'CloseOutAccepted':
        case 'CloseOutAcceptedAsSubstantiallyDone':
        case 'CloseOutReturned':
          return { ...verification, status: 'decided' };
      }
    },
  };
}
