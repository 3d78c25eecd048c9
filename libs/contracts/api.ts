// The HTTP interface between an agency's service and its console: paths and request schemas (answers: `answers.ts`).
// Both sides import this file, so a path or field cannot drift apart.
import { z } from 'zod';
import type { ClueAction } from './clues';
import { civilDate, issueClass, issueKind, issueSpecial, sha256Hex } from './events';

const text = (max: number) => z.string().trim().min(1).max(max);
const id = z.string().regex(/^[A-Za-z0-9-]{1,64}$/);

export const paths = {
  console: '/api/console',
  session: '/api/session',
  overview: '/api/overview',
  live: '/api/live',
  alarms: '/api/alarms',
  agreement: '/api/agreement',
  rounds: '/api/rounds',
  organisations: (roundId: string) => `/api/rounds/${roundId}/organisations`,
  closeRound: (roundId: string) => `/api/rounds/${roundId}/close`,
  feedbacks: '/api/feedbacks',
  feedback: (feedbackId: string) => `/api/feedbacks/${feedbackId}`,
  outline: (feedbackId: string) => `/api/feedbacks/${feedbackId}/outline`,
  freeze: (feedbackId: string) => `/api/feedbacks/${feedbackId}/freeze`,
  ledger: '/api/ledger',
  exportLedger: '/api/ledger/export',
  issue: (issueId: string) => `/api/issues/${issueId}`,
  /** One path per action of an issue: the action's name in kebab-case. */
  issueAction: (issueId: string, action: IssueAction) => `/api/issues/${issueId}/${kebab(action)}`,
  passport: (issueId: string) => `/api/issues/${issueId}/passport`,
  /** The page that checks passports without a server, and the keys that it has to be given. */
  passportPage: '/passport.html',
  passportPolicy: '/api/passport-policy',
  history: '/api/history',
  issueHistory: (issueId: string) => `/api/issues/${issueId}/history`,
  reconciliation: '/api/reconciliation',
  totals: '/api/reconciliation/totals',
  exchangedTotals: '/api/reconciliation/exchanged',
  forkEvidence: (digest: string) => `/api/reconciliation/evidence/${digest}`,
  evidence: (issueId: string, sha256: string) => `/api/issues/${issueId}/evidence/${sha256}`,
  tasks: '/api/tasks',
  sealed: '/api/sealed',
  clueLists: '/api/clue-lists',
  clueList: (handOverId: string) => `/api/clue-lists/${handOverId}`,
  signClueReceipt: (handOverId: string) => `/api/clue-lists/${handOverId}/sign-receipt`,
  clueAction: (handOverId: string, action: ClueAction) => `/api/clue-lists/${handOverId}/${kebab(action)}`,
  verifications: '/api/verifications',
  verificationAction: (issueId: string, action: VerificationAction) => `/api/verifications/${issueId}/${kebab(action)}`,
} as const;

export type IssueAction =
  | 'proposeClaim'
  | 'signClaim'
  | 'classify'
  | 'addMeasure'
  | 'reportProgress'
  | 'attachEvidence'
  | 'withdrawEvidence'
  | 'requestExtension'
  | 'grantExtension'
  | 'refuseExtension'
  | 'prepareCloseOut'
  | 'signCloseOut';
export type VerificationAction = 'accept' | 'acceptAsSubstantiallyDone' | 'return';

