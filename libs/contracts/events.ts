// What the agencies promised each other: every published event type, its audience and the form of its data.
// A published version never changes; a new one gets a new number and a kept sample under test/contracts.
import { z } from 'zod';
import type { Agency } from '#kernel/envelope';
import { civilDate, id, sha256Hex, words } from './forms';
import {
  journalAnchored,
  keyAnnounced,
  keyRevoked,
  sealingKeyAnnounced,
  totalsCompared,
  totalsPublished,
} from './service-events';

export { civilDate, sha256Hex } from './forms';

const declared = z.record(z.string(), z.union([z.number(), z.string()]));
const basis = z.object({ origin: z.string(), index: z.number().int().min(0), hash: sha256Hex });
const person = z.object({ id, name: words(60), role: words(40) });

/** 立行立改 · 限期整改 · 长期坚持 */
export const issueClass = z.enum(['immediate', 'timeLimited', 'longTerm']);
/** 个性 · 共性 · 行业性 */
export const issueKind = z.enum(['single', 'common', 'sectoral']);
/** 巡视 · 选人用人专项 · 意识形态专项: decides which agency alone may close the issue. */
export const issueSpecial = z.enum(['none', 'selection', 'ideology']);
export type IssueClass = z.infer<typeof issueClass>;
export type IssueKind = z.infer<typeof issueKind>;
export type IssueSpecial = z.infer<typeof issueSpecial>;

/** Term of a step: so many calendar months or so many working days after the feedback. */
export const term = z.union([
  z.object({ months: z.number().int().min(1) }),
  z.object({ workingDays: z.number().int().min(1) }),
]);
export const ruleSet = z.object({
  id,
  version: z.number().int().min(1),
  name: words(80),
  /** Article or document the terms come from. */
  source: words(200),
  terms: z.object({ claim: term, plan: term, rectify: term, immediate: term }),
});
export type RuleSet = z.infer<typeof ruleSet>;

const deadlines = z.object({ claim: civilDate, plan: civilDate, rectify: civilDate });
const verdict = {
  issueId: id,
  attempt: z.number().int().min(1),
  method: z.enum(['document', 'onSite']),
  note: z.string().max(2000),
};

const accepted = z.object(verdict);
const substantiallyDone = z.object({ ...verdict, remaining: words(2000), newDate: civilDate });
const returned = z.object({ ...verdict, reasonCode: words(40), reason: words(2000) });
const feedbackReceived = z.object({ feedbackId: id, roundId: id, held: z.number().int().min(0) });
const closeOutReceived = z.object({ issueId: id, attempt: z.number().int().min(1) });

/** 单移交 to the commission alone, 双移交 to the Organization Department as well. */
export const clueLimit = 20;
export const clue = z.object({
  clueId: id,
  unitName: words(80),
  /** 线索来源, such as a visit or a letter. */
  source: words(200),
  /** 被反映人姓名, 职务. */
  person: words(60),
  post: words(80),
  contents: words(2000),
});
const cluesHandedOver = z.object({
  handOverId: id,
  roundId: id,
  count: z.number().int().min(1).max(clueLimit),
  clues: z.array(clue).min(1).max(clueLimit),
  handedOverBy: person,
});
/** An agency has destroyed what it kept of the clues' words: by two persons, for good (docs/adr/0041). */
const cluesDestroyed = z.object({ handOverId: id, requestedBy: person, confirmedBy: person });
const cluesReceived = z.object({ handOverId: id, count: z.number().int().min(1), receivedBy: person });

