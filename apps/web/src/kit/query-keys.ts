// Names of everything the pages keep from the service, and which of it a changed view touches.
import type { LedgerQuery } from '#contracts/api';

export const keys = {
  console: ['console'] as const,
  session: ['session'] as const,
  /** Of one round, or of all of them. */
  overview: (round: string | undefined) => ['overview', round ?? ''] as const,
  rounds: ['rounds'] as const,
  feedbacks: ['feedbacks'] as const,
  feedback: (feedbackId: string) => ['feedbacks', feedbackId] as const,
  ledger: (query: LedgerQuery) => ['ledger', query] as const,
  issue: (issueId: string) => ['issues', issueId] as const,
  clues: ['clues'] as const,
  clue: (handOverId: string) => ['clues', handOverId] as const,
  tasks: ['tasks'] as const,
  verifications: ['verifications'] as const,
  alarms: ['alarms'] as const,
  histories: ['histories'] as const,
  /** Of one issue, or of the logs by themselves. */
  history: (issueId: string | undefined) => ['histories', issueId ?? ''] as const,
  reconciliation: ['reconciliation'] as const,
  /** Not read again by itself: it goes through all that the logs hold. */
  totals: ['totals'] as const,
  exchangedTotals: ['reconciliation', 'exchanged'] as const,
};

const everyView: readonly string[] = [
  'overview',
  'rounds',
  'feedbacks',
  'ledger',
  'issues',
  'tasks',
  'verifications',
  'clues',
  'alarms',
  'histories',
  'reconciliation',
];
const issueViews: readonly string[] = ['overview', 'ledger', 'issues', 'tasks', 'verifications', 'histories'];

/** First words of the keys to read again when a view has changed; a view unknown to this page means all of them. */
export function touchedBy(view: string): readonly string[] {
  switch (view) {
    case 'round':
    case 'rounds':
      return ['rounds', 'overview', 'feedbacks'];
    case 'feedback':
    case 'feedbacks':
      return ['feedbacks', 'rounds', 'tasks'];
    case 'ledger':
    case 'issue':
    case 'issues':
    case 'timeline':
    case 'evidence':
      return issueViews;
    case 'statedTotals':
      return ['reconciliation', 'alarms'];
    case 'clueLists':
      return ['clues'];
    case 'peers':
      return ['overview', 'alarms', 'histories', 'reconciliation'];
    case 'witnesses':
      // Every record bears its badge.
      return [...issueViews, 'rounds', 'feedbacks', 'reconciliation'];
    default:
      return everyView;
  }
}

export function isView(word: unknown): boolean {
  return typeof word === 'string' && everyView.includes(word);
}
