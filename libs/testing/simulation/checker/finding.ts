// What a check says: which rule does not hold, in one sentence, and the shortest thing that shows it.
import type { Place, Run } from '../history';

/** C1 to C9 of the checker, and I7: all hold the same (docs/guide/simulation.md). */
export type RuleName = 'C1' | 'C2' | 'C3' | 'C4' | 'C5' | 'C6' | 'C7' | 'C8' | 'C9' | 'I7';

export type Finding = { readonly rule: RuleName; readonly sentence: string; readonly witness: string };

export type Check = (run: Run) => readonly Finding[];

export function placeOf(run: Run, origin: string): Place {
  const place = run.places.find((each) => each.origin === origin);
  if (!place) throw new Error(`no place is told of the log ${origin}`);
  return place;
}

export function by<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  }
  return groups;
}
