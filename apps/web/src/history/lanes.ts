// The swim lanes' figures: who had seen how much of the others when recording something, out of what the browser has proven.
import type { Agency } from '#kernel/envelope';
import type { IssueHistory, KnownStep } from '#contracts/history';
import type { CheckedLog } from './check';

/** What the author of a record had seen of another log: so many entries, and of this issue the last of them. */
export type Sight = { readonly size: number; readonly last?: KnownStep };
export type LaneRow = {
  readonly step: KnownStep;
  readonly sights: Readonly<Partial<Record<Agency, Sight>>>;
  /** Record that this one was made because of; of this issue. */
  readonly cause?: KnownStep;
  /** What stands here was proven by the browser. */
  readonly proven: boolean;
};

/** In the order of recording. */
export function laneRows(
  { steps, agencies }: Pick<IssueHistory, 'steps' | 'agencies'>,
  logs: readonly CheckedLog[],
): LaneRow[] {
  const ordered = [...steps].sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
  const at = (origin: string, index: number) => steps.find((each) => each.origin === origin && each.index === index);
  return ordered.map((step) => {
    const entry = logs.find(({ origin }) => origin === step.origin)?.entries.find(({ index }) => index === step.index);
    if (!entry) return { step, sights: {}, proven: false };
    const sights = Object.entries(entry.seen).flatMap(([origin, size]): [Agency, Sight][] => {
      const agency = agencies[origin];
      if (agency === undefined || agency === step.agency) return [];
      const last = lastBelow(steps, origin, size);
      return [[agency, { size, ...(last && { last }) }]];
    });
    const cause = entry.cause && at(entry.cause.origin, entry.cause.index);
    return { step, sights: Object.fromEntries(sights), proven: true, ...(cause && { cause }) };
  });
}

function lastBelow(steps: readonly KnownStep[], origin: string, size: number): KnownStep | undefined {
  const seen = steps.filter((each) => each.origin === origin && each.index !== undefined && each.index < size);
  return seen.reduce<KnownStep | undefined>(
    (last, each) => ((last?.index ?? -1) < each.index! ? each : last),
    undefined,
  );
}

/** Of a record's row on the page, for links to it. */
export function recordId(eventId: string): string {
  return `record-${eventId}`;
}
