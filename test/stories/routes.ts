// Every route of the three services, with who may call it and a harmless way to try it. The story compares these tables
// with what the running services have registered on both of their ports: a route that is not here fails it, by name.
import type { Request } from './visitor';

export type Route = Request & {
  /** Permission of libs/contracts/roles.ts, or the status that a route open to all answers everybody with. */
  readonly may: string | number;
  /** Status for whoever brings no session of any agency, where that is another one. */
  readonly nobody?: number;
  /** Concrete path; left out, the parameters are filled with ids that name nothing. */
  readonly path?: string;
};

/** Nothing bears these ids: a command that gets past the guard changes nothing. */
export const nothing = { issueId: 'f-none-0001', feedbackId: 'f-none', roundId: 'r-none', sha256: '0'.repeat(64) };

export function filled(pattern: string, ids: Readonly<Record<string, string>> = nothing): string {
  return pattern.replace(/:(\w+)/g, (_, name: string) => ids[name] ?? 'none');
}

const claim = { leadLeader: '丙', department: '办公室', person: '乙' };
const check = { method: 'document', note: '' };
const form = (): FormData => new FormData();

/** Of the port for people. */
export const routes: Readonly<Record<string, Route>> = {
  'GET /api/console': { may: 200 },
  'POST /api/session': { may: 400, body: {} },
  'GET /api/session': { may: 'session.read' },
  'DELETE /api/session': { may: 'session.read' },
  'GET /api/live': { may: 'live.read' },
  'GET /api/alarms': { may: 'alarm.read' },
  'GET /api/ledger': { may: 'ledger.read' },
  'GET /api/ledger/export': { may: 'ledger.read' },
  'GET /api/overview': { may: 'overview.read' },
  'GET /api/agreement': { may: 'agreement.read' },
  'GET /api/sealed': { may: 'sealed.read' },
  'GET /api/rounds': { may: 'round.read' },
  'GET /api/issues/:issueId': { may: 'issue.read' },
  'GET /api/issues/:issueId/passport': { may: 'issue.read' },
  'GET /api/passport-policy': { may: 'issue.read' },
  'GET /api/issues/:issueId/history': { may: 'history.read' },
  'GET /api/history': { may: 'history.read' },
  'GET /api/reconciliation': { may: 'reconciliation.read' },
  'GET /api/reconciliation/totals': { may: 'reconciliation.read' },
  'GET /api/reconciliation/exchanged': { may: 'reconciliation.read' },
  'GET /api/reconciliation/evidence/:digest': { may: 'reconciliation.read' },
  'GET /api/issues/:issueId/evidence/:sha256': { may: 'evidence.read' },

  'POST /api/rounds': {
    may: 'round.OpenRound',
    body: { name: '无', term: '无', year: 2026, tier: 'county', ruleSetId: 'none' },
  },
  'POST /api/rounds/:roundId/organisations': { may: 'round.EnrolOrganisation', body: { unitName: '无' } },
  'POST /api/rounds/:roundId/close': { may: 'round.CloseRound' },
  'GET /api/feedbacks': { may: 'feedback.read' },
  'POST /api/feedbacks': { may: 'feedback.RegisterFeedback', body: form() },
  'GET /api/feedbacks/:feedbackId': { may: 'feedback.read' },
  'POST /api/feedbacks/:feedbackId/outline': { may: 'feedback.ReviseOutline', body: { lines: [] } },
  'POST /api/feedbacks/:feedbackId/freeze': { may: 'feedback.FreezeFeedback', body: { difference: '' } },
  'GET /api/tasks': { may: 'task.read' },

  'POST /api/issues/:issueId/propose-claim': { may: 'issue.ProposeClaim', body: claim },
  'POST /api/issues/:issueId/sign-claim': { may: 'issue.SignClaim', body: {} },
  'POST /api/issues/:issueId/classify': {
    may: 'issue.ClassifyIssue',
    body: { class: 'longTerm', reason: '须长期坚持' },
  },
  'POST /api/issues/:issueId/add-measure': {
    may: 'issue.AddMeasure',
    body: { ...claim, text: '修订制度', due: '2026-10-01' },
  },
  'POST /api/issues/:issueId/report-progress': { may: 'issue.ReportProgress', body: { text: '已开会研究' } },
  'POST /api/issues/:issueId/attach-evidence': { may: 'issue.AttachEvidence', body: form() },
  'POST /api/issues/:issueId/withdraw-evidence': {
    may: 'issue.WithdrawEvidence',
    body: { sha256: nothing.sha256, reason: '传错' },
  },
  'POST /api/issues/:issueId/request-extension': {
    may: 'issue.RequestExtension',
    body: { until: '2027-06-30', reason: '工期未到' },
  },
  'POST /api/issues/:issueId/grant-extension': { may: 'issue.GrantExtension', body: {} },
  'POST /api/issues/:issueId/refuse-extension': { may: 'issue.RefuseExtension', body: { reason: '理由不足' } },
  'POST /api/issues/:issueId/prepare-close-out': {
    may: 'issue.PrepareCloseOut',
    body: { result: '已整改', causeRemoved: '已消除', generalisation: '已自查' },
  },
  'POST /api/issues/:issueId/sign-close-out': { may: 'issue.SignCloseOut', body: {} },

  'GET /api/clue-lists': { may: 'clue.read' },
  'GET /api/clue-lists/:handOverId': { may: 'clue.read' },
  'POST /api/clue-lists': {
    may: 'clueHandOver.HandOverClues',
    body: {
      ...{ kind: 'single', roundId: 'r-none' },
      clues: [{ unitName: '无', source: '无', person: '某甲', post: '无', contents: '无' }],
    },
  },
  'POST /api/clue-lists/:handOverId/open-body': { may: 'clueFile.OpenBody', body: { reason: '办理' } },
  'POST /api/clue-lists/:handOverId/request-destruction': {
    may: 'clueFile.RequestDestruction',
    body: { reason: '保管期满' },
  },
  'POST /api/clue-lists/:handOverId/drop-destruction': { may: 'clueFile.DropDestruction', body: { reason: '续存' } },
  'POST /api/clue-lists/:handOverId/confirm-destruction': { may: 'clueFile.ConfirmDestruction', body: {} },
  'POST /api/clue-lists/:handOverId/sign-receipt': { may: 'clueReceipt.SignReceipt', body: { count: 1 } },
  'GET /api/verifications': { may: 'verification.read' },
  'POST /api/verifications/:issueId/accept': { may: 'verification.AcceptCloseOut', body: check },
  'POST /api/verifications/:issueId/accept-as-substantially-done': {
    may: 'verification.AcceptAsSubstantiallyDone',
    body: { ...check, remaining: '一年后复查', newDate: '2099-12-31' },
  },
  'POST /api/verifications/:issueId/return': {
    may: 'verification.ReturnCloseOut',
    body: { ...check, reasonCode: 'other', reason: '请补充' },
  },

  'GET /health': { may: 200 },
  'GET /ready': { may: 200 },
  // Open to this machine alone, where the story runs.
  'GET /metrics': { may: 200 },
  // Without the operator's header there is no such address.
  'POST /rebuild/:view': { may: 404 },
  // Says where the log lies, to whoever is nobody here; what it says is tried as a route of the feed.
  'GET /log/*': { may: 404, nobody: 308, path: '/log/checkpoint' },
};

