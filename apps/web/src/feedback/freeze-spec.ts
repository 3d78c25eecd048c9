import type { FeedbackPage } from '#contracts/answers';
import { freezeFeedback } from '#contracts/api';
import { z } from 'zod';
import type { FormSpec } from '../kit/form-drawer';

/** Freezing asks for the reason exactly when the text declares another number of issues than is registered. */
export function freezeSpec({ declaredIssues }: FeedbackPage, count: number): FormSpec {
  const differs = declaredIssues !== undefined && declaredIssues !== count;
  return {
    name: 'freezeFeedback',
    title: '冻结并登记',
    submit: '冻结并登记',
    done: '已冻结，问题正在登记。',
    schema: differs ? z.strictObject({ difference: freezeFeedback.shape.difference.min(1) }) : freezeFeedback,
    explanation: differs
      ? `原文声明${declaredIssues}条，将登记${count}条，请写明差异原因。冻结后原文和问题不能再修改。`
      : `将登记${count}条问题。冻结后原文和问题不能再修改。`,
    fields: [{ name: 'difference', label: differs ? '差异原因' : '说明', kind: 'words' }],
  };
}
