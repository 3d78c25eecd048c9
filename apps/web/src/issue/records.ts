// Which record of the time line something on the page was told by: so that a badge stands where people read, and not only
// in the time line.
import type { IssuePage, TimelineEntry } from '#contracts/answers';
import type { WitnessStatus } from '#contracts/witnesses';

type Entries = readonly Pick<TimelineEntry, 'type' | 'at' | 'agency' | 'witness'>[];

/** By kind and recorded time, of the agency's own log; undefined for what is not published, such as a first draft. */
export function witnessAt(entries: Entries, type: string, at: string): WitnessStatus | undefined {
  return entries.find((entry) => entry.type === type && entry.at === at)?.witness;
}

/** Of each measure, in their order: measures are added one by one and never taken away. */
export function measureWitnesses({ timeline, measures }: Pick<IssuePage, 'timeline' | 'measures'>): WitnessStatus[] {
  const added = timeline.filter(({ type }) => type === 'inspection.measure-added.v1');
  return added.length === measures.length ? added.map(({ witness }) => witness) : [];
}

const verdictTypes = {
  accepted: 'close-out-accepted',
  substantiallyDone: 'close-out-accepted-as-substantially-done',
  returned: 'close-out-returned',
} as const;

/** Of the competent agency's own word, not of what the office recorded after it. */
export function verdictWitness({
  timeline,
  closeOut,
}: Pick<IssuePage, 'timeline' | 'closeOut'>): WitnessStatus | undefined {
  const verdict = closeOut?.verdict;
  return verdict && witnessAt(timeline, `${verdict.agency}.${verdictTypes[verdict.kind]}.v1`, verdict.at);
}
