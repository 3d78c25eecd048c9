// The figures a text claims about itself, read by a table of patterns. Only what is printed is taken: no figure is
// computed, and the text of the issues themselves is not searched, since counts there are about one measure.

import type { Span } from './issue-title';
import { figure, readFigure } from './numeral';

export type Declared = Record<string, number | string>;

interface Rule {
  key: string;
  /** Patterns in order of trust; the first that matches anywhere wins. */
  patterns: RegExp[];
}

const many = '(?:余)?';
function patterns(...sources: string[]): RegExp[] {
  return sources.map((source) => new RegExp(source.replaceAll('#', `(${figure})${many}`), 'g'));
}

const gap = (most: number): string => `[^,。;:\\n\\d]{0,${most}}?`;
const notPartly = '(?<!阶段性|基本|未|尚未|取得阶段性|部分)';
const one = '(?:个|条|项)';

const rules: readonly Rule[] = [
  {
    key: 'issues_villages',
    patterns: patterns(`(?<!贫困)(?:村|社区)(?:级)?党组织(?:共)?(?:存在|查找|发现)(?:的)?#${one}(?:具体)?问题`),
  },
  {
    key: 'issues_poor_villages',
    patterns: patterns(`贫困村(?:党组织)?(?:共)?(?:存在|查找|发现)(?:的)?#${one}(?:具体)?问题`),
  },
  {
    key: 'areas',
    patterns: patterns(
      `#(?:个|大|类)?方面(?:的|共|,|存在的|存在|、)?(?:${figure}${one})?(?:具体|突出|主要|共性)?问题`,
      '(?:表现|体现|反映|集中)在(?:以下)?#个方面',
    ),
  },
  {
    key: 'issues',
    patterns: patterns(
      `方面(?:的|共|共计|存在的|存在|,|、)?#${one}(?:具体|突出|主要)?(?:问题|意见)`,
      `(?:反馈|指出|提出|查找)(?:了|的|出|意见|存在)?${gap(10)}#${one}(?:具体|突出|主要)?问题(?!线索)`,
      `(?:反馈|发现|指出|查找|梳理)(?:的|了|出)?(?:各类|具体|主要|突出)*问题(?:共|共计|总数|清单)?#${one}`,
      `反馈意见(?:的)?(?:共|共计)?#${one}(?:具体)?问题`,
    ),
  },
  {
    key: 'done',
    patterns: patterns(
      `${notPartly}(?:完成整改|整改完成|整改到位|整改销号|完成销号|已销号|已整改|已完成)(?:的)?(?:问题)?#${one}`,
      `其中#${one}(?:问题)?(?:已|均已|已经)(?:全部)?(?:完成|整改)`,
      `#${one}(?:问题)?(?:已|均已|已经)(?:全部)?(?:完成整改|整改完成|整改到位|销号)`,
    ),
  },
  {
    key: 'partially_done',
    patterns: patterns(
      `(?:阶段性完成|基本完成|部分完成|基本整改到位|取得阶段性(?:成果|成效|进展))${gap(20)}#${one}`,
      `#${one}(?:问题)?(?:已)?(?:阶段性完成|基本完成|取得阶段性(?:成果|成效|进展))`,
    ),
  },
  {
    key: 'not_done',
    patterns: patterns(
      `(?:未完成|尚未完成|未整改到位)(?:整改)?(?:的)?(?:问题)?#${one}`,
      `#${one}(?:问题)?(?:尚未|未)(?:完成|整改到位)`,
    ),
  },
  {
    key: 'immediate_issues',
    patterns: patterns(
      `#${one}立行立改(?:的)?(?:问题|事项)`,
      `立行立改(?:的)?(?:问题|事项)#${one}`,
      `立行立改#${one}(?:问题|事项)`,
    ),
  },
  {
    key: 'petitions',
    patterns: patterns(`#件(?:次)?信访(?:举报)?(?:件|事项|问题)?`, `信访(?:举报)?(?:件|事项|问题)?#件`),
  },
  {
    key: 'rules_made',
    patterns: patterns(
      `(?:制定|修订|完善|新建|建立|健全|出台|印发)[^,。;\\n\\d]{0,30}?(?:制度|机制|办法|规定|规范)#(?:项|个|部|份|件)`,
      `(?:制定|修订|完善|新建|建立|健全|出台|印发)[^,。;\\n\\d]{0,16}?#(?:项|个|部|份|件)[^,。;\\n\\d]{0,8}?(?:制度|机制|办法)`,
    ),
  },
  { key: 'units', patterns: patterns('#(?:家|个)被巡[察视](?:单位|党组织)', '被巡[察视](?:单位|党组织)#(?:家|个)') },
  {
    key: 'orgs',
    patterns: patterns(
      '共(?:计)?#(?:个|家)(?:基层)?党组织',
      '等#(?:个|家)(?:二级|基层|下级)?(?:单位)?(?:党组织|党委|党组|党总支|党支部)',
      '对#(?:个|家)(?:二级|基层)?(?:党组织|党委|党组)(?:开展|进行)',
    ),
  },
  { key: 'democratic_life_meetings', patterns: patterns('民主生活会(?:\\([^)\\n]{0,20}\\))?(?:共)?#(?:次|场)') },
  {
    key: 'study_meetings',
    patterns: patterns('集中学习(?:研讨)?(?:会议|会)?(?:共)?#(?:次|场)'),
  },
  { key: 'party_lectures', patterns: patterns('党课(?:共)?#(?:次|场|堂|节)') },
  { key: 'suggestions_to_organization_department', patterns: patterns(`向[^,。;\\n]{0,8}组织部${gap(10)}建议#${one}`) },
  { key: 'suggestions_to_government', patterns: patterns(`向[^,。;\\n]{0,8}政府${gap(10)}建议#${one}`) },
  {
    key: 'suggestions',
    patterns: patterns(
      `(?:意见建议|意见和建议|整改建议|整改意见|建议意见)#${one}`,
      `#${one}(?:整改)?(?:意见建议|意见和建议|整改建议|整改意见)`,
    ),
  },
  { key: 'clues', patterns: patterns('问题线索(?:共)?#(?:件|条|个|起)', '#(?:件|条|个|起)问题线索') },
  {
    key: 'clue_persons',
    patterns: patterns(
      `问题线索(?:共)?${figure}(?:件|条|个|起)(?:、|,|涉及)?#人`,
      `${figure}(?:件|条)#人(?:的)?问题线索`,
    ),
  },
  { key: 'interviews', patterns: patterns('谈话#人次?') },
  { key: 'visits', patterns: patterns('走访#人次') },
  {
    key: 'concentrated_period_months',
    patterns: patterns(
      '为期#个月的集中整改',
      '集中整改(?:期|期限|时间)?(?:为|为期|是|不少于)?#个月',
      '#个月(?:的)?集中整改',
    ),
  },
];

