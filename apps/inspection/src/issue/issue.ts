// An issue 问题 from registration to close-out: which rule answers which command, and what each event changes.
import type { Decider } from '#kernel/decider';
import { prepareCloseOut, recordVerdict, signCloseOut } from './close-out';
import * as rectifying from './rectifying';
import type { Issue, IssueCommand, IssueEvent, Registered } from './record';
import { unknownIssue } from './record';

export const issue: Decider<Issue, IssueCommand, IssueEvent> = {
  name: 'issue',
  initial: unknownIssue,
  unit: (issue) => issue.registered?.unitId,
  decide(command, issue, given) {
    switch (command.type) {
      case 'RegisterIssue':
        return rectifying.register(command, issue);
      case 'ProposeClaim':
        return rectifying.proposeClaim(command, issue);
      case 'SignClaim':
        return rectifying.signClaim(issue, given);
      case 'ClassifyIssue':
        return rectifying.classify(command, issue);
      case 'AddMeasure':
        return rectifying.addMeasure(command, issue);
      case 'ReportProgress':
        return rectifying.reportProgress(command, issue);
      case 'AttachEvidence':
        return rectifying.attachEvidence(command, issue, given);
      case 'WithdrawEvidence':
        return rectifying.withdrawEvidence(command, issue);
      case 'RequestExtension':
        return rectifying.requestExtension(command, issue, given);
      case 'GrantExtension':
      case 'RefuseExtension':
        return rectifying.decideExtension(command, issue);
      case 'PrepareCloseOut':
        return prepareCloseOut(command, issue, given);
      case 'SignCloseOut':
        return signCloseOut(issue, given);
      case 'RecordVerdict':
        return recordVerdict(command, issue);
    }
  },
  evolve(issue, event) {
    switch (event.type) {
      case 'IssueRegistered':
        return registered(issue, event.data);
      case 'ClaimProposed':
        return { ...issue, claim: event.data };
      case 'IssueClaimed':
        return { ...issue, status: 'claimed', claim: event.data };
      case 'IssueClassified':
        return { ...issue, class: event.data.class, due: event.data.due };
      case 'MeasureAdded': {
        const measureDues = [...issue.measureDues, event.data.due];
        return { ...issue, measureDues, status: issue.status === 'claimed' ? 'rectifying' : issue.status };
      }
      case 'ProgressReported':
        return { ...issue };
      case 'EvidenceAttached':
        return unsigned({ ...issue, evidence: [...issue.evidence, event.data.sha256] });
      case 'EvidenceWithdrawn':
        return unsigned({ ...issue, evidence: issue.evidence.filter((sha256) => sha256 !== event.data.sha256) });
      case 'ExtensionRequested':
        return { ...issue, extension: event.data };
      case 'ExtensionGranted':
        return { ...withoutExtension(issue), due: event.data.until, extendedTo: event.data.until };
      case 'ExtensionRefused':
        return withoutExtension(issue);
      case 'CloseOutPrepared': {
        const { result, causeRemoved, generalisation, signedBy } = event.data;
        return { ...issue, statement: { result, causeRemoved, generalisation }, signatures: [signedBy] };
      }
      case 'CloseOutSigned':
        return { ...issue, signatures: [...issue.signatures, event.data.signedBy] };
      case 'CloseOutRequested':
        return { ...issue, status: 'closeOutRequested', attempt: event.data.attempt };
      case 'CloseOutReturned':
        return {
          ...unsigned(issue),
          status: 'rectifying',
          decided: event.data.attempt,
          returns: event.data.returns,
        };
      case 'IssueSubstantiallyDone': {
        const { attempt: decided, newDate: due } = event.data;
        return { ...withoutExtension(unsigned(issue)), status: 'substantiallyDone', decided, due };
      }
      case 'IssueClosedOut':
        return { ...issue, status: 'closedOut', decided: event.data.attempt };
    }
  },
};

function registered(issue: Issue, data: Registered): Issue {
  const due = data.class === 'immediate' ? data.deadlines.immediate : data.deadlines.rectify;
  return { ...issue, status: 'registered', registered: data, class: data.class, due };
}

/** Signatures cover the evidence as it was: when it changes, or the request comes back, they are to be given anew. */
function unsigned(issue: Issue): Issue {
  const { statement: _, ...rest } = issue;
  return { ...rest, signatures: [] };
}

function withoutExtension(issue: Issue): Issue {
  const { extension: _, ...rest } = issue;
  return rest;
}
