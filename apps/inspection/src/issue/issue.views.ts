// Where an issue's story touches the others: lines of a frozen feedback become issues, verdicts come in from the
// verifying agencies, and what happens here is published, all but proposals that nobody has signed yet.
import type { Published } from '#kernel/envelope';
import type { Asked, Publishing, Reactor, Within } from '#kernel/reactor';
import type { PublishedData, PublishedType } from '#contracts/events';
import type { Slice } from '#chassis/slice';
import { shown } from '#joint/shown';
import { IssueApi } from './issue.api';
import { issue } from './issue';
import type { IssueCommand, IssueEvent, Registered, Verdict } from './record';

type FrozenLine = Omit<Registered, 'feedbackId' | 'roundId' | 'feedbackDate' | 'deadlines'> & { readonly key: string };
type Frozen = Pick<Registered, 'roundId' | 'feedbackDate' | 'deadlines'> & { readonly lines: readonly FrozenLine[] };

/** Four digits keep the ids of a feedback in the order of its text. */
export function issueIdOf(feedbackId: string, place: number): string {
  return `${feedbackId}-${String(place).padStart(4, '0')}`;
}

export const registrationReactor: Reactor = {
  name: 'registration',
  within: {
    'feedback.FeedbackFrozen': ({ subject, data }: Within<Frozen>): readonly Asked[] =>
      data.lines.map(({ key: _, ...line }, n) => {
        const { roundId, feedbackDate, deadlines } = data;
        const command: IssueCommand = {
          type: 'RegisterIssue',
          ...{ ...line, feedbackId: subject, roundId, feedbackDate, deadlines },
        };
        return { decider: issue, id: issueIdOf(subject, n + 1), command };
      }),
  },
};

type Decided<Name extends string> = Published<
  string,
  PublishedData<Extract<PublishedType, `${'commission' | 'organization'}.${Name}.v1`>>
>;

const onAccepted = (event: Decided<'close-out-accepted'>) => recording(event, { kind: 'accepted' });
const onSubstantiallyDone = (event: Decided<'close-out-accepted-as-substantially-done'>) => {
  const { remaining, newDate } = event.data;
  return recording(event, { kind: 'substantiallyDone', remaining, newDate });
};
const onReturned = (event: Decided<'close-out-returned'>) => {
  const { reasonCode, reason } = event.data;
  return recording(event, { kind: 'returned', reasonCode, reason });
};

export const verdictReactor: Reactor = {
  name: 'verdict',
  on: {
    'commission.close-out-accepted.v1': onAccepted,
    'commission.close-out-accepted-as-substantially-done.v1': onSubstantiallyDone,
    'commission.close-out-returned.v1': onReturned,
    'organization.close-out-accepted.v1': onAccepted,
    'organization.close-out-accepted-as-substantially-done.v1': onSubstantiallyDone,
    'organization.close-out-returned.v1': onReturned,
  },
};

function recording(event: Decided<'close-out-accepted'>, verdict: Verdict): readonly Asked[] {
  if (!shown(event as unknown as Published)) return [];
  const { address: basis, agency: verifier, actor } = event;
  // Without its address in the verifier's log a verdict could not be followed back; another agency's event has one.
  if (!basis) throw new Error(`${event.type} ${event.id} came without its address in the log of ${event.origin}`);
  const { id, name, role } = actor;
  const { issueId, attempt } = event.data;
  const verifiedBy = { id, name, role };
  const command: IssueCommand = { type: 'RecordVerdict', attempt, verifier, verifiedBy, basis, verdict };
  return [{ decider: issue, id: issueId, command }];
}

type Mapped = (event: Within<any>) => { readonly type: PublishedType; readonly data: object };
const as =
  (type: PublishedType): Mapped =>
  ({ subject, data }) => ({ type, data: { issueId: subject, ...data } });

/** What is listed is shown to all; `ClaimProposed` stays inside until the secretary signs. */
const published: { readonly [Type in Exclude<IssueEvent['type'], 'ClaimProposed'>]: Mapped } = {
  IssueRegistered: ({ subject, data }: Within<Registered>) => {
    const { claim, plan, rectify, immediate } = data.deadlines;
    const deadlines = { claim, plan, rectify: data.class === 'immediate' ? immediate : rectify };
    return { type: 'inspection.issue-registered.v1', data: { ...data, issueId: subject, deadlines } };
  },
  IssueClaimed: as('inspection.issue-claimed.v1'),
  IssueClassified: as('inspection.issue-classified.v1'),
  MeasureAdded: as('inspection.measure-added.v1'),
  ProgressReported: as('inspection.progress-reported.v1'),
  EvidenceAttached: as('inspection.evidence-attached.v1'),
  EvidenceWithdrawn: as('inspection.evidence-withdrawn.v1'),
  ExtensionRequested: as('inspection.extension-requested.v1'),
  ExtensionGranted: as('inspection.extension-granted.v1'),
  ExtensionRefused: as('inspection.extension-refused.v1'),
  CloseOutPrepared: ({ subject, data: { attempt, signedBy } }) => ({
    type: 'inspection.close-out-signed.v1',
    data: { issueId: subject, attempt, step: 1, signedBy },
  }),
  CloseOutSigned: as('inspection.close-out-signed.v1'),
  CloseOutRequested: as('inspection.close-out-requested.v1'),
  CloseOutReturned: as('inspection.close-out-returned.v1'),
  IssueSubstantiallyDone: as('inspection.issue-substantially-done.v1'),
  IssueClosedOut: as('inspection.issue-closed-out.v1'),
};

export const issuePublishing: Publishing = { decider: issue.name, map: published };

export const issueSlice: Slice = {
  name: 'issue',
  api: [IssueApi],
  publishing: [issuePublishing],
  reactors: [registrationReactor, verdictReactor],
};