const money: readonly Rule[] = [
  {
    key: 'money_from_individuals_wan',
    patterns: patterns('(?:追回|收回|退回|清退)(?:应)?由个人承担的?(?:资金|费用|款项)?(?:共)?#(亿元|万元|元)'),
  },
  {
    key: 'money_returned_wan',
    patterns: patterns(
      '(?:清退|退缴|退还|追缴|收缴|上缴)(?:了)?(?:违规|违纪|违法)*(?:发放)?(?:资金|款项|金额|津补贴|补贴|费用|所得)?(?:共|共计|累计)?#(亿元|万元|元)',
    ),
  },
  { key: 'loss_recovered_wan', patterns: patterns('挽回(?:直接)?(?:经济)?损失(?:共|共计|累计)?#(亿元|万元|元)') },
];
const wanPer: Record<string, number> = { 亿元: 10_000, 万元: 1, 元: 0.0001 };

const rate = /(?:完成率|办结率|整改率)(?:为|是|达到|达|:)?\s?(\d{1,3}(?:\.\d+)?%)/;

/** 一个问题一个问题地 counts nothing: a lone 一 is not taken as a figure. */
function firstFigure(prose: string, pattern: RegExp): { value: number; unit: string } | undefined {
  for (const match of prose.matchAll(pattern)) {
    const printed = match[1] ?? '';
    const value = printed === '一' ? undefined : readFigure(printed);
    if (value !== undefined) return { value, unit: match[2] ?? '' };
  }
  return undefined;
}

function applyRule(prose: string, rule: Rule): { value: number; unit: string } | undefined {
  for (const pattern of rule.patterns) {
    const found = firstFigure(prose, pattern);
    if (found) return found;
  }
  return undefined;
}

/** 某某等4家单位开展了巡察: stated once, it is the number of units; stated for parts only, the whole is not stated. */
function enumeratedUnits(prose: string): number | undefined {
  const pattern = new RegExp(
    `等(${figure})(?:家|个)[^,。;\\n]{0,8}?(?:单位|部门|企业|学校)[^,。;\\n]{0,8}?(?:开展|进行)`,
    'g',
  );
  const found = [...prose.matchAll(pattern)];
  return found.length === 1 ? readFigure(found[0]?.[1] ?? '') : undefined;
}

/** The text without the issues; a line end in their place keeps a pattern from reaching across. */
function outside(shadow: string, issues: readonly Span[]): string {
  const pieces: string[] = [];
  let at = 0;
  for (const { from, to } of issues) {
    if (from > at) pieces.push(shadow.slice(at, from));
    at = Math.max(at, to);
  }
  pieces.push(shadow.slice(at));
  return pieces.join('\n');
}

/** Figures declared in the folded text outside `issues` (sorted spans). Money is in 万元, rates are kept as printed. */
export function declaredFigures(shadow: string, issues: readonly Span[]): Declared {
  const prose = outside(shadow, issues);
  const declared: Declared = {};
  for (const rule of rules) {
    const found = applyRule(prose, rule);
    if (found) declared[rule.key] = found.value;
  }
  for (const rule of money) {
    const found = applyRule(prose, rule);
    if (found) declared[rule.key] = Number((found.value * (wanPer[found.unit] ?? 1)).toFixed(6));
  }
  const printed = rate.exec(prose)?.[1];
  if (printed !== undefined) declared.completion_rate = printed;
  const units = declared.units === undefined && declared.orgs === undefined ? enumeratedUnits(prose) : undefined;
  if (units !== undefined) declared.units = units;
  // Where villages are counted apart, the remaining figure is the town's own, not the whole.
  if (declared.issues !== undefined && (declared.issues_villages ?? declared.issues_poor_villages) !== undefined) {
    declared.issues_town = declared.issues;
    delete declared.issues;
  }
  return declared;
}
