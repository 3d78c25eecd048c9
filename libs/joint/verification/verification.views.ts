// How a verification starts (a request arrives at the competent agency) and what of it the others learn.
import type { Published } from '#kernel/envelope';
import type { Asked, Publishing, Reactor } from '#kernel/reactor';
import type { PublishedData } from '#contracts/events';
import type { Authority } from '../close-out';
import { shown } from '../shown';
import type { Verification, VerificationCommand } from './verification';

type Requested = Published<string, PublishedData<'inspection.close-out-requested.v1'>>;

/** The competent agency alone takes a request in; to the other one it is only a line of the ledger. */
export function verificationReactor(authority: Authority, verification: Verification): Reactor {
  return {
    name: 'verification',
    on: {
      'inspection.close-out-requested.v1': (event: Requested): readonly Asked[] => {
        if (!shown(event as Published) || event.data.verifier !== authority) return [];
        const { issueId, attempt, unitId, special, verifier, signatures } = event.data;
        const command: VerificationCommand = {
          type: 'ReceiveCloseOut',
          attempt,
          unitId,
          special,
          verifier,
          signatures,
        };
        return [{ decider: verification, id: issueId, command }];
      },
    },
  };
}

export function verificationPublishing(authority: Authority, verification: Verification): Publishing {
  const as = (name: string) => (event: { subject: string; data: object }) => ({
    type: `${authority}.${name}.v1`,
    data: { issueId: event.subject, ...event.data },
  });
  return {
    decider: verification.name,
    map: {
      CloseOutReceived: as('close-out-received'),
      CloseOutAccepted: as('close-out-accepted'),
      CloseOutAcceptedAsSubstantiallyDone: as('close-out-accepted-as-substantially-done'),
      CloseOutReturned: as('close-out-returned'),
    },
  };
}
