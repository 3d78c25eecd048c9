import type { RuleSet } from '#contracts/events';

/** `6个月` or `10个工作日`. */
export function termWords(term: RuleSet['terms']['claim']): string {
  return 'months' in term ? `${term.months}个月` : `${term.workingDays}个工作日`;
}
