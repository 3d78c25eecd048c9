// The page of one issue, put together from its ledger row, its time line and what is known of the log.
import type { CivilDate } from '#kernel/working-days';
import type { Action, IssuePage, TimelineEntry } from '#contracts/answers';
import type { IssueKind } from '#contracts/events';
import { roles } from '#contracts/roles';
import { signingRoles } from '../close-out';
import type { LedgerRow } from './ledger';
import { lineOf } from './line';
import type { OfficePart, Signature } from './parts';
import type { TimelineRow } from './timeline';
import type { Standing } from './verified';
import { verificationOf } from './verified';
import { leastOf, statusAt } from './witnessed';

/** Where an event stands in a signed log. */
export type Address = { readonly origin: string; readonly index: number };

/** What only the owner of the record knows before it is published: an unsigned claim, a statement in signing. */
export type Unpublished = Pick<IssuePage, 'claim' | 'closeOut'>;

export type PageParts = {
  readonly row: LedgerRow & { readonly parts: { readonly inspection: OfficePart } };
  readonly roundName: string;
  readonly today: CivilDate;
  readonly timeline: readonly TimelineRow[];
  readonly addresses: ReadonlyMap<string, Address>;
  readonly standing: Standing;
  readonly held: ReadonlySet<string>;
  readonly unpublished: Unpublished;
  readonly revision: number;
  readonly actions: readonly Action[];
};

export function pageOf(parts: PageParts): IssuePage {
  const { row, unpublished, revision, actions } = parts;
  const office = row.parts.inspection;
  const { registered, claim, extension } = office;
  const timeline = entriesOf(parts);
  const closeOut = unpublished.closeOut ?? requestOf(row);
  const claimed = claim ? { ...claim, signed: true } : unpublished.claim;
  return {
    line: lineOf(row, parts.roundName, parts.today, leastOf(timeline.map(({ witness }) => witness))),
    revision,
    text: registered.text,
    feedbackDate: registered.feedbackDate,
    deadlines: registered.deadlines,
    ...(claimed && { claim: claimed }),
    measures: office.measures,
    evidence: office.evidence.map((file) => ({ ...file, held: parts.held.has(file.sha256) })),
    ...(closeOut && { closeOut }),
    signatures: stepsOf(registered.kind, signaturesBeside(parts)),
    ...(extension && { extension }),
    timeline,
    verification: verificationOf(timeline, parts.standing),
    actions,
  };
}

/** The last request that was made, with what was decided on it. */
function requestOf({ parts, verifier }: PageParts['row']): IssuePage['closeOut'] {
  const { request } = parts.inspection;
  if (!request) return undefined;
  const { attempt, result, causeRemoved, generalisation } = request;
  const verdict = parts[verifier]?.verdict;
  if (verdict?.attempt !== attempt) return { attempt, result, causeRemoved, generalisation };
  const { kind, by, at, words } = verdict;
  return { attempt, result, causeRemoved, generalisation, verdict: { kind, agency: verifier, by, at, words } };
}

/** Signatures stand beside the words that were signed: those of a request stay until new words are prepared. */
function signaturesBeside({ row, unpublished }: PageParts): readonly Signature[] {
  const { signatures, request } = row.parts.inspection;
  return unpublished.closeOut ? signatures : (request?.signatures ?? signatures);
}

/** Every step that the issue needs; those outstanding have no name yet. */
function stepsOf(kind: IssueKind, signatures: readonly Signature[]): IssuePage['signatures'] {
  return signingRoles(kind).map((signers, n) => {
    const signed = signatures.find(({ step }) => step === n + 1);
    const named = signers.filter((role) => !signed || role === signed.role);
    const roleLabel = named.map((role) => roles[role].label).join('、');
    return { step: n + 1, role: named[0] ?? '', roleLabel, who: signed?.who ?? '', at: signed?.at ?? '' };
  });
}

function entriesOf({ timeline, addresses, standing }: PageParts): TimelineEntry[] {
  return timeline.map(({ id, at, agency, type, label, who, words }) => {
    const address = addresses.get(id);
    const where = address && { origin: address.origin, index: address.index };
    return { id, at, agency, type, label, who, words, ...where, witness: statusAt(address, standing.reach) };
  });
}
