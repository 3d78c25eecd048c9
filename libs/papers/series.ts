// A series is prose that counts its points: 一是…二是…, 首先…其次…, 第一,…第二,…, (1)…(2)…, ①…②…. Points are taken
// only in order and only after a break, so 统一是 or a stray (3) starts nothing.

import type { Span } from './issue-title';

/** A point of a series: `from` at its marker, `bodyAt` at its words, `to` where the next point or the span ends. */
export interface Point extends Span {
  bodyAt: number;
  /** Where the printed number ends: 一是, (1), without the stop behind it. */
  printedTo: number;
}

const numerals = ['一', '二', '三', '四', '五', '六', '七', '八', '九', '十'];
const later = ['十一', '十二', '十三', '十四', '十五', '十六', '十七', '十八', '十九', '二十'];
const order = [...numerals, ...later];
const spoken = ['首先', '其次', '再次', '最后'];
const token = new RegExp(
  '((?:[一二三四五六七八九十]{1,3})是|第[一二三四五六七八九十]{1,3}[,、]|首先|其次|再次|最后' +
    '|\\([一二三四五六七八九十]{1,3}\\)|\\(\\d{1,2}\\)|\\d{1,2}[.、](?!\\d)|[①-⑳])[,:]?',
  'g',
);

function read(printed: string): { style: string; ordinal: number } {
  const bare = printed.replace(/[(),、.:]/g, '');
  if (spoken.includes(bare)) return { style: 'spoken', ordinal: spoken.indexOf(bare) + 1 };
  if (bare.endsWith('是')) return { style: 'is', ordinal: order.indexOf(bare.slice(0, -1)) + 1 };
  if (bare.startsWith('第')) return { style: 'nth', ordinal: order.indexOf(bare.slice(1)) + 1 };
  const circled = bare.charCodeAt(0) - 0x2460;
  if (circled >= 0 && circled < 20) return { style: 'circled', ordinal: circled + 1 };
  if (/^\d/.test(bare)) return { style: printed.startsWith('(') ? 'bracketed' : 'dotted', ordinal: Number(bare) };
  return { style: 'bracketedChinese', ordinal: order.indexOf(bare) + 1 };
}

const breaks = /[。;:,、.!?)\s"\]]/;

/**
 * The points of the first style of series found in shadow[from, to), restarted series included (一是二是, then 一是
 * again) unless `restarts` is false. A lone 一是 is a series of one; other styles need a first point too.
 */
export function seriesIn(shadow: string, from: number, to: number, restarts = true): Point[] {
  const points: Point[] = [];
  let style: string | undefined;
  let expected = 1;
  token.lastIndex = 0;
  const piece = shadow.slice(from, to);
  for (let found = token.exec(piece); found; found = token.exec(piece)) {
    const before = found.index === 0 ? ' ' : (piece[found.index - 1] ?? ' ');
    if (!breaks.test(before)) continue;
    const mark = read(found[1] ?? '');
    if (found[1] === '最后' && style === 'spoken') mark.ordinal = expected;
    if (style === undefined ? mark.ordinal !== 1 : mark.style !== style) continue;
    if (mark.ordinal !== expected && mark.ordinal !== 1) continue;
    style = mark.style;
    expected = mark.ordinal + 1;
    const at = from + found.index;
    const previous = points[points.length - 1];
    if (previous) previous.to = at;
    if (previous && mark.ordinal === 1 && !restarts) break;
    points.push({
      from: at,
      bodyAt: at + found[0].length,
      to,
      printedTo: at + (found[1] ?? '').replace(/[.,、]$/, '').length,
    });
  }
  return points;
}
