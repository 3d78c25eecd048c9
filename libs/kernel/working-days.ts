// Time limits of the regulations count working days, and which days are worked is decreed year by year: weekends are
// moved and some Sundays are worked. A year without a decree has no answer, so it is refused, never guessed.
import { Refused } from './decider';

/** One year's decree: holidays as `MM-DD` or `MM-DD/MM-DD` (both ends off), and the weekend days that are worked. */
export type DecreedYear = {
  /** Number of the notice. */
  readonly source: string;
  readonly off: readonly string[];
  readonly worked: readonly string[];
};

/** Decreed years by number. */
export type Calendar = { readonly [year: number]: DecreedYear };

/** A civil date, `YYYY-MM-DD`, without time or zone. */
export type CivilDate = string;

const dayLength = 86_400_000;

/** @throws Refused `calendar.yearUnknown` when the calendar has no decree for the date's year */
export function isWorkingDay(date: CivilDate, calendar: Calendar): boolean {
  const year = Number(date.slice(0, 4));
  const decreed = calendar[year];
  if (!decreed) throw new Refused('calendar.yearUnknown', { year });
  const day = date.slice(5);
  if (decreed.worked.includes(day)) return true;
  if (decreed.off.some((span) => within(day, span))) return false;
  const weekday = new Date(timeOf(date)).getUTCDay();
  return weekday !== 0 && weekday !== 6;
}

/**
 * The n-th working day after a date; the date itself does not count (the term runs from the next day).
 * @throws Refused `calendar.yearUnknown` when counting runs into a year without a decree
 */
export function addWorkingDays(date: CivilDate, n: number, calendar: Calendar): CivilDate {
  if (!Number.isInteger(n) || n < 0) throw new RangeError(`${n} is not a number of working days`);
  let day = date;
  for (let left = n; left > 0;) {
    day = addDays(day, 1);
    if (isWorkingDay(day, calendar)) left -= 1;
  }
  return day;
}

/** The same day n months later; where that month is too short, its last day (31 January + 1 month = 28 February). */
export function addMonths(date: CivilDate, n: number): CivilDate {
  const [year, month, day] = partsOf(date);
  const lastDay = new Date(Date.UTC(year, month + n, 0)).getUTCDate();
  return dateOf(Date.UTC(year, month - 1 + n, Math.min(day, lastDay)));
}

/** So many calendar days later, or earlier when n is negative. */
export function addDays(date: CivilDate, n: number): CivilDate {
  return dateOf(timeOf(date) + n * dayLength);
}

/** Calendar days from one date to another; negative when the other is earlier. */
export function daysBetween(from: CivilDate, to: CivilDate): number {
  return Math.round((timeOf(to) - timeOf(from)) / dayLength);
}

/** Whether the text names a day that exists: 2025-02-30 does not. */
export function isCivilDate(text: string): boolean {
  return /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(text)) && dateOf(timeOf(text)) === text;
}

function within(day: string, span: string): boolean {
  const [first = '', last = first] = span.split('/');
  return first <= day && day <= last;
}

function partsOf(date: CivilDate): [year: number, month: number, day: number] {
  return [Number(date.slice(0, 4)), Number(date.slice(5, 7)), Number(date.slice(8, 10))];
}

function timeOf(date: CivilDate): number {
  const [year, month, day] = partsOf(date);
  return Date.UTC(year, month - 1, day);
}

function dateOf(time: number): CivilDate {
  return new Date(time).toISOString().slice(0, 10);
}
