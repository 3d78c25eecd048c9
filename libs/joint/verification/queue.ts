// The verifier's desk as data: what waits for this agency, and what it decided last.
import type { LedgerLine, VerificationLine, VerificationQueue } from '#contracts/answers';
import type { VerificationAction } from '#contracts/api';
import type { Authority } from '../close-out';
import type { LedgerRow } from '../ledger/ledger';
import type { Condition } from '../ledger/visible';
import type { VerificationCommand } from './verification';

const method = { method: 'document', note: '' } as const;

/** Representative commands; the date lies as far ahead as dates go, so that only rules can refuse. */
export const verificationTries: readonly {
  readonly action: VerificationAction;
  readonly command: VerificationCommand;
}[] = [
  { action: 'accept', command: { type: 'AcceptCloseOut', ...method } },
  {
    action: 'acceptAsSubstantiallyDone',
    command: { type: 'AcceptAsSubstantiallyDone', ...method, remaining: '—', newDate: '9999-12-31' },
  },
  { action: 'return', command: { type: 'ReturnCloseOut', ...method, reasonCode: 'other', reason: '—' } },
];

/** What this agency has decided waits no longer here, even while the office has not registered the verdict yet. */
export function waitingFor(authority: Authority): Condition {
  const undecided = `(parts -> $1::text -> 'verdict' ->> 'attempt')::integer is distinct from attempt`;
  return { where: `verifier = $1::text and status = 'closeOutRequested' and ${undecided}`, parameters: [authority] };
}

export function decidedBy(authority: Authority): Condition {
  return { where: `verifier = $1 and verdict_at <> ''`, parameters: [authority] };
}

export function waitingLine(
  authority: Authority,
  row: LedgerRow,
  line: LedgerLine,
  { revision, actions }: Pick<VerificationLine, 'revision' | 'actions'>,
): VerificationLine {
  const { request } = row.parts.inspection ?? {};
  const received = row.parts[authority]?.received;
  return {
    line,
    attempt: row.attempt,
    requestedAt: request?.at ?? '',
    // Empty for the moment between seeing the request and having taken it in.
    receivedAt: received?.attempt === row.attempt ? received.at : '',
    result: request?.result ?? '',
    revision,
    actions,
  };
}

export function decidedLine(
  authority: Authority,
  row: LedgerRow,
  line: LedgerLine,
): VerificationQueue['decided'][number] {
  const { kind = '', at = '', by = '' } = row.parts[authority]?.verdict ?? {};
  return { line, verdict: kind, at, by };
}
