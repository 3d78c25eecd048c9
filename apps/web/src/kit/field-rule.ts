// Form fields are checked by the contract's own schemas, so the page never refuses what the service would take. Only
// the words are ours: zod's English never reaches a clerk.
import type { z } from 'zod';

type Schema = z.ZodType;
type Issue = z.core.$ZodIssue;

/** What is wrong with a field, as an instruction; undefined when it is right. */
export function fieldFault(schema: Schema, label: string, value: unknown): string | undefined {
  const checked = schema.safeParse(value ?? '');
  const issue = checked.error?.issues[0];
  return issue === undefined ? undefined : words(issue, label);
}

function words(issue: Issue, label: string): string {
  switch (issue.code) {
    case 'too_small':
      return issue.origin === 'string' ? `请填写${label}` : `${label}不能小于${issue.minimum}`;
    case 'too_big':
      return issue.origin === 'string' ? `${label}最多${issue.maximum}字，请删减` : `${label}不能大于${issue.maximum}`;
    case 'invalid_format':
    case 'invalid_type':
    case 'invalid_value':
    case 'invalid_union':
    case 'unrecognized_keys':
    case 'not_multiple_of':
    case 'invalid_key':
    case 'invalid_element':
    case 'custom':
      return `请填写${label}`;
  }
}

/** The same check in the form that antd's Form asks for. */
export function fieldRule(
  schema: Schema,
  label: string,
): { validator: (rule: unknown, value: unknown) => Promise<void> } {
  return {
    validator(_rule, value) {
      const fault = fieldFault(schema, label, value);
      return fault === undefined ? Promise.resolve() : Promise.reject(new Error(fault));
    },
  };
}

/** Whether an empty field would be refused: such fields get the star. */
export function isRequired(schema: Schema): boolean {
  return !schema.safeParse('').success;
}
