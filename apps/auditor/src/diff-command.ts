// `audit diff` as people see it: how the logs stand to one another, then what changed in the ledger, and what did it.
import { agencyNames } from '#contracts/agencies';
import { statusWords } from '#contracts/words.zh';
import { civilMinuteOf } from '#joint/civil-time';
import type { ComparedLog, DiffResult } from './diff';
import type { Act, ChangedIssue, Figure, FigureName } from './ledger-changes';
import { oneLine } from './sentences';

const figureWords: Readonly<Record<FigureName, string>> = {
  issues: '问题总数',
  ...statusWords,
  measures: '整改措施',
  evidence: '佐证材料',
  returns: '退回次数',
};
/** So many acts of a figure are named; JSON has them all. */
const NAMED = 5;

/** Empty where nothing was compared, because a log does not verify. */
export function diffText({ logs, changes }: DiffResult): string {
  const lines = logs.map(logSentence);
  if (changes) {
    const [added, changed] = [changes.issues.filter(isAdded), changes.issues.filter((issue) => !isAdded(issue))];
    lines.push(`新增问题 ${added.length} 个,有变化的问题 ${changed.length} 个。`);
    for (const issue of [...added, ...changed]) lines.push(...issueLines(issue));
    lines.push('合计(前 | 后 | 因何):', ...changes.figures.map(figureLine), completionLine(changes.figures));
  }
  return lines.map((line) => `${line}\n`).join('');
}

function isAdded({ then, now }: ChangedIssue): boolean {
  return then === undefined && now !== undefined;
}

function logSentence({ origin, agency, then, now, longer, differs }: ComparedLog): string {
  const name = `${agency ? agencyNames[agency] : ''}日志 ${origin}`;
  if (differs !== undefined) return `${name}:分叉,从第 ${differs} 条(序号从 0 起)起不同。`;
  if (longer === 'neither') return `${name}:相同,都是 ${now} 条。`;
  const which = longer === 'second' ? '前者是后者的开头' : '后者是前者的开头';
  return `${name}:${which},前 ${then} 条相同,较长的一份有 ${now} 条,多 ${now - then} 条。`;
}

function issueLines({ issueId, number, title, unitName, then, now, acts }: ChangedIssue): string[] {
  const words = (facts: ChangedIssue['now']) => (facts ? `${statusWords[facts.status]}(期限 ${facts.due})` : '无登记');
  const moved = then ? `${words(then)} → ${words(now)}` : `新增,${words(now)}`;
  return [oneLine(`${number} ${title}(${unitName},${issueId}):${moved}`), ...acts.map((act) => `  ${actWords(act)}`)];
}

function actWords({ address, at, agency, label, who }: Act): string {
  return oneLine(
    `${civilMinuteOf(at)} ${agencyNames[agency]} ${who} ${label}(${address.origin} 第 ${address.index} 条)`,
  );
}

function figureLine({ name, then, now, why }: Figure): string {
  const named = why.slice(0, NAMED).map(({ by, label, address }) => {
    return `${by > 0 ? '+' : '−'}${Math.abs(by)} ${label}(${address.origin} 第 ${address.index} 条)`;
  });
  const more = why.length > NAMED ? `,等 ${why.length} 条` : '';
  return oneLine(
    `  ${figureWords[name]} | ${then} | ${now} | ${named.length === 0 ? '无变化' : named.join('、')}${more}`,
  );
}

/** 完成率 = 已销号 ÷ 全部; substantially done does not count. */
function completionLine(figures: readonly Figure[]): string {
  const of = (name: FigureName) => figures.find((figure) => figure.name === name)!;
  const [all, done] = [of('issues'), of('closedOut')];
  const rate = (part: number, whole: number) => (whole === 0 ? '—' : `${((100 * part) / whole).toFixed(2)}%`);
  const shown = `${rate(done.then, all.then)} | ${rate(done.now, all.now)}`;
  return `完成率(已销号 ÷ 问题总数) | ${shown} | ${done.then}/${all.then} → ${done.now}/${all.now}`;
}
