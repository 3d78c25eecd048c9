// The form of an evaluation scheme 评估方案: what is scored, by whom, out of what, and what follows. Points are whole
// hundredths everywhere, so that three agencies, and an auditor years later, add them up to the same bytes.
import { z } from 'zod';

const agency = z.enum(['commission', 'organization', 'inspection']);
const id = z.string().regex(/^[0-9A-Za-z][0-9A-Za-z.-]{0,19}$/);
const words = (max: number) => z.string().min(1).max(max);
/** Hundredths of a point: 4 points are 400. */
const points = z.number().int().min(-100_000).max(100_000);

/** System figures 系统指标 that a scheme may use; what each counts is said in libs/joint/evaluation/figures. */
export const figure = z.enum([
  'completionRate',
  'immediateRate',
  'timeliness',
  'returns',
  'overdue',
  'extensions',
  'evidence',
  'rebound',
]);
export type Figure = z.infer<typeof figure>;

/** Groups of a satisfaction vote: staff, served persons, the stationed group, leaders. */
export const voteGroup = z.enum(['staff', 'served', 'stationedGroup', 'leaders']);
export type VoteGroup = z.infer<typeof voteGroup>;

const source = z.discriminatedUnion('kind', [
  /** `share`: the figure's share of the maximum; `each`: so many points for each case, from the start. */
  z.object({ kind: z.literal('figure'), figure, count: z.enum(['share', 'each']), each: points }),
  /** Scored on the sheet of each of these agencies; the mean counts. */
  z.object({ kind: z.literal('sheet'), by: z.array(agency).min(1).max(3) }),
  z.object({ kind: z.literal('vote'), groups: z.array(voteGroup).min(1).max(4) }),
]);

const indicator = z.object({
  id,
  name: words(200),
  /** The lowest and the highest number of points it can bring. */
  min: points,
  max: points,
  /** Where counting begins: deductions from the highest, additions from nothing. */
  start: z.enum(['max', 'zero']),
  /** How points are given or taken, in words, as the scorer reads it. */
  rule: words(500),
  source,
  /** Asked only of organisations that were visited 实地. */
  onSite: z.boolean(),
});
export type Indicator = z.infer<typeof indicator>;

export type SchemeNode = Indicator | SchemeGroup;
export type SchemeGroup = { readonly id: string; readonly name: string; readonly children: readonly SchemeNode[] };
const group: z.ZodType<SchemeGroup> = z.lazy(() =>
  z.object({
    id,
    name: words(200),
    children: z
      .array(z.union([indicator, group]))
      .min(1)
      .max(60),
  }),
);

export const scheme = z.object({
  schemeId: z.string().min(1).max(64),
  version: z.number().int().min(1),
  name: words(80),
  /** The document that the scheme follows. */
  source: words(200),
  total: points,
  /** Scores on sheets are multiples of this. */
  step: z.number().int().min(1).max(1000),
  tree: z.array(group).min(1).max(20),
  vetoes: z.array(z.object({ id, name: words(200), effect: z.object({ total: points }) })).max(10),
  /** Points at discretion 酌情分, agreed in a consultation; both 0 where there are none. */
  discretion: z.object({ min: points, max: points }),
  /** Grades from the best down; each counts from its points on. The last one begins where points can begin. */
  bands: z
    .array(z.object({ grade: words(20), from: points }))
    .min(2)
    .max(6),
  /** Where several agencies score one indicator: beyond so many percent of its range they consult. */
  gapPercent: z.number().int().min(1).max(100),
  vote: z.object({
    /** Fewest votes that count, over all groups of an organisation. */
    minimum: z.number().int().min(1).max(100_000),
    /** Worth of each answer in percent, from 满意 down; 不了解 is counted and not weighed. */
    weights: z.object({ satisfied: pct(), fairly: pct(), average: pct(), dissatisfied: pct() }),
  }),
});
export type Scheme = z.infer<typeof scheme>;

function pct() {
  return z.number().int().min(0).max(100);
}
