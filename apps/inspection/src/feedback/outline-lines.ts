// From what the import found in a text to the lines that the clerk edits: numbers and words as printed, units and classes
// only where the text says them. What is not said stays open; nothing is guessed in the clerk's place.
import type { OutlineLine } from '#contracts/api';
import type { IssueSpecial } from '#contracts/events';

/** The part of a found issue that a line is made of (libs/papers: Leaf). */
export type FoundIssue = {
  readonly title: string;
  readonly number: string;
  readonly text: string;
  readonly unit?: string;
  readonly group?: string;
};

/** The part of a note that its sentence needs (libs/papers: OutlineNote). */
export type FoundNote = {
  readonly code: string;
  readonly declared?: number;
  readonly found?: number;
  readonly title?: string;
};

type Unit = { readonly unitId: string; readonly unitName: string };

export function proposedLines(issues: readonly FoundIssue[], units: readonly Unit[]): OutlineLine[] {
  const used = new Set<string>();
  return issues.map((issue, n) => {
    const { title, text, group = '' } = issue;
    const unitId = unitOf(issue, units);
    return {
      key: `l${n + 1}`,
      number: freeNumber(issue.number.trim().slice(0, 50) || String(n + 1), unitId, used),
      title: title.slice(0, 500),
      text: text.slice(0, 8000),
      group: group.slice(0, 300),
      unitId,
      class: 'timeLimited',
      kind: 'single',
      special: specialOf(`${group} ${title}`),
      competentDepartment: '',
    };
  });
}

/** The enrolled unit that the text names, or the only one there is; empty = the clerk chooses. */
function unitOf({ unit }: FoundIssue, units: readonly Unit[]): string {
  if (unit === undefined) return units.length === 1 ? (units[0]?.unitId ?? '') : '';
  const exact = units.filter(({ unitName }) => unitName === unit);
  const similar = units.filter(({ unitName }) => unitName.includes(unit) || unit.includes(unitName));
  const found = exact.length > 0 ? exact : similar;
  return found.length === 1 ? (found[0]?.unitId ?? '') : '';
}

/** Numbers such as 一是 begin anew in each chapter; within one unit a number must be single. */
function freeNumber(printed: string, unitId: string, used: Set<string>): string {
  let number = printed;
  for (let n = 2; used.has(`${unitId}\n${number}`); n += 1) number = `${printed}-${n}`;
  used.add(`${unitId}\n${number}`);
  return number;
}

/** Specials have their own plan and, for 选人用人, their own verifier: proposed by their name, decided by the clerk. */
function specialOf(words: string): IssueSpecial {
  if (words.includes('选人用人')) return 'selection';
  return words.includes('意识形态') ? 'ideology' : 'none';
}

export function noteWords({ code, declared = 0, found = 0, title = '' }: FoundNote): string {
  switch (code) {
    case 'declaredMoreThanFound':
      return `文中称有${declared}个问题，找到${found}个；没有列出的不会自动补上。`;
    case 'declaredFewerThanFound':
      return `文中称有${declared}个问题，却找到${found}个，请核对是否有多拆的条目。`;
    case 'areasDifferFromFound':
      return `文中称有${declared}个方面，找到${found}条，请核对。`;
    case 'orgsMoreThanFound':
      return `文中称涉及${declared}个单位，条目里只出现${found}个，请补选单位。`;
    case 'partsDifferFromTotal':
      return `文中各项完成情况相加为${found}，与所称总数${declared}不等，请核对原文。`;
    case 'textCut':
      return '原文在最后一个问题处中断，请核对文件是否完整。';
    case 'repeatedIssue':
      return `“${title}”在文中出现两次，只列一次。`;
    default:
      return `导入提示：${code}`;
  }
}
