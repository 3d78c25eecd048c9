import { civilDateAt, rfc3339 } from './clock';

describe('the civil date of Shanghai', () => {
  it.each([
    ['2026-03-01T15:59:59.999Z', '2026-03-01'],
    ['2026-03-01T16:00:00.000Z', '2026-03-02'],
    ['2026-12-31T16:00:00.000Z', '2027-01-01'],
    ['2028-02-28T20:00:00.000Z', '2028-02-29'],
  ])('at %s is %s', (at, date) => expect(civilDateAt(at)).toBe(date));

  it('comes from times written in UTC with milliseconds', () => {
    expect(rfc3339(0)).toBe('1970-01-01T00:00:00.000Z');
  });
});
