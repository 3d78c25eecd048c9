// What of an issue is known here before it is published: a claim that the secretary has not signed yet, and a close-out
// statement on its way through the signatures. The signers must see what they sign.
import type { IssuePage } from '#contracts/answers';
import type { Issue } from './record';

export function unpublishedOf({ claim, statement, attempt, status }: Issue): Pick<IssuePage, 'claim' | 'closeOut'> {
  const { leadLeader = '', department = '', person = '' } = claim ?? {};
  const inSigning = statement && status !== 'closeOutRequested' && status !== 'closedOut';
  return {
    ...(claim && !claim.signedBy && { claim: { leadLeader, department, person, signed: false } }),
    ...(inSigning && { closeOut: { attempt: attempt + 1, ...statement } }),
  };
}
