import { ClockSkews, mostSkewSeconds, skewSeconds } from './skew';

const at = 1_767_139_200_000;
const seconds = at / 1000;
const organization = { name: 'organization', agency: 'organization' } as const;

describe('the difference of clocks', () => {
  it.each([
    ['is none within the time that the answer took', 0, 3_000, 0],
    ['is none in the second that has begun before it', 0, 0, 0],
    ['is what it is ahead of the answer', 400, 1_000, 399],
    ['is what it lies behind the question', -400, 1_000, -399],
  ])('%s', (_what, ahead, took, expected) => {
    expect(skewSeconds(seconds + ahead, at, at + took)).toBe(expected);
  });

  it('counts an own clock that was set back meanwhile in the witness’s favour', () => {
    expect(skewSeconds(seconds, at, at - 3_600_000)).toBe(0);
  });

  it('is told beyond five minutes, either way, and no more once it is gone', () => {
    const skews = new ClockSkews();
    const seen = (ahead: number) => {
      skews.observe(organization, BigInt(seconds + ahead), at, at);
      return skews.large();
    };
    expect(seen(mostSkewSeconds)).toEqual([]);
    expect(seen(mostSkewSeconds + 1)).toEqual([{ ...organization, seconds: 301 }]);
    expect(seen(-3 * 86_400)).toEqual([{ ...organization, seconds: -3 * 86_400 + 1 }]);
    expect(seen(0)).toEqual([]);
  });
});
