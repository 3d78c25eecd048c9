// Lists inside one sentence: A、B、C等10个方面27条问题 and 主要是A;B;C等问题. Separators inside quotes or brackets belong
// to the item. The list begins after the verb that leaves the most pieces which all blame something.

import type { Span } from './issue-title';
import { namesFault } from './wording';

/** A sentence longer than this is no list a person wrote; it is left alone so that time stays linear. */
const longestSentence = 4000;
const mostLeads = 12;

/** Pieces of shadow[from, to) between separators outside quotes and brackets; an odd quote disables quoting. */
export function splitOutsideQuotes(shadow: string, from: number, to: number, separator: string): Span[] {
  const quotes = shadow.slice(from, to).split('"').length - 1;
  const mindQuotes = quotes % 2 === 0;
  const pieces: Span[] = [];
  let start = from;
  let quoted = false;
  let depth = 0;
  for (let at = from; at < to; at++) {
    const unit = shadow[at];
    if (unit === '"' && mindQuotes) quoted = !quoted;
    else if (unit === '(') depth++;
    else if (unit === ')') depth = Math.max(0, depth - 1);
    else if (unit === separator && !quoted && depth === 0) {
      pieces.push({ from: start, to: at });
      start = at + 1;
    }
  }
  pieces.push({ from: start, to });
  return pieces.filter((piece) => shadow.slice(piece.from, piece.to).trim() !== '');
}

const listTail = new RegExp(
  String.raw`等(?:(?:\d{1,3}|[一二三四五六七八九十]{1,3})?(?:个|大|类|条|项)?(?:方面)?(?:的)?(?:共)?(?:\d{1,4}` +
    String.raw`|[一二三四五六七八九十百]{1,5})?(?:个|条|项)?(?:具体|突出|主要|共性|普遍性)?问题|(?:\d{1,3}|[一二三四五六七八九十]{1,3})?(?:个|大)?方面)`,
  'g',
);
const leads =
  /主要(?:表现在|表现为|体现在|反映在|集中在|存在|问题是|有|是)|(?:表现在|体现在|集中在)|反馈了|指出了?|发现了?|存在(?:着|的)?|查找出|梳理出|暴露出|反映出|提出了|仍有|还有/g;
const refuses = /解决|整治|克服|纠正|防止|避免|整改了|完成了/;

function piecesAfter(shadow: string, from: number, to: number): Span[] | undefined {
  let start = from;
  while (start < to && /[:,了的\s]/.test(shadow[start] ?? '')) start++;
  const bySemicolon = splitOutsideQuotes(shadow, start, to, ';');
  let pieces = bySemicolon.length > 1 ? bySemicolon : splitOutsideQuotes(shadow, start, to, '、');
  if (pieces.length < 2) {
    const byComma = splitOutsideQuotes(shadow, start, to, ',');
    if (byComma.length > 1 && byComma.every((piece) => blames(shadow, piece))) pieces = byComma;
  }
  const first = pieces[0];
  if (pieces.length < 2 || !first || !blames(shadow, first)) return undefined;
  const good = pieces.filter((piece) => blames(shadow, piece)).length;
  return good * 5 >= pieces.length * 3 ? pieces : undefined;
}

function blames(shadow: string, { from, to }: Span): boolean {
  return to - from >= 4 && namesFault(shadow.slice(from, to));
}

/** The issues listed in the sentence [from, to), which must end its list with 等…问题 or follow `问题,主要是`. */
export function listedIssues(shadow: string, from: number, to: number): Span[] {
  if (to - from > longestSentence) return [];
  const sentence = shadow.slice(from, to);
  let end: number | undefined;
  for (const tail of sentence.matchAll(listTail)) end = from + tail.index;
  const found = [...sentence.matchAll(leads)].slice(0, mostLeads);
  let best: Span[] = [];
  for (const lead of found) {
    const before = sentence.slice(0, lead.index);
    if (refuses.test(before)) continue;
    const announced = /(?:问题|不足|短板|差距)[,:]?$/.test(before) && lead[0].startsWith('主要');
    const stop = end ?? (announced ? to - (/[。.!?]$/.test(sentence) ? 1 : 0) : undefined);
    if (stop === undefined || from + lead.index + lead[0].length >= stop) continue;
    if (end === undefined && !sentence.includes(';')) continue;
    const pieces = piecesAfter(shadow, from + lead.index + lead[0].length, stop);
    if (pieces && pieces.length >= best.length) best = pieces;
  }
  return best;
}
