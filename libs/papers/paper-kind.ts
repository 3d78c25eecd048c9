// Tells what sort of paper a text is. The kind decides how prose is read: a news item may speak of problems on every
// line and still hold no ledger.

import type { Declared } from './declared';
import type { TextLine } from './text-lines';

/** Kinds of published papers; `other` is a text that does not speak of inspection at all. */
export type OutlineKind = 'report' | 'feedback notice' | 'round summary' | 'plan' | 'plan template' | 'news' | 'other';

const planTitle = /(?:整改|问题).{0,20}方案/;
const planPreface = /制定(?:了)?(?:如下|以下|本)[^。]{0,10}方案|制定[^。]{0,12}方案如下/;
const placeholder = /(?:[xX×*]{1,4}(?:年|月|日|镇|乡|县|局|村|党委)|\d{2}[xX×]{2}年|第[xX×]巡[察视]组)/;
const reportTitle =
  /(?:巡[察视]|整改).{0,40}整改.{0,20}(?:情况|进展|结果)|整改.{0,14}(?:情况|进展|结果).{0,8}(?:通报|报告|公示|公告|公开|公布)|整改(?:进展|落实|完成)?情况$/;
const reportPreface = /整改.{0,12}(?:情况|进展|结果).{0,14}(?:公布|公开|报告|通报|公示|汇报)/;
const newsLead = /督[查察导]|调研|培训|推进会|部署会|座谈|学习会|观摩|检查指导|动员|专题会|调度会|约谈|评估/;
const feedbackGiven = new RegExp(
  String.raw`(?:向|对)[^,。;]{2,60}反馈(?:了)?(?:巡[察视])?(?:的)?(?:情况|意见|问题)|反馈(?:会|巡[察视]情况|严肃指出|指出|强调|认为)` +
    String.raw`|(?:巡[察视](?:组)?|反馈)(?:也|还)?(?:发现|反映|指出|认为)|存在的?(?:主要|突出)?问题|巡[察视]反馈`,
);
const feedbackOpening = /反馈会|反馈(?:了)?(?:巡[察视])?(?:的)?(?:情况|问题)|巡[察视](?:情况)?反馈|反馈了/;
const round = /第.{1,3}轮|本轮巡[察视]/;
const severalTeams =
  /(?:[二三四五六七八九十]|[2-9]|1\d)个?(?:巡[察视]组|巡[察视]工作组)|(?:\d{1,3}|[二三四五六七八九十]{1,3})(?:家|个)(?:被巡[察视])?(?:单位|党组织)/;

function head(lines: TextLine[], most: number): string {
  return lines
    .slice(0, most)
    .map(({ shadow }) => shadow.slice(0, 400))
    .join('\n');
}

/** Plan or report, by title, preface and chapters; undefined when the text is neither. */
export function outlinedKind(
  lines: TextLine[],
  preface: TextLine[],
  hasOutline: boolean,
): 'report' | 'plan' | 'plan template' | undefined {
  const titles = lines.slice(0, 4).filter(({ shadow }) => shadow.length <= 80 && !/[。;]/.test(shadow));
  const opening = head(preface.length > 0 ? preface : lines, 8);
  const planned = titles.some(({ shadow }) => planTitle.test(shadow)) || planPreface.test(opening);
  if (planned) return placeholder.test(head(lines, 12)) ? 'plan template' : 'plan';
  if (!hasOutline) return undefined;
  const titled = titles.some(({ shadow }) => reportTitle.test(shadow) && !/反馈意见$/.test(shadow));
  return titled || reportPreface.test(opening) ? 'report' : undefined;
}

/** True when the text opens with a meeting or a visit, not with the giving of feedback. */
function opensAsNews(lines: TextLine[]): boolean {
  const opening = head(lines, 2).slice(0, 200);
  return newsLead.test(opening) && !feedbackOpening.test(opening);
}

/** Kind of a text that is neither plan nor report. */
export function proseKind(shadow: string, lines: TextLine[], issues: number, declared: Declared): OutlineKind {
  if (!/巡[察视]|整改|反馈/.test(shadow)) return 'other';
  if (opensAsNews(lines)) return 'news';
  if (issues > 0) return 'feedback notice';
  if (round.test(shadow) && severalTeams.test(shadow) && Object.keys(declared).length > 0) return 'round summary';
  return feedbackGiven.test(shadow) ? 'feedback notice' : 'news';
}
