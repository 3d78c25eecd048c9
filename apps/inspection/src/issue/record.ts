// What can be asked of an issue, what can happen to it, and what its rules remember. The rules are in the files beside.
import { demand } from '#kernel/decider';
import type { Actor, Agency, Basis } from '#kernel/envelope';
import type { CivilDate } from '#kernel/working-days';
import type { IssueStatus } from '#contracts/answers';
import type { IssueClass, IssueKind, IssueSpecial, PublishedData } from '#contracts/events';
import type { Authority } from '#joint/close-out';

export type Signer = PublishedData<'inspection.issue-claimed.v1'>['signedBy'];
export type Claim = { readonly leadLeader: string; readonly department: string; readonly person: string };
export type Measure = Claim & { readonly measureId: string; readonly text: string; readonly due: CivilDate };
export type Evidence = Omit<PublishedData<'inspection.evidence-attached.v1'>, 'issueId'>;
export type Statement = { readonly result: string; readonly causeRemoved: string; readonly generalisation: string };

export type Registered = {
  readonly feedbackId: string;
  readonly roundId: string;
  readonly unitId: string;
  readonly unitName: string;
  readonly number: string;
  readonly title: string;
  readonly text: string;
  readonly group: string;
  readonly class: IssueClass;
  readonly kind: IssueKind;
  readonly special: IssueSpecial;
  readonly competentDepartment: string;
  readonly feedbackDate: CivilDate;
  readonly deadlines: {
    readonly claim: CivilDate;
    readonly plan: CivilDate;
    readonly rectify: CivilDate;
    readonly immediate: CivilDate;
  };
};

export type IssueEvent =
  | { type: 'IssueRegistered'; data: Registered }
  | { type: 'ClaimProposed'; data: Claim }
  | { type: 'IssueClaimed'; data: Claim & { signedBy: Signer } }
  | { type: 'IssueClassified'; data: { class: IssueClass; reason: string; due: CivilDate } }
  | { type: 'MeasureAdded'; data: Measure }
  | { type: 'ProgressReported'; data: { text: string } }
  | { type: 'EvidenceAttached'; data: Evidence }
  | { type: 'EvidenceWithdrawn'; data: { sha256: string; reason: string } }
  | { type: 'ExtensionRequested'; data: { until: CivilDate; reason: string } }
  | { type: 'ExtensionGranted'; data: { until: CivilDate } }
  | { type: 'ExtensionRefused'; data: { reason: string } }
  | { type: 'CloseOutPrepared'; data: Statement & { attempt: number; signedBy: Signer } }
  | { type: 'CloseOutSigned'; data: { attempt: number; step: number; signedBy: Signer } }
  | {
      type: 'CloseOutRequested';
      data: Statement & {
        attempt: number;
        unitId: string;
        special: IssueSpecial;
        verifier: Authority;
        evidence: readonly string[];
        signatures: readonly Signer[];
      };
    }
  | {
      type: 'CloseOutReturned';
      data: { attempt: number; returns: number; reasonCode: string; reason: string; basis: Basis };
    }
  | {
      type: 'IssueSubstantiallyDone';
      data: { attempt: number; remaining: string; newDate: CivilDate; basis: Basis };
    }
  | { type: 'IssueClosedOut'; data: { attempt: number; verifier: Authority; verifiedBy: Signer; basis: Basis } };

/** An agency's decision as it stands in that agency's log. */
export type Verdict =
  | { readonly kind: 'accepted' }
  | { readonly kind: 'substantiallyDone'; readonly remaining: string; readonly newDate: CivilDate }
  | { readonly kind: 'returned'; readonly reasonCode: string; readonly reason: string };

export type IssueCommand =
  | ({ type: 'RegisterIssue' } & Registered)
  | ({ type: 'ProposeClaim' } & Claim)
  | { type: 'SignClaim' }
  | { type: 'ClassifyIssue'; class: IssueClass; reason: string }
  | ({ type: 'AddMeasure' } & Measure)
  | { type: 'ReportProgress'; text: string }
  | ({ type: 'AttachEvidence' } & Evidence)
  | { type: 'WithdrawEvidence'; sha256: string; reason: string }
  | { type: 'RequestExtension'; until: CivilDate; reason: string }
  | { type: 'GrantExtension' }
  | { type: 'RefuseExtension'; reason: string }
  | ({ type: 'PrepareCloseOut' } & Statement)
  | { type: 'SignCloseOut' }
  | {
      type: 'RecordVerdict';
      attempt: number;
      verifier: Agency;
      verifiedBy: Signer;
      basis: Basis;
      verdict: Verdict;
    };

export type Asked<Type extends IssueCommand['type']> = Extract<IssueCommand, { type: Type }>;

export type Issue = {
  readonly status: IssueStatus | 'unknown';
  readonly registered?: Registered;
  readonly class: IssueClass;
  readonly due: CivilDate;
  /** Latest date that an extension was granted for; empty when there was none. */
  readonly extendedTo: CivilDate | '';
  readonly claim?: Claim & { readonly signedBy?: Signer };
  readonly measureDues: readonly CivilDate[];
  /** SHA-256 of what is attached and not withdrawn. */
  readonly evidence: readonly string[];
  readonly extension?: { readonly until: CivilDate; readonly reason: string };
  /** The statement that is being signed or was requested. */
  readonly statement?: Statement;
  readonly signatures: readonly Signer[];
  /** Number of requests made. */
  readonly attempt: number;
  /** Number of the request that was decided last. */
  readonly decided: number;
  readonly returns: number;
};

export const unknownIssue: Issue = {
  status: 'unknown',
  class: 'timeLimited',
  due: '',
  extendedTo: '',
  measureDues: [],
  evidence: [],
  signatures: [],
  attempt: 0,
  decided: 0,
  returns: 0,
};

export type Known = Issue & { readonly registered: Registered };

/** The issue exists, is not closed out, and no request is waiting for its verifier. */
export function demandOpen(issue: Issue): asserts issue is Known {
  demand(issue.registered, 'issue.none');
  demand(issue.status !== 'closedOut', 'issue.closedOut');
  demand(issue.status !== 'closeOutRequested', 'closeOut.waiting');
}

export function signerOf({ id, name, role }: Actor): Signer {
  return { id, name, role };
}
