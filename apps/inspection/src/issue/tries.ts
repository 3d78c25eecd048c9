// Representative commands of an issue's actions. Whether an action is open does not depend on the words still to be
// typed, so a page asks the rules with these, and learns what is open and why the rest is not.
import { addDays } from '#kernel/working-days';
import type { IssueAction } from '#contracts/api';
import type { Issue, IssueCommand } from './record';

type Tried = { readonly action: IssueAction; readonly command: IssueCommand };

const claim = { leadLeader: '—', department: '—', person: '—' };

export function triesOf(issue: Issue): Tried[] {
  const { registered, due } = issue;
  const [attached = 'none'] = issue.evidence;
  const feedbackDate = registered?.feedbackDate ?? '2000-01-01';
  const commands: Readonly<Record<IssueAction, IssueCommand>> = {
    proposeClaim: { type: 'ProposeClaim', ...claim },
    signClaim: { type: 'SignClaim' },
    classify: { type: 'ClassifyIssue', class: issue.class === 'longTerm' ? 'timeLimited' : 'longTerm', reason: '—' },
    addMeasure: { type: 'AddMeasure', ...claim, measureId: 'm', text: '—', due: due || feedbackDate },
    reportProgress: { type: 'ReportProgress', text: '—' },
    attachEvidence: {
      type: 'AttachEvidence',
      ...{ sha256: 'new', name: '—', bytes: 1, mediaType: 'text/plain', dated: feedbackDate, explanation: '—' },
    },
    withdrawEvidence: { type: 'WithdrawEvidence', sha256: attached, reason: '—' },
    requestExtension: { type: 'RequestExtension', until: addDays(due || feedbackDate, 1), reason: '—' },
    grantExtension: { type: 'GrantExtension' },
    refuseExtension: { type: 'RefuseExtension', reason: '—' },
    prepareCloseOut: { type: 'PrepareCloseOut', result: '—', causeRemoved: '—', generalisation: '—' },
    signCloseOut: { type: 'SignCloseOut' },
  };
  return Object.entries(commands).map(([action, command]) => ({ action: action as IssueAction, command }));
}
