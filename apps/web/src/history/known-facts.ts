// Then, now, and why: what an agency knew of an issue at a moment beside what it knows today, with the records that made
// the difference.
import type { KnownFacts, KnownStep } from '#contracts/history';
import { statusWords } from '#contracts/words.zh';
import { lightWords } from '../kit/format';
import { agencyTrackWords, unitTrackWords } from '../kit/labels';

export type FactRow = {
  readonly label: string;
  /** Where the figure comes from, or how it is reckoned. */
  readonly source: string;
  readonly text: (facts: KnownFacts) => string;
  /** What has to change for a record to be a reason, where that is not the text: time alone moves the days left. */
  readonly moved?: (facts: KnownFacts) => string;
};

export const factRows: readonly FactRow[] = [
  { label: '状态', source: '巡视办日志中最近一条改变状态的记录', text: ({ status }) => statusWords[status] },
  {
    label: '单位自报',
    source: '申请销号后为已报完成，退回后恢复',
    text: ({ tracks }) => unitTrackWords[tracks.unit],
  },
  {
    label: '机关核查',
    source: '核查机关日志中对最近一次申请的结论',
    text: ({ tracks }) => agencyTrackWords[tracks.agency],
  },
  { label: '时限', source: '登记的期限；改类、延期、基本完成后以最近一条为准', text: ({ due }) => due },
  {
    label: '距时限',
    source: '时限 − 当天',
    text: ({ light, daysLeft }) => lightWords(light, daysLeft),
    moved: ({ light, due }) => (light === 'closed' ? light : due),
  },
  { label: '责任人', source: '认领记录', text: ({ person }) => (person === '' ? '未认领' : person) },
  { label: '整改措施', source: '“制定整改措施”的条数', text: ({ measures }) => `${measures}条` },
  { label: '佐证', source: '上传的份数 − 撤回的份数', text: ({ evidence }) => `${evidence}份` },
  { label: '申请销号', source: '最近一次申请的次数', text: ({ attempt }) => `${attempt}次` },
  { label: '退回', source: '最近一条退回登记的累计次数', text: ({ returns }) => `${returns}次` },
];

/** Whose moment it is: when a log recorded something, or when this agency knew of it. */
export type Clock = 'recorded' | 'known';

/** The steps in the order of a clock, with its time as `knownAt` and what was so from then on as `facts`. */
export function onClock(steps: readonly KnownStep[], clock: Clock): KnownStep[] {
  if (clock === 'known') return [...steps];
  return [...steps]
    .sort((a, b) => a.nth - b.nth)
    .map(({ facts: _, ...step }) => ({
      ...step,
      knownAt: step.at,
      late: false,
      ...(step.recorded && { facts: step.recorded }),
    }));
}

/** Where a slider may stand: after the last step of each moment. @param steps in the order of a clock */
export function stopsOf(steps: readonly KnownStep[]): number[] {
  return steps.flatMap(({ knownAt }, n) => (steps[n + 1]?.knownAt === knownAt ? [] : [n]));
}

/** Records that a log held at a moment, and this agency did not know of yet. */
export function unknownThen(steps: readonly KnownStep[], moment: string): KnownStep[] {
  return steps.filter(({ at, knownAt }) => at <= moment && knownAt > moment);
}

export type Comparison = {
  readonly row: FactRow;
  readonly then: string;
  readonly now: string;
  /** Records since then that changed it, in the order in which they became known. */
  readonly because: readonly KnownStep[];
};

/** @param chosen number of the step whose moment is looked at; -1 for before the first */
export function compared(steps: readonly KnownStep[], chosen: number, now: KnownFacts): Comparison[] {
  return factRows.map((row) => {
    const at = (n: number, say: FactRow['text']): string => {
      const facts = steps[n]?.facts;
      return facts ? say(facts) : '';
    };
    const moved = row.moved ?? row.text;
    const because = steps.filter((_, n) => n > chosen && at(n, moved) !== at(n - 1, moved));
    return { row, then: at(chosen, row.text), now: row.text(now), because };
  });
}
