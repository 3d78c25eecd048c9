// What each agency's own log says about an issue, kept apart. An agency's events change its part only, and a row is a
// function of the parts: so it comes out the same in whatever order the three logs arrive (contexts.md I7).
import type { IssueStatus } from '#contracts/answers';
import type { IssueClass, IssueKind, IssueSpecial, PublishedData, PublishedType } from '#contracts/events';
import type { Authority } from '../close-out';
import { verifierOf } from '../close-out';
import { civilDateOf } from '../civil-time';
import type { Shown } from '../shown';

type Data<Type extends PublishedType> = PublishedData<Type>;
type Person = Data<'inspection.issue-claimed.v1'>['signedBy'];

export type Signature = { readonly step: number; readonly role: string; readonly who: string; readonly at: string };
export type AttachedEvidence = Omit<Data<'inspection.evidence-attached.v1'>, 'issueId'> & {
  readonly attachedAt: string;
};

/** The inspection office's part. */
export type OfficePart = {
  readonly registered: Data<'inspection.issue-registered.v1'>;
  readonly status: IssueStatus;
  readonly class: IssueClass;
  readonly due: string;
  readonly claim?: { readonly leadLeader: string; readonly department: string; readonly person: string };
  readonly measures: readonly Omit<Data<'inspection.measure-added.v1'>, 'issueId'>[];
  readonly evidence: readonly AttachedEvidence[];
  readonly extension?: {
    readonly until: string;
    readonly reason: string;
    readonly state: 'requested' | 'granted' | 'refused';
  };
  readonly signatures: readonly Signature[];
  readonly request?: {
    readonly attempt: number;
    readonly at: string;
    readonly result: string;
    readonly causeRemoved: string;
    readonly generalisation: string;
    /** Those that it was made with; they stay beside it when it comes back. */
    readonly signatures: readonly Signature[];
  };
  readonly attempt: number;
  readonly returns: number;
  readonly closedOn: string;
  /** Recorded time of the office's last event about the issue. */
  readonly changedAt: string;
};

/** A verifying agency's part: the last request that it took in, and its last verdict. */
export type AuthorityPart = {
  readonly received?: { readonly attempt: number; readonly at: string };
  readonly verdict?: {
    readonly attempt: number;
    readonly kind: 'accepted' | 'substantiallyDone' | 'returned';
    readonly at: string;
    readonly by: string;
    /** Why it came back, what remains to be done, or the remark of an acceptance. */
    readonly words: string;
  };
};

export type Parts = { readonly inspection?: OfficePart } & { readonly [authority in Authority]?: AuthorityPart };

/** Kind and speciality decide who signs and who verifies; both are fixed at registration. */
export function standing(part: OfficePart): { kind: IssueKind; special: IssueSpecial; verifier: Authority } {
  const { kind, special } = part.registered;
  return { kind, special, verifier: verifierOf(special) };
}

/** The office's part after one of its events; undefined as long as the issue is not registered. */
export function officePart(part: OfficePart | undefined, event: Shown): OfficePart | undefined {
  if (event.type === 'inspection.issue-registered.v1') return part ?? registered(event.data, event.at);
  return part && { ...worked(part, event), changedAt: event.at };
}

function registered(data: Data<'inspection.issue-registered.v1'>, at: string): OfficePart {
  return {
    registered: data,
    status: 'registered',
    class: data.class,
    due: data.deadlines.rectify,
    measures: [],
    evidence: [],
    signatures: [],
    attempt: 0,
    returns: 0,
    closedOn: '',
    changedAt: at,
  };
}

