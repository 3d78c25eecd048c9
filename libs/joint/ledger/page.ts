// The page of one issue, put together from its ledger row, its time line and what is known of the log.
import type { CivilDate } from '#kernel/working-days';
import type { Action, IssuePage, TimelineEntry } from '#contracts/answers';
import type { IssueKind } from '#contracts/events';
import { roles } from '#contracts/roles';
import { civilMinuteOf } from '../civil-time';
import { signingRoles } from '../close-out';
import type { LedgerRow } from './ledger';
import { lineOf } from './line';
import type { OfficePart, Signature } from './parts';
import type { TimelineRow } from './timeline';

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
    line: lineOf(row, parts.roundName, parts.today),
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
    verification: verificationOf(timeline),
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

function entriesOf({ timeline, addresses }: PageParts): TimelineEntry[] {
  return timeline.map(({ id, at, agency, type, label, who, words }) => {
    const address = addresses.get(id);
    const where = address && { origin: address.origin, index: address.index };
    return { id, at, agency, type, label, who, words, ...where };
  });
}

/** Says no more than is so: this agency has checked signed logs; what the others witnessed is not claimed here. */
export function verificationOf(timeline: readonly TimelineEntry[]): IssuePage['verification'] {
  const checked = timeline.filter(({ index }) => index !== undefined).length;
  const waiting = timeline.length - checked;
  const since = timeline[0] ? civilMinuteOf(timeline[0].at) : '';
  const sentence =
    waiting === 0
      ? `此记录自${since}起未被改动，本机构已按签名日志核验${checked}条。`
      : `已核验${checked}条，${waiting}条正在写入日志（一般1分钟内）。`;
  const how =
    '每条记录都有指纹，新指纹包含旧指纹；三家各存一份指纹，改一处就对不上。核验说明记录没有被改过，不说明所写内容属实。';
  return { state: waiting === 0 ? 'ok' : 'partial', sentence, how, checked, waiting };
}
