// The result 综合评定 of one organisation, a function of what was opened, counted and agreed: three agencies, and whoever comes
// later, reckon it from the same facts and must come to the same bytes.
import type { Agency } from '#kernel/envelope';
import { agencies } from '#kernel/envelope';
import type { Figure, Indicator, Scheme, VoteGroup } from '#contracts/evaluation';
import { digestOf } from './digest';
import { mean, share, within } from './points';
import { indicatorsOf } from './scheme';
import type { Sheet } from './sheet';

/** Answers of one group; `unknown` 不了解 is counted and not weighed. */
export type Votes = Readonly<Record<'satisfied' | 'fairly' | 'average' | 'dissatisfied' | 'unknown', number>>;

export type UnitFacts = {
  readonly unitId: string;
  readonly onSite: boolean;
  /** Sheets that count; an agency that was left out has none. */
  readonly sheets: { readonly [agency in Agency]?: Sheet };
  /** So many of so many, or so many cases (then `of` is not read). */
  readonly figures: { readonly [figure in Figure]?: { readonly count: number; readonly of: number } };
  readonly votes: { readonly [group in VoteGroup]?: Votes };
  /** Agreed in a consultation instead of what the sheets say. */
  readonly agreed: { readonly [indicator: string]: { readonly points: number; readonly reason: string } };
  readonly vetoes: readonly string[];
  readonly discretion?: { readonly points: number; readonly reason: string };
};

/** Why an indicator brings no points and is left out of the sum that is scaled. */
export type Missing = 'notOnSite' | 'noSheet' | 'noFigure' | 'tooFewVotes';

export type IndicatorResult = {
  readonly id: string;
  readonly points?: number;
  readonly missing?: Missing;
  /** What each agency gave. */
  readonly given?: { readonly [agency in Agency]?: number };
  /** The sheets are further apart than the scheme allows: a consultation is due, or has agreed. */
  readonly gap?: 'open' | 'agreed';
};

export type UnitResult = {
  readonly unitId: string;
  readonly indicators: readonly IndicatorResult[];
  /** Sum of what was scored, and the most that this could have been. */
  readonly sum: number;
  readonly outOf: number;
  /** Scaled to the total, with discretion and vetoes. Absent while a consultation is due, or nothing was scored. */
  readonly points?: number;
  readonly grade?: string;
};

export function resultOf(scheme: Scheme, facts: UnitFacts): UnitResult {
  const indicators = indicatorsOf(scheme);
  const results = indicators.map((indicator) => scored(scheme, indicator, facts));
  const counted = indicators.filter((_, at) => results[at]!.points !== undefined);
  const sum = results.reduce((all, { points = 0 }) => all + points, 0);
  const outOf = counted.reduce((all, { max }) => all + max, 0);
  const { unitId } = facts;
  const result = { unitId, indicators: results, sum, outOf };
  if (outOf <= 0 || results.some(({ gap }) => gap === 'open')) return result;
  const points = withVetoes(scheme, facts, share(sum, scheme.total, outOf) + discretionOf(scheme, facts));
  const grade = scheme.bands.find(({ from }) => points >= from)?.grade;
  return { ...result, points, ...(grade !== undefined && { grade }) };
}

/** What each agency publishes: equal digests are equal results. Units in the order of their ids. */
export function resultDigest(evaluationId: string, scheme: Scheme, results: readonly UnitResult[]): string {
  const units = [...results].sort((a, b) => (a.unitId < b.unitId ? -1 : 1));
  return digestOf('result', { evaluationId, scheme, units });
}

function scored(scheme: Scheme, indicator: Indicator, facts: UnitFacts): IndicatorResult {
  const { id, source } = indicator;
  if (indicator.onSite && !facts.onSite) return { id, missing: 'notOnSite' };
  switch (source.kind) {
    case 'sheet':
      return bySheets(scheme, indicator, source.by, facts);
    case 'figure': {
      const found = facts.figures[source.figure];
      if (!found || (source.count === 'share' && found.of === 0)) return { id, missing: 'noFigure' };
      const { min, max, start } = indicator;
      const points =
        source.count === 'share'
          ? share(max, found.count, found.of)
          : (start === 'max' ? max : 0) + source.each * found.count;
      return { id, points: within(points, min, max) };
    }
    case 'vote':
      return byVotes(scheme, indicator, source.groups, facts);
  }
}

function bySheets(
  { gapPercent }: Scheme,
  { id, min, max }: Indicator,
  by: readonly Agency[],
  { sheets, agreed }: UnitFacts,
): IndicatorResult {
  const given: { [agency in Agency]?: number } = {};
  for (const agency of agencies) {
    const points = by.includes(agency) ? sheets[agency]?.[id]?.points : undefined;
    if (points !== undefined) given[agency] = points;
  }
  const scores = Object.values(given);
  if (scores.length === 0) return { id, missing: 'noSheet' };
  const apart = (Math.max(...scores) - Math.min(...scores)) * 100 > gapPercent * (max - min);
  const { [id]: agreement } = agreed;
  const gap = apart && { gap: agreement ? ('agreed' as const) : ('open' as const) };
  return { id, points: agreement ? agreement.points : mean(scores), given, ...gap };
}

/** 满意度 = (answers × their worth) / answers that are weighed, of the indicator's maximum. */
function byVotes(
  { vote: { minimum, weights } }: Scheme,
  { id, max }: Indicator,
  groups: readonly VoteGroup[],
  { votes }: UnitFacts,
): IndicatorResult {
  const all = groups.flatMap((group) => votes[group] ?? []);
  const count = (answer: keyof Votes): number => all.reduce((sum, each) => sum + each[answer], 0);
  const answers = ['satisfied', 'fairly', 'average', 'dissatisfied'] as const;
  const weighed = answers.reduce((sum, answer) => sum + count(answer), 0);
  if (weighed === 0 || weighed + count('unknown') < minimum) return { id, missing: 'tooFewVotes' };
  const worth = answers.reduce((sum, answer) => sum + count(answer) * weights[answer], 0);
  return { id, points: share(max, worth, weighed * 100) };
}

function discretionOf({ discretion: { min, max } }: Scheme, { discretion }: UnitFacts): number {
  return discretion ? within(discretion.points, min, max) : 0;
}

/** The gravest of the confirmed vetoes 一票否决 caps the points. */
function withVetoes({ vetoes }: Scheme, facts: UnitFacts, points: number): number {
  const caps = vetoes.filter(({ id }) => facts.vetoes.includes(id)).map(({ effect }) => effect.total);
  return Math.min(points, ...caps);
}