function worked(part: OfficePart, event: Shown): OfficePart {
  switch (event.type) {
    case 'inspection.issue-claimed.v1': {
      const { leadLeader, department, person } = event.data;
      return { ...part, status: 'claimed', claim: { leadLeader, department, person } };
    }
    case 'inspection.issue-classified.v1':
      return { ...part, class: event.data.class, due: event.data.due };
    case 'inspection.measure-added.v1': {
      const { issueId: _, ...measure } = event.data;
      const status = part.status === 'claimed' ? 'rectifying' : part.status;
      return { ...part, status, measures: [...part.measures, measure] };
    }
    case 'inspection.evidence-attached.v1': {
      const { issueId: _, ...file } = event.data;
      return { ...part, signatures: [], evidence: [...part.evidence, { ...file, attachedAt: event.at }] };
    }
    case 'inspection.evidence-withdrawn.v1':
      return {
        ...part,
        signatures: [],
        evidence: part.evidence.filter(({ sha256 }) => sha256 !== event.data.sha256),
      };
    case 'inspection.extension-requested.v1':
      return { ...part, extension: { until: event.data.until, reason: event.data.reason, state: 'requested' } };
    case 'inspection.extension-granted.v1':
      return { ...part, due: event.data.until, ...extended(part, 'granted') };
    case 'inspection.extension-refused.v1':
      return { ...part, ...extended(part, 'refused') };
    default:
      return requested(part, event);
  }
}

function requested(part: OfficePart, event: Shown): OfficePart {
  switch (event.type) {
    case 'inspection.close-out-signed.v1': {
      const { step, signedBy } = event.data;
      const signature = { step, role: signedBy.role, who: signedBy.name, at: event.at };
      // The first signature begins a new round: what was signed before no longer counts.
      return { ...part, signatures: step === 1 ? [signature] : [...part.signatures, signature] };
    }
    case 'inspection.close-out-requested.v1': {
      const { attempt, result, causeRemoved, generalisation } = event.data;
      const { signatures } = part;
      const request = { attempt, at: event.at, result, causeRemoved, generalisation, signatures };
      return { ...part, status: 'closeOutRequested', attempt, request };
    }
    case 'inspection.close-out-returned.v1':
      return { ...part, status: 'rectifying', signatures: [], returns: event.data.returns };
    case 'inspection.issue-substantially-done.v1':
      return { ...settled(part), status: 'substantiallyDone', signatures: [], due: event.data.newDate };
    case 'inspection.issue-closed-out.v1':
      return { ...part, status: 'closedOut', closedOn: civilDateOf(event.at) };
    default:
      return part;
  }
}

/** The verdict sets a date of its own: an extension that was still asked for has become void. */
function settled(part: OfficePart): OfficePart {
  const { extension, ...rest } = part;
  return extension?.state === 'requested' ? rest : part;
}

function extended(part: OfficePart, state: 'granted' | 'refused'): Pick<OfficePart, 'extension'> | undefined {
  return part.extension && { extension: { ...part.extension, state } };
}

/** A verifying agency's part after one of its events. */
export function authorityPart(part: AuthorityPart = {}, event: Shown): AuthorityPart {
  switch (event.type) {
    case 'commission.close-out-received.v1':
    case 'organization.close-out-received.v1':
      return { ...part, received: { attempt: event.data.attempt, at: event.at } };
    case 'commission.close-out-accepted.v1':
    case 'organization.close-out-accepted.v1':
      return { ...part, verdict: verdict('accepted', event, event.data.note) };
    case 'commission.close-out-accepted-as-substantially-done.v1':
    case 'organization.close-out-accepted-as-substantially-done.v1':
      return { ...part, verdict: verdict('substantiallyDone', event, event.data.remaining) };
    case 'commission.close-out-returned.v1':
    case 'organization.close-out-returned.v1':
      return { ...part, verdict: verdict('returned', event, event.data.reason) };
    default:
      return part;
  }
}

function verdict(
  kind: NonNullable<AuthorityPart['verdict']>['kind'],
  event: { readonly at: string; readonly actor: Pick<Person, 'name'>; readonly data: { readonly attempt: number } },
  words: string,
): NonNullable<AuthorityPart['verdict']> {
  return { attempt: event.data.attempt, kind, at: event.at, by: event.actor.name, words };
}
