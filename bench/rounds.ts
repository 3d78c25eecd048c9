// Peers are compared within one run: round by round, each round in another order, and by the median. A busy machine
// moves all of them together, so a ratio stays when figures do not.

export type Contender<Measured> = { readonly name: string; readonly measure: () => Promise<Measured> };

/** Every contender once a round; the order turns, so that nobody always comes first. */
export async function interleaved<Measured>(
  count: number,
  contenders: readonly Contender<Measured>[],
): Promise<Map<string, Measured[]>> {
  const results = new Map<string, Measured[]>(contenders.map(({ name }) => [name, []]));
  for (let round = 0; round < count; round++) {
    for (let n = 0; n < contenders.length; n++) {
      const { name, measure } = contenders[(n + round) % contenders.length] as Contender<Measured>;
      results.get(name)?.push(await measure());
    }
  }
  return results;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const [low, high] = [sorted[Math.floor((sorted.length - 1) / 2)], sorted[Math.floor(sorted.length / 2)]];
  return ((low ?? NaN) + (high ?? NaN)) / 2;
}

/** Median of one by median of the other, two decimals. */
export function ratio(of: readonly number[], to: readonly number[]): number {
  return round(median(of) / median(to), 2);
}

export function round(value: number, decimals = 0): number {
  const factor = 10 ** decimals;
  return Math.round(value * factor) / factor;
}

/** A goal beside what was measured, so that nobody has to look it up. */
export function against(goal: number, measured: number, better: 'higher' | 'lower' = 'higher'): object {
  return { measured, goal, holds: better === 'higher' ? measured >= goal : measured <= goal };
}

export async function timed(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return (performance.now() - started) / 1000;
}
