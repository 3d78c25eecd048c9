// What all three agencies agree on about close-out 销号: who signs in which order, and which agency alone may verify.
import type { IssueKind, IssueSpecial } from '#contracts/events';
import type { Role } from '#contracts/roles';

/** An agency that verifies close-outs. */
export type Authority = 'commission' | 'organization';

const preparers: readonly Role[] = ['taskOwner', 'orgLiaison'];

/** Who signs at which step, in order; the first signature is the preparation itself (domain.md 4.1). */
export function signingRoles(kind: IssueKind): readonly (readonly Role[])[] {
  const steps: readonly (readonly Role[])[] = [preparers, ['orgLeader'], ['orgSecretary']];
  // Sectoral 行业性 issues: the competent department countersigns.
  return kind === 'sectoral' ? [...steps, ['competentDepartment']] : steps;
}

/** Selection-and-appointment 选人用人 issues are the organization department's alone (contexts.md section 2). */
export function verifierOf(special: IssueSpecial): Authority {
  return special === 'selection' ? 'organization' : 'commission';
}
