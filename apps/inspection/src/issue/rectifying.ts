// Rules of the work itself: claim, class, measures, evidence, extension. Nothing here may move while a close-out request
// is being verified, and nothing at all once the issue is closed out.
import type { Given } from '#kernel/decider';
import { demand } from '#kernel/decider';
import type { CivilDate } from '#kernel/working-days';
import { isCivilDate } from '#kernel/working-days';
import type { Asked, Issue, IssueEvent, Known } from './record';
import { demandOpen, signerOf } from './record';

/** So many files that a request, which names them all, still fits into one published entry of 65,535 bytes. */
export const maxEvidence = 200;

export function register(command: Asked<'RegisterIssue'>, issue: Issue): IssueEvent[] {
  // Asked by the service after freezing, at least once: the second time there is nothing left to do.
  if (issue.status !== 'unknown') return [];
  const { type: _, ...data } = command;
  return [{ type: 'IssueRegistered', data }];
}

function demandClaimed(issue: Issue): asserts issue is Known {
  demandOpen(issue);
  demand(issue.claim?.signedBy, 'issue.notClaimed');
}

export function proposeClaim(command: Asked<'ProposeClaim'>, issue: Issue): IssueEvent[] {
  demandOpen(issue);
  demand(!issue.claim?.signedBy, 'claim.signed');
  const { leadLeader, department, person } = command;
  demandOne(leadLeader, 'measure.oneLeader');
  return [{ type: 'ClaimProposed', data: { leadLeader, department, person } }];
}

export function signClaim(issue: Issue, { by }: Given): IssueEvent[] {
  demandOpen(issue);
  demand(issue.claim, 'claim.notProposed');
  demand(!issue.claim.signedBy, 'claim.signed');
  const { leadLeader, department, person } = issue.claim;
  return [{ type: 'IssueClaimed', data: { leadLeader, department, person, signedBy: signerOf(by) } }];
}

export function classify(command: Asked<'ClassifyIssue'>, issue: Issue): IssueEvent[] {
  demandOpen(issue);
  demand(command.class !== issue.class, 'issue.sameClass');
  const { immediate, rectify } = issue.registered.deadlines;
  const byClass = command.class === 'immediate' ? immediate : rectify;
  // An extension that was granted stays granted; only 立行立改 takes its own date.
  const due = command.class !== 'immediate' && issue.extendedTo > byClass ? issue.extendedTo : byClass;
  demand(
    issue.measureDues.every((each) => each <= due),
    'issue.measureLater',
    { due },
  );
  return [{ type: 'IssueClassified', data: { class: command.class, reason: command.reason, due } }];
}

// Domain rule 4 and 5: one lead leader, one department, one date, and that not after the issue's own.
export function addMeasure(command: Asked<'AddMeasure'>, issue: Issue): IssueEvent[] {
  demandClaimed(issue);
  const { type: _, ...data } = command;
  demandOne(data.leadLeader, 'measure.oneLeader');
  demandOne(data.department, 'measure.oneDepartment');
  demandDate(data.due);
  demand(data.due <= issue.due, 'measure.beyondDue', { due: issue.due });
  return [{ type: 'MeasureAdded', data }];
}

export function reportProgress(command: Asked<'ReportProgress'>, issue: Issue): IssueEvent[] {
  demandClaimed(issue);
  return [{ type: 'ProgressReported', data: { text: command.text } }];
}

// Domain rule 3: no evidence older than the feedback unless explained.
export function attachEvidence(command: Asked<'AttachEvidence'>, issue: Issue, { today }: Given): IssueEvent[] {
  demandClaimed(issue);
  const { type: _, ...data } = command;
  const { feedbackDate } = issue.registered;
  demandDate(data.dated);
  demand(data.dated <= today, 'evidence.future', { dated: data.dated });
  const explained = data.dated >= feedbackDate || data.explanation.trim() !== '';
  demand(explained, 'evidence.beforeFeedback', { dated: data.dated, feedbackDate });
  demand(!issue.evidence.includes(data.sha256), 'evidence.twice', { name: data.name });
  demand(issue.evidence.length < maxEvidence, 'evidence.tooMany', { limit: maxEvidence });
  return [{ type: 'EvidenceAttached', data }];
}

export function withdrawEvidence(command: Asked<'WithdrawEvidence'>, issue: Issue): IssueEvent[] {
  demandOpen(issue);
  const { sha256, reason } = command;
  demand(issue.evidence.includes(sha256), 'evidence.none');
  return [{ type: 'EvidenceWithdrawn', data: { sha256, reason } }];
}

export function requestExtension(command: Asked<'RequestExtension'>, issue: Issue, { today }: Given): IssueEvent[] {
  demandClaimed(issue);
  const { until, reason } = command;
  demand(!issue.extension, 'extension.pending');
  demandDate(until);
  demand(until > issue.due, 'extension.notLater', { due: issue.due });
  demand(today <= issue.due, 'extension.tooLate', { due: issue.due });
  return [{ type: 'ExtensionRequested', data: { until, reason } }];
}

export function decideExtension(command: Asked<'GrantExtension' | 'RefuseExtension'>, issue: Issue): IssueEvent[] {
  demandOpen(issue);
  demand(issue.extension, 'extension.none');
  if (command.type === 'RefuseExtension') return [{ type: 'ExtensionRefused', data: { reason: command.reason } }];
  return [{ type: 'ExtensionGranted', data: { until: issue.extension.until } }];
}

function demandOne(names: string, code: string): void {
  demand(!/[、,，;；/]/.test(names), code, { names });
}

function demandDate(date: CivilDate): void {
  demand(isCivilDate(date), 'date.none', { date });
}
