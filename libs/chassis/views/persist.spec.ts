import { longestPauseMs, persist } from './persist';

/** Pauses between the attempts at a work that goes as told: `true` works for a while, then breaks. */
async function pausesOf(...attempts: readonly boolean[]): Promise<number[]> {
  const pauses: number[] = [];
  const ending = new AbortController();
  let n = 0;
  await persist(
    ending.signal,
    (_error, pauseMs) => void pauses.push(pauseMs),
    async (working) => {
      if (n === attempts.length) return ending.abort();
      if (attempts[n++]) working();
      throw new Error('the connection broke');
    },
  );
  return pauses;
}

describe('a loop that persists', () => {
  it('waits longer each time, and never longer than a second', async () => {
    const pauses = await pausesOf(false, false, false, false, false, false);
    expect(pauses).toEqual([...pauses].sort((a, b) => a - b));
    expect(pauses.at(-1)).toBe(longestPauseMs);
    expect(longestPauseMs).toBeLessThanOrEqual(1_000);
  });

  it('forgets earlier losses as soon as something worked', async () => {
    const [first, second, third, fourth, fifth] = await pausesOf(false, false, true, true, false);
    expect(second).toBeGreaterThan(first!);
    expect([third, fourth]).toEqual([first, first]);
    expect(fifth).toBe(second);
  });
});
