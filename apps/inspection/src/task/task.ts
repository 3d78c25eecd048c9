// My tasks 我的任务: what an issue asks of a role next. It only points at an action; whether that action is open, the
// issue's own rules say.
import type { LedgerLine } from '#contracts/answers';
import type { IssueAction } from '#contracts/api';
import type { Role } from '#contracts/roles';

/** What of an issue's record a task depends on. */
export type Standing = {
  readonly claim?: { readonly signedBy?: unknown };
  readonly statement?: object;
  readonly measureDues: readonly string[];
  readonly evidence: readonly string[];
};

export type Todo = { readonly todo: string; readonly action: IssueAction };

/** In order; the first whose action is open is the task. */
export function todosOf(role: Role, line: LedgerLine, standing: Standing): readonly Todo[] {
  switch (role) {
    case 'orgLiaison':
    case 'taskOwner':
      return workOf(role, line, standing);
    case 'orgSecretary':
      return [
        { todo: '对认领事项签字确认', action: 'signClaim' },
        { todo: '对销号申请签字确认', action: 'signCloseOut' },
      ];
    case 'orgLeader':
      return [{ todo: '审核整改结果并签字', action: 'signCloseOut' }];
    case 'competentDepartment':
      return [{ todo: '对行业性问题的销号申请会签', action: 'signCloseOut' }];
    default:
      return [];
  }
}

function workOf(role: Role, line: LedgerLine, standing: Standing): readonly Todo[] {
  const { claim, statement, measureDues, evidence } = standing;
  if (!claim?.signedBy) {
    // Proposed and not yet signed: it is the secretary's turn.
    const mine = role === 'orgLiaison' && claim === undefined;
    return mine ? [{ todo: '认领问题：确定牵头领导、责任部门和责任人', action: 'proposeClaim' }] : [];
  }
  if (statement) return [];
  if (measureDues.length === 0) return [{ todo: '制定整改措施', action: 'addMeasure' }];
  if (evidence.length === 0) return [{ todo: '上传佐证材料', action: 'attachEvidence' }];
  return [{ todo: requestWords(line), action: 'prepareCloseOut' }];
}

function requestWords({ tracks, returns, status }: LedgerLine): string {
  if (tracks.agency === 'returned') return `已退回${returns}次：按退回理由补充后重新申请销号`;
  return status === 'substantiallyDone' ? '完成剩余任务后再次申请销号' : '整改完成后申请销号';
}
