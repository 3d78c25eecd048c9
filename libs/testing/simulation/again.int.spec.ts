import { check } from './checker/check';
import { keptSeeds } from './seeds';
import { simulate } from './simulation';

describe('a seed', () => {
  it.each(keptSeeds)('$seed gives the same run twice, and nothing is found: $why', async ({ seed }) => {
    const first = await simulate({ seed, traced: true });
    const second = await simulate({ seed, traced: true });
    expect(second.trace).toEqual(first.trace);
    expect(second.hash).toBe(first.hash);
    expect(check(first.run)).toEqual([]);
  });

  it('gives another run than another seed', async () => {
    const [one, two] = [await simulate({ seed: 1, steps: 200 }), await simulate({ seed: 2, steps: 200 })];
    expect(one.hash).not.toBe(two.hash);
  });

  it('leads through about two thousand steps, in which people get something done and all kinds of things go wrong', async () => {
    const { run, steps, trace } = await simulate({ seed: 2, traced: true });
    expect(steps).toBeGreaterThan(2_000);
    expect(run.history.filter(({ kind, asked }) => kind === 'ok' && asked.what === 'append').length).toBeGreaterThan(
      20,
    );
    expect(run.places.flatMap(({ log }) => log.entries).length).toBeGreaterThan(20);
    for (const kind of ['invoke', 'ok', 'fail', 'info']) expect(run.history.map((each) => each.kind)).toContain(kind);
    expect(trace.some((line) => line.includes('dies'))).toBe(true);
  });
});
