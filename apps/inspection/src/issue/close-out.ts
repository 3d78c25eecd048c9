// Rules of close-out 销号: signatures in order, each by another person, then the competent agency's verdict. The unit
// signs, an agency verifies, and nobody verifies what he signed (contexts.md F3, I3; domain.md 4.1, 9 rule 6).
import type { Given } from '#kernel/decider';
import { demand } from '#kernel/decider';
import { roles } from '#contracts/roles';
import { signingRoles, verifierOf } from '#joint/close-out';
import type { Asked, Issue, IssueEvent, Signer, Statement } from './record';
import { demandOpen, signerOf } from './record';

export function prepareCloseOut(command: Asked<'PrepareCloseOut'>, issue: Issue, { by }: Given): IssueEvent[] {
  demandOpen(issue);
  demand(issue.claim?.signedBy, 'issue.notClaimed');
  demand(issue.measureDues.length > 0, 'closeOut.noMeasure');
  demand(issue.evidence.length > 0, 'closeOut.noEvidence');
  const { result, causeRemoved, generalisation } = command;
  const complete = [result, causeRemoved, generalisation].every((words) => words.trim() !== '');
  demand(complete, 'closeOut.noResult');
  const statement = { result, causeRemoved, generalisation };
  return [{ type: 'CloseOutPrepared', data: { attempt: issue.attempt + 1, ...statement, signedBy: signerOf(by) } }];
}

export function signCloseOut(issue: Issue, { by }: Given): IssueEvent[] {
  demandOpen(issue);
  const { statement, signatures, registered } = issue;
  demand(statement, 'closeOut.notPrepared');
  const steps = signingRoles(registered.kind);
  const next = steps[signatures.length] ?? [];
  const label = next.map((role) => roles[role].label).join('、');
  demand(
    next.some((role) => role === by.role),
    'closeOut.turn',
    { role: label },
  );
  const other = signatures.every(({ id }) => id !== by.id);
  demand(other, 'closeOut.sameSigner');
  const attempt = issue.attempt + 1;
  const signedBy = signerOf(by);
  const signed: IssueEvent = { type: 'CloseOutSigned', data: { attempt, step: signatures.length + 1, signedBy } };
  const all = [...signatures, signedBy];
  if (all.length < steps.length) return [signed];
  return [signed, request(issue, statement, all)];
}

function request(issue: Issue, statement: Statement, signatures: readonly Signer[]): IssueEvent {
  const { unitId = '', special = 'none' } = issue.registered ?? {};
  const { attempt, evidence } = issue;
  const verifier = verifierOf(special);
  const data = { ...statement, attempt: attempt + 1, unitId, special, verifier, evidence, signatures };
  return { type: 'CloseOutRequested', data };
}

export function recordVerdict(command: Asked<'RecordVerdict'>, issue: Issue): IssueEvent[] {
  const { attempt, verifier, verifiedBy, basis, verdict } = command;
  demand(issue.registered, 'issue.none');
  // Verdicts arrive at least once: what was decided stays decided.
  if (attempt <= issue.decided) return [];
  demand(issue.status === 'closeOutRequested' && attempt === issue.attempt, 'closeOut.notRequested', { attempt });
  const competent = verifierOf(issue.registered.special);
  demand(verifier === competent, 'verification.notCompetent');
  const signed = [...issue.signatures, ...(issue.claim?.signedBy ? [issue.claim.signedBy] : [])];
  const own = signed.some(({ id, name }) => id === verifiedBy.id || name === verifiedBy.name);
  demand(!own, 'verification.ownSignature', { name: verifiedBy.name });
  switch (verdict.kind) {
    case 'accepted':
      return [{ type: 'IssueClosedOut', data: { attempt, verifier: competent, verifiedBy, basis } }];
    case 'substantiallyDone': {
      const { remaining, newDate } = verdict;
      return [{ type: 'IssueSubstantiallyDone', data: { attempt, remaining, newDate, basis } }];
    }
    case 'returned': {
      const { reasonCode, reason } = verdict;
      return [{ type: 'CloseOutReturned', data: { attempt, returns: issue.returns + 1, reasonCode, reason, basis } }];
    }
  }
}