/** Of the port for peers and auditors, who have no accounts here: for whoever has one, nothing lies there. */
export const feedRoutes: Readonly<Record<string, Route>> = {
  'GET /log/checkpoint': { may: 404, nobody: 200 },
  'GET /log/vkey': { may: 404, nobody: 200 },
  // Nobody's log has changed its key here.
  'GET /log/keys': { may: 404 },
  'GET /log/sm2-vkey': { may: 404 },
  'GET /log/tile/*': { may: 404, path: '/log/tile/none' },
  'GET /log/self-check': { may: 404, nobody: 200 },
  'GET /log/wake': { may: 404, nobody: 200 },
  'GET /log/blob/:sha256': { may: 404, nobody: 401 },
  'GET /log/copy/:from': { may: 404, nobody: 401, path: '/log/copy/0' },
  'GET /mirror/:hash/checkpoint': { may: 404 },
  'GET /mirror/:hash/copy/:index': { may: 404 },
  'GET /mirror/:hash/tile/*': { may: 404 },
  // Witnesses speak to logs and auditors; what they take is proven by its own signatures.
  'GET /log/cosigned': { may: 404, nobody: 200 },
  'GET /log/witness-vkey': { may: 404, nobody: 200 },
  'GET /witness/vkey': { may: 404, nobody: 200 },
  'GET /witness/:hash/checkpoint': { may: 404 },
  'POST /witness/add-checkpoint': { may: 404, nobody: 400, body: {} },
};

/** Pages and files of the console: the same for everybody, and without anybody's data. */
export function isConsoleFile(route: string): boolean {
  return (
    /^(GET|HEAD) \/(?!api\/|log\/|mirror\/|witness\/)[\w./*-]*$/.test(route) &&
    !(route.replace('HEAD', 'GET') in routes)
  );
}
