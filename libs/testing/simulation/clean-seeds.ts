// Runs of the product as it is: any finding is a fault of it, or of the simulation, and is told with what shows it again.
import { check } from './checker/check';
import { simulate } from './simulation';

/** @returns a sentence for each seed with a finding; none, when all is well */
export async function complaintsOf(seeds: Iterable<number>): Promise<string[]> {
  const complaints: string[] = [];
  for (const seed of seeds) {
    const { run } = await simulate({ seed });
    const [first] = check(run);
    if (first) complaints.push(`npm run simulate -- --from ${seed} --seeds 1: ${first.rule} ${first.sentence}`);
  }
  return complaints;
}

export function* seedsFrom(first: number, count: number): Generator<number> {
  for (let seed = first; seed < first + count; seed++) yield seed;
}
