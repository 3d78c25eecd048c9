// Time limits of an issue, computed once from the rule set bound to its round and then stored (contexts.md I6).
import type { Calendar, CivilDate } from '#kernel/working-days';
import { addMonths, addWorkingDays } from '#kernel/working-days';
import type { RuleSet } from '#contracts/events';

export type Term = RuleSet['terms']['claim'];
export type Deadlines = {
  readonly claim: CivilDate;
  readonly plan: CivilDate;
  /** 限期整改 and the first result of 长期坚持. */
  readonly rectify: CivilDate;
  /** 立行立改. */
  readonly immediate: CivilDate;
};

/** @throws Refused `calendar.yearUnknown` when a term in working days reaches a year without a decree */
export function deadlinesOf(ruleSet: RuleSet, feedbackDate: CivilDate, calendar: Calendar): Deadlines {
  const { claim, plan, rectify, immediate } = ruleSet.terms;
  return {
    claim: end(claim, feedbackDate, calendar),
    plan: end(plan, feedbackDate, calendar),
    rectify: end(rectify, feedbackDate, calendar),
    immediate: end(immediate, feedbackDate, calendar),
  };
}

function end(term: Term, from: CivilDate, calendar: Calendar): CivilDate {
  return 'months' in term ? addMonths(from, term.months) : addWorkingDays(from, term.workingDays, calendar);
}
