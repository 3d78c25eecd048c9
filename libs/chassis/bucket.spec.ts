import { Buckets } from './bucket';

describe('a token bucket', () => {
  it('gives so many at once, then says after how many seconds there is one again', () => {
    let now = 0;
    const buckets = new Buckets(5, 60_000, () => now);
    for (let n = 0; n < 5; n += 1) expect(buckets.take('a')).toBe(0);
    expect(buckets.take('a')).toBe(12);
    now += 11_999;
    expect(buckets.take('a')).toBe(1);
    now += 1;
    expect(buckets.take('a')).toBe(0);
    expect(buckets.take('a')).toBe(12);
  });

  it('keeps names apart and never holds more than its capacity', () => {
    let now = 0;
    const buckets = new Buckets(2, 1_000, () => now);
    buckets.take('a');
    expect(buckets.take('b')).toBe(0);
    now += 1_000_000;
    expect([buckets.take('a'), buckets.take('a'), buckets.take('a')]).toEqual([0, 0, 1]);
  });

  it('does not give more when the clock goes back', () => {
    let now = 10_000;
    const buckets = new Buckets(1, 1_000, () => now);
    expect(buckets.take('a')).toBe(0);
    now = 0;
    expect(buckets.take('a')).toBe(1);
  });

  it('forgets names that have filled up again, so that a crowd of names takes no memory', () => {
    let now = 0;
    const buckets = new Buckets(1, 1_000, () => now);
    for (let n = 0; n <= 10_001; n += 1) buckets.take(`name ${n}`);
    now = 2_000;
    buckets.take('last');
    expect((buckets as unknown as { levels: Map<string, unknown> }).levels.size).toBe(1);
  });
});
