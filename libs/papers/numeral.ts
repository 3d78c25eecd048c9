// Figures in official prose are written 14, １４, 1,024 or 十四; this file reads them all.

/** Source of a pattern for one figure in folded text, without groups; bounded, so that long runs stay linear. */
export const figure =
  '(?<![\\d.])(?:\\d{1,3}(?:,\\d{3}){1,3}(?:\\.\\d{1,6})?|\\d{1,12}(?:\\.\\d{1,6})?|[一二三四五六七八九十百零两]{1,8})';

const digits: Record<string, number> = {
  零: 0,
  一: 1,
  二: 2,
  两: 2,
  三: 3,
  四: 4,
  五: 5,
  六: 6,
  七: 7,
  八: 8,
  九: 9,
};

function readChinese(numeral: string): number | undefined {
  let total = 0;
  let pending: number | undefined;
  for (const unit of numeral) {
    if (unit === '百' || unit === '十') {
      const weight = unit === '百' ? 100 : 10;
      if (unit === '百' && pending === undefined) return undefined;
      total += (pending ?? 1) * weight;
      pending = undefined;
      continue;
    }
    const digit = digits[unit];
    if (digit === undefined || (pending !== undefined && pending !== 0)) return undefined;
    pending = digit;
  }
  return total + (pending ?? 0);
}

/** Value of a figure matched by {@link figure}; undefined when it is no number (as in 一二). */
export function readFigure(text: string): number | undefined {
  if (/^[\d,.]+$/.test(text)) {
    const value = Number(text.replace(/,/g, ''));
    return Number.isFinite(value) ? value : undefined;
  }
  return text === '' ? undefined : readChinese(text);
}