export const publishedEvents = {
  'inspection.round-opened.v1': z.object({
    roundId: id,
    name: words(80),
    term: words(40),
    year: z.number().int(),
    tier: z.enum(['central', 'provincial', 'municipal', 'county', 'internal']),
    ruleSet,
  }),
  'inspection.organisation-enrolled.v1': z.object({ roundId: id, unitId: id, unitName: words(80) }),
  'inspection.round-closed.v1': z.object({ roundId: id }),
  'inspection.feedback-registered.v1': z.object({
    feedbackId: id,
    roundId: id,
    fileName: words(200),
    fileSha256: sha256Hex,
    feedbackDate: civilDate,
    declared,
  }),
  'inspection.feedback-frozen.v1': z.object({
    feedbackId: id,
    roundId: id,
    found: z.number().int().min(1),
    declared,
    difference: z.string().max(500),
  }),
  'inspection.issue-registered.v1': z.object({
    issueId: id,
    feedbackId: id,
    roundId: id,
    unitId: id,
    unitName: words(80),
    number: words(60),
    title: words(500),
    text: z.string().max(8000),
    group: z.string().max(300),
    class: issueClass,
    kind: issueKind,
    special: issueSpecial,
    competentDepartment: z.string().max(80),
    feedbackDate: civilDate,
    deadlines,
  }),
  'inspection.issue-claimed.v1': z.object({
    issueId: id,
    leadLeader: words(60),
    department: words(80),
    person: words(60),
    signedBy: person,
  }),
  'inspection.issue-classified.v1': z.object({ issueId: id, class: issueClass, reason: words(500), due: civilDate }),
  'inspection.measure-added.v1': z.object({
    issueId: id,
    measureId: id,
    text: words(2000),
    leadLeader: words(60),
    department: words(80),
    person: words(60),
    due: civilDate,
  }),
  'inspection.extension-requested.v1': z.object({ issueId: id, until: civilDate, reason: words(1000) }),
  'inspection.extension-granted.v1': z.object({ issueId: id, until: civilDate }),
  'inspection.extension-refused.v1': z.object({ issueId: id, reason: words(1000) }),
  'inspection.progress-reported.v1': z.object({ issueId: id, text: words(4000) }),
  'inspection.evidence-attached.v1': z.object({
    issueId: id,
    sha256: sha256Hex,
    name: words(200),
    bytes: z.number().int().min(1),
    mediaType: words(120),
    dated: civilDate,
    explanation: z.string().max(500),
  }),
  'inspection.evidence-withdrawn.v1': z.object({ issueId: id, sha256: sha256Hex, reason: words(500) }),
  'inspection.close-out-signed.v1': z.object({
    issueId: id,
    attempt: z.number().int().min(1),
    step: z.number().int().min(1).max(4),
    signedBy: person,
  }),
  'inspection.close-out-requested.v1': z.object({
    issueId: id,
    attempt: z.number().int().min(1),
    unitId: id,
    special: issueSpecial,
    verifier: z.enum(['commission', 'organization']),
    result: words(4000),
    causeRemoved: words(2000),
    generalisation: words(2000),
    evidence: z.array(sha256Hex).min(1),
    signatures: z.array(person).min(3),
  }),
  'inspection.close-out-returned.v1': z.object({
    issueId: id,
    attempt: z.number().int().min(1),
    returns: z.number().int().min(1),
    reasonCode: words(40),
    reason: words(2000),
    basis,
  }),
  'inspection.issue-substantially-done.v1': z.object({
    issueId: id,
    attempt: z.number().int().min(1),
    remaining: words(2000),
    newDate: civilDate,
    basis,
  }),
  'inspection.issue-closed-out.v1': z.object({
    issueId: id,
    attempt: z.number().int().min(1),
    verifier: z.enum(['commission', 'organization']),
    verifiedBy: person,
    basis,
  }),

  'inspection.clue-handed-over.v1': cluesHandedOver,
  'inspection.clue-dual-handed-over.v1': cluesHandedOver,
  'commission.clue-received.v1': cluesReceived,
  'organization.clue-received.v1': cluesReceived,
  'commission.clue-destroyed.v1': cluesDestroyed,
  'organization.clue-destroyed.v1': cluesDestroyed,
  'inspection.clue-destroyed.v1': cluesDestroyed,

  'inspection.sealing-key-announced.v1': sealingKeyAnnounced,
  'commission.sealing-key-announced.v1': sealingKeyAnnounced,
  'organization.sealing-key-announced.v1': sealingKeyAnnounced,

  'commission.feedback-received.v1': feedbackReceived,
  'commission.close-out-received.v1': closeOutReceived,
  'commission.close-out-accepted.v1': accepted,
  'commission.close-out-accepted-as-substantially-done.v1': substantiallyDone,
  'commission.close-out-returned.v1': returned,
  'organization.feedback-received.v1': feedbackReceived,
  'organization.close-out-received.v1': closeOutReceived,
  'organization.close-out-accepted.v1': accepted,
  'organization.close-out-accepted-as-substantially-done.v1': substantiallyDone,
  'organization.close-out-returned.v1': returned,

  'commission.key-announced.v1': keyAnnounced,
  'organization.key-announced.v1': keyAnnounced,
  'inspection.key-announced.v1': keyAnnounced,
  'commission.journal-anchored.v1': journalAnchored,
  'organization.journal-anchored.v1': journalAnchored,
  'inspection.journal-anchored.v1': journalAnchored,
  'commission.totals-published.v1': totalsPublished,
  'organization.totals-published.v1': totalsPublished,
  'inspection.totals-published.v1': totalsPublished,
  'commission.totals-compared.v1': totalsCompared,
  'organization.totals-compared.v1': totalsCompared,
  'inspection.totals-compared.v1': totalsCompared,
  'commission.key-revoked.v1': keyRevoked,
  'organization.key-revoked.v1': keyRevoked,
  'inspection.key-revoked.v1': keyRevoked,
} as const;

export type PublishedType = keyof typeof publishedEvents;
export type PublishedData<Type extends PublishedType> = z.infer<(typeof publishedEvents)[Type]>;

/**
 * Who besides its author can read the body of a type: these agencies alone. A type that is not here is `shared`: every
 * agency of the region reads it. Fixed here for good, never chosen by whoever acts (contexts.md 1.3).
 */
const addressed: Readonly<Partial<Record<PublishedType, readonly Agency[]>>> = {
  'inspection.clue-handed-over.v1': ['commission'],
  'inspection.clue-dual-handed-over.v1': ['commission', 'organization'],
  'commission.clue-received.v1': ['inspection'],
  'organization.clue-received.v1': ['inspection'],
  'commission.clue-destroyed.v1': ['inspection'],
  'organization.clue-destroyed.v1': ['inspection'],
  'inspection.clue-destroyed.v1': ['commission'],
};

/** @returns undefined for a body that everybody reads; otherwise in alphabetical order */
export function addresseesOf(type: string): readonly Agency[] | undefined {
  return isPublishedType(type) ? addressed[type] : undefined;
}

export function isPublishedType(type: string): type is PublishedType {
  return Object.hasOwn(publishedEvents, type);
}
