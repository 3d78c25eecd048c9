// Lights 红黄绿: how near a deadline is. The thresholds are one table, local practice differs (domain.md 1.3).
import { addDays, daysBetween } from '#kernel/working-days';
import type { CivilDate } from '#kernel/working-days';
import type { IssueStatus, Light } from '#contracts/answers';

/** Days left, at most, for a light to show; checked in this order. */
export const thresholds: readonly { readonly light: 'red' | 'yellow' | 'green'; readonly daysLeft: number }[] = [
  { light: 'red', daysLeft: -1 },
  { light: 'yellow', daysLeft: 10 },
  { light: 'green', daysLeft: 20 },
];

export function lightOf(due: CivilDate, today: CivilDate, status: IssueStatus): Light {
  if (status === 'closedOut') return 'closed';
  const left = daysBetween(today, due);
  return thresholds.find(({ daysLeft }) => left <= daysLeft)?.light ?? 'none';
}

/** Due dates that show a light today, both ends included; `from` is empty where there is no earliest date. */
export function dueWithin(
  light: 'red' | 'yellow' | 'green',
  today: CivilDate,
): { from: CivilDate | ''; to: CivilDate } {
  const place = thresholds.findIndex((each) => each.light === light);
  const before = thresholds[place - 1];
  const until = thresholds[place]?.daysLeft ?? 0;
  return { from: before ? addDays(today, before.daysLeft + 1) : '', to: addDays(today, until) };
}