function kebab(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** Every command carries an id made by the client (header `sanfang-command`, a UUID): sent twice, it happens once. */
export const commandHeader = 'sanfang-command';
/** Optional: the revision the user looked at (header). If the record moved on since, the command is refused as stale. */
export const revisionHeader = 'sanfang-revision';

/** What a request carries once its schema has parsed it. */
export type Sent<Schema extends z.ZodType> = z.infer<Schema>;

export const signIn = z.strictObject({ login: text(60), password: z.string().min(1).max(200) });
export const openRound = z.strictObject({
  name: text(80),
  term: text(40),
  year: z.number().int().min(2000).max(2100),
  tier: z.enum(['central', 'provincial', 'municipal', 'county', 'internal']),
  ruleSetId: id,
});
export const enrolOrganisation = z.strictObject({ unitName: text(80), unitId: id.optional() });

/** A line of the outline as the clerk edits it. `key` keeps identity over edits. */
export const outlineLine = z.strictObject({
  key: text(40),
  number: text(60),
  title: text(500),
  text: z.string().max(8000),
  group: z.string().max(300),
  unitId: z.string().max(64),
  class: issueClass,
  kind: issueKind,
  special: issueSpecial,
  competentDepartment: z.string().max(80),
});
export type OutlineLine = z.infer<typeof outlineLine>;
/** Sent as multipart form fields beside the part `file` (a .txt or .docx paper). */
export const registerFeedback = z.strictObject({ roundId: id, feedbackDate: civilDate });
export const reviseOutline = z.strictObject({ lines: z.array(outlineLine).max(2000) });
/** `difference` explains why declared and found are not equal; needed only then. */
export const freezeFeedback = z.strictObject({ difference: z.string().trim().max(500) });

export const proposeClaim = z.strictObject({ leadLeader: text(60), department: text(80), person: text(60) });
export const signClaim = z.strictObject({});
export const classify = z.strictObject({ class: issueClass, reason: text(500) });
export const addMeasure = z.strictObject({
  text: text(2000),
  leadLeader: text(60),
  department: text(80),
  person: text(60),
  due: civilDate,
});
export const reportProgress = z.strictObject({ text: text(4000) });
/** Sent as multipart form fields beside the part `file`. */
export const attachEvidence = z.strictObject({ dated: civilDate, explanation: z.string().trim().max(500) });
export const withdrawEvidence = z.strictObject({ sha256: sha256Hex, reason: text(500) });
export const requestExtension = z.strictObject({ until: civilDate, reason: text(1000) });
export const grantExtension = z.strictObject({});
export const refuseExtension = z.strictObject({ reason: text(1000) });
export const prepareCloseOut = z.strictObject({
  result: text(4000),
  causeRemoved: text(2000),
  generalisation: text(2000),
});
export const signCloseOut = z.strictObject({});
export const accept = z.strictObject({ method: z.enum(['document', 'onSite']), note: z.string().trim().max(2000) });
export const acceptAsSubstantiallyDone = z.strictObject({ ...accept.shape, remaining: text(2000), newDate: civilDate });
/** Reasons of a return; the code is counted, the words are read. */
export const returnReasons = [
  'evidenceMissing',
  'evidenceDoubtful',
  'causeNotRemoved',
  'noFigures',
  'notGeneralised',
  'other',
] as const;
export const returnCloseOut = z.strictObject({
  ...accept.shape,
  reasonCode: z.enum(returnReasons),
  reason: text(2000),
});

export const ledgerQuery = z.strictObject({
  round: z.string().max(64).optional(),
  unit: z.string().max(64).optional(),
  /** `open`: neither closed out nor substantially done. */
  status: z
    .enum(['open', 'registered', 'claimed', 'rectifying', 'closeOutRequested', 'substantiallyDone', 'closedOut'])
    .optional(),
  class: issueClass.optional(),
  special: issueSpecial.optional(),
  light: z.enum(['green', 'yellow', 'red']).optional(),
  search: z.string().trim().max(60).optional(),
  sort: z.enum(['due', 'number', 'unit']).optional(),
  order: z.enum(['asc', 'desc']).optional(),
  cursor: z.string().max(400).optional(),
  limit: z.coerce.number().int().min(1).max(200).optional(),
  /** Store position of the user's last command; the answer waits, bounded, until the view has passed it. */
  after: z.string().regex(/^\d+$/).optional(),
});
export type LedgerQuery = z.infer<typeof ledgerQuery>;
/** A whole list as a spreadsheet: what the filters leave, up to `exportLimit` lines. */
export const ledgerExport = ledgerQuery.omit({ cursor: true, limit: true });
export const exportLimit = 5_000;
