// What comes from outside is parsed before anybody uses it. A refusal lists every field at once, in Chinese, so that
// the form can show each fault where it stands.
import type { z } from 'zod';
import { Refused } from '#kernel/decider';

export type FieldFault = { readonly path: string; readonly message: string };

export class FieldFaults extends Refused {
  constructor(readonly fields: readonly FieldFault[]) {
    super('input.fields', { count: fields.length });
  }
}

/** @throws FieldFaults */
export function parsed<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const result = schema.safeParse(value, { reportInput: true });
  if (result.success) return result.data;
  throw new FieldFaults(
    result.error.issues.map((issue) => ({ path: issue.path.map(String).join('.'), message: said(issue) })),
  );
}

function said(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return issue.input === undefined ? '必须填写' : '内容的类型不对';
    case 'too_small':
      if (issue.origin === 'string') return Number(issue.minimum) <= 1 ? '不能为空' : `至少${issue.minimum}个字`;
      return issue.origin === 'array' ? `至少${issue.minimum}项` : `不能小于${issue.minimum}`;
    case 'too_big':
      if (issue.origin === 'string') return `不能超过${issue.maximum}个字`;
      return issue.origin === 'array' ? `不能超过${issue.maximum}项` : `不能大于${issue.maximum}`;
    case 'invalid_value':
      return '请从给出的选项中选择';
    case 'unrecognized_keys':
      return `含有不认识的内容：${issue.keys.slice(0, 5).join('、').slice(0, 100)}`;
    case 'invalid_format':
      return '格式不对';
    default:
      return '不符合要求';
  }
}
