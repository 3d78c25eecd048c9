// The labels a report or plan puts before the parts of an issue: 整改状态:, 整改措施:, 责任单位:, 完成时限: and their
// kin. They stand at the start of a line, or after a break inside one.

export type LabelRole = 'status' | 'measures' | 'manifestations' | 'responsible' | 'deadline' | 'aside';

/** A label in a folded line: `at` where it starts, `bodyAt` where its content starts. */
export interface Label {
  role: LabelRole;
  at: number;
  bodyAt: number;
}

const names: readonly [LabelRole, string][] = [
  ['status', '(?:整改|完成|办理)(?:状态|进度|结果)|整改完成情况|完成情况|状态'],
  ['deadline', '(?:整改|完成|办结)(?:时限|期限|时间)|时限要求'],
  [
    'responsible',
    '(?:责任|牵头|主责|承办|配合|整改责任)(?:单位|部门|领导|科室|人|处室|股室)|(?:分管|包保)领导|责任主体',
  ],
  [
    'measures',
    '(?:整改|具体|主要)(?:落实|进展|工作)?(?:情况|进展|措施|举措|做法|成效)(?:及成效|和成效|及整改成效)?|整改落实|落实情况|整改任务|措施',
  ],
  ['manifestations', '(?:具体|主要|问题)表现(?:为|在|是)?|表现形式|具体问题'],
  ['aside', '整改目标|原因分析|整改要求|佐证材料|整改依据'],
];
const anyName = names.map(([, pattern]) => `(${pattern})`).join('|');
const atBreak = new RegExp(
  `(?:^|[。;,\\s])(?:\\(?[\\d一二三四五六]{1,2}[).、])?[\\[(]?(?:${anyName})[\\])]?\\s?:`,
  'g',
);
const alone = new RegExp(`^(?:\\(?[\\d一二三四五六]{1,2}[).、])?\\[?(?:${anyName})\\]?$`);

function roleOf(match: RegExpExecArray): LabelRole {
  const index = match.slice(1).findIndex((group) => group !== undefined);
  return names[index]?.[0] ?? 'aside';
}

/** All labels of a folded line, in order. */
export function labelsIn(shadow: string): Label[] {
  const lone = shadow.length <= 20 ? alone.exec(shadow) : null;
  if (lone) return [{ role: roleOf(lone), at: 0, bodyAt: shadow.length }];
  const labels: Label[] = [];
  for (const match of shadow.matchAll(atBreak)) {
    const lead = /^[。;,\s]/.test(match[0]) ? 1 : 0;
    labels.push({ role: roleOf(match), at: match.index + lead, bodyAt: match.index + match[0].length });
  }
  return labels;
}
