import fc from 'fast-check';
import { Refused } from './decider';
import { holidays } from './holidays';
import { addDays, addMonths, addWorkingDays, daysBetween, isCivilDate, isWorkingDay } from './working-days';

const known = { first: '2021-01-01', last: '2026-12-31' };
const span = daysBetween(known.first, known.last);
const anyDate = fc.integer({ min: 0, max: span }).map((day) => addDays(known.first, day));
const earlyDate = fc.integer({ min: 0, max: span - 200 }).map((day) => addDays(known.first, day));

function workingDaysOf(year: number): number {
  let count = 0;
  for (let day = `${year}-01-01`; day.startsWith(`${year}`); day = addDays(day, 1)) {
    if (isWorkingDay(day, holidays)) count += 1;
  }
  return count;
}

describe('the decreed calendar', () => {
  it.each([
    [2021, 250],
    [2022, 249],
    [2023, 249],
    [2024, 251],
    [2025, 248],
    [2026, 248],
  ])('has in %i exactly %i working days', (year, count) => expect(workingDaysOf(year)).toBe(count));

  it('works on the make-up days of 2026', () => {
    const madeUp = ['2026-01-04', '2026-02-14', '2026-02-28', '2026-05-09', '2026-09-20', '2026-10-10'];
    expect(madeUp.filter((day) => !isWorkingDay(day, holidays))).toEqual([]);
  });

  it('moves only weekend days and names only days that exist', () => {
    for (const [year, { off, worked }] of Object.entries(holidays)) {
      for (const day of [...off.flatMap((days) => days.split('/')), ...worked]) {
        expect(isCivilDate(`${year}-${day}`)).toBe(true);
      }
      for (const day of worked) expect([0, 6]).toContain(new Date(`${year}-${day}`).getUTCDay());
    }
  });

  it('rests at Spring Festival 2025 and on the National Day', () => {
    expect(isWorkingDay('2025-02-04', holidays)).toBe(false);
    expect(isWorkingDay('2025-02-05', holidays)).toBe(true);
    expect(isWorkingDay('2025-10-08', holidays)).toBe(false);
  });
});

describe('a term in working days', () => {
  it('starts on the day after', () => expect(addWorkingDays('2025-03-03', 1, holidays)).toBe('2025-03-04'));
  it('passes over a long holiday and counts the make-up day', () => {
    expect(addWorkingDays('2025-09-30', 2, holidays)).toBe('2025-10-10');
    expect(addWorkingDays('2025-09-30', 3, holidays)).toBe('2025-10-11');
  });
  it('of no days ends the same day', () => expect(addWorkingDays('2025-10-04', 0, holidays)).toBe('2025-10-04'));

  it('is refused when it reaches a year without a decree', () => {
    const ask = () => addWorkingDays('2026-12-30', 5, holidays);
    expect(ask).toThrow(new Refused('calendar.yearUnknown'));
    expect(catching(ask).details).toEqual({ year: 2027 });
    expect(() => isWorkingDay('2014-05-05', holidays)).toThrow(Refused);
  });

  it('always ends on a working day, with exactly n working days between', () => {
    fc.assert(
      fc.property(earlyDate, fc.integer({ min: 1, max: 90 }), (date, n) => {
        const end = addWorkingDays(date, n, holidays);
        expect(isWorkingDay(end, holidays)).toBe(true);
        let counted = 0;
        for (let day = addDays(date, 1); day <= end; day = addDays(day, 1)) {
          if (isWorkingDay(day, holidays)) counted += 1;
        }
        expect(counted).toBe(n);
      }),
    );
  });

  it('may be taken in two parts', () => {
    const part = fc.integer({ min: 0, max: 45 });
    fc.assert(
      fc.property(earlyDate, part, part, (date, a, b) => {
        const twice = addWorkingDays(addWorkingDays(date, a, holidays), b, holidays);
        expect(twice).toBe(addWorkingDays(date, a + b, holidays));
      }),
    );
  });
});

describe('a term in months', () => {
  it.each([
    ['2025-01-31', 1, '2025-02-28'],
    ['2024-01-31', 1, '2024-02-29'],
    ['2025-08-31', 6, '2026-02-28'],
    ['2025-11-15', 2, '2026-01-15'],
    ['2025-10-31', 1, '2025-11-30'],
  ])('%s and %i months is %s', (date, n, end) => expect(addMonths(date, n)).toBe(end));

  it('keeps the day, or takes the last one of a shorter month', () => {
    fc.assert(
      fc.property(anyDate, fc.integer({ min: 1, max: 24 }), (date, n) => {
        const end = addMonths(date, n);
        const months = (day: string) => Number(day.slice(0, 4)) * 12 + Number(day.slice(5, 7));
        expect(months(end) - months(date)).toBe(n);
        if (end.slice(8) !== date.slice(8)) expect(addDays(end, 1).slice(8)).toBe('01');
      }),
    );
  });
});

it('a day that does not exist is no civil date', () => {
  expect(['2025-02-30', '202442日', '2025-13-01', '2025-1-1'].filter(isCivilDate)).toEqual([]);
  expect(isCivilDate('2024-02-29')).toBe(true);
});

function catching(ask: () => unknown): Refused {
  try {
    ask();
  } catch (error) {
    if (error instanceof Refused) return error;
  }
  throw new Error('nothing was refused');
}
