// Rule sets that a round can be bound to. A round copies its set when it opens: later changes never move old deadlines
// (contexts.md I6). Terms differ by year and place, so they are data with a source, never constants in a decider.
import type { RuleSet } from './events';

export const ruleSets: readonly RuleSet[] = [
  {
    id: 'regulation-2024',
    version: 1,
    name: '六个月集中整改',
    source: '中国共产党巡视工作条例（2024年修订）；集中整改期一般为6个月',
    terms: { claim: { workingDays: 5 }, plan: { months: 1 }, rectify: { months: 6 }, immediate: { months: 1 } },
  },
  {
    id: 'three-months',
    version: 1,
    name: '三个月集中整改',
    source: '地方执行口径：整改方案10个工作日，集中整改期3个月',
    terms: {
      claim: { workingDays: 5 },
      plan: { workingDays: 10 },
      rectify: { months: 3 },
      immediate: { workingDays: 10 },
    },
  },
  {
    id: 'regulation-2015',
    version: 1,
    name: '两个月集中整改',
    source: '中国共产党巡视工作条例（2015年）第二十七条：2个月内报送整改情况',
    terms: {
      claim: { workingDays: 5 },
      plan: { workingDays: 10 },
      rectify: { months: 2 },
      immediate: { workingDays: 10 },
    },
  },
];

export function ruleSetById(id: string): RuleSet | undefined {
  return ruleSets.find((set) => set.id === id);
}
