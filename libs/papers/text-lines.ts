// Cuts a decoded text into the lines the parser walks over, with offsets into the original. Pages saved from the web
// sometimes lose their line ends and keep only a space before the next heading, or nothing before 二、: both count too.

/** One non-empty line, trimmed: `shadow` is the folded text of [from, to). */
export interface TextLine {
  from: number;
  to: number;
  shadow: string;
}

const headingStart = /^(?:[一二三四五六七八九十]{1,3}、|\([一二三四五六七八九十]{1,3}\)|\d{1,2}[.、](?!\d))/;
const chapterStart = /^[一二三四五六七八九十]{1,3}、(?![一二三四五六七八九十]{1,2}[、是])/;
const address = /^(?:https?:\/\/\S+|\(published text, address not kept\))$/;

function pushTrimmed(lines: TextLine[], shadow: string, start: number, end: number): void {
  let from = start;
  let to = end;
  while (from < to && shadow.charCodeAt(from) <= 32) from++;
  while (to > from && shadow.charCodeAt(to - 1) <= 32) to--;
  if (from < to) lines.push({ from, to, shadow: shadow.slice(from, to) });
}

/** Non-empty lines of the folded text, in order. A leading line that is only the page's address is left out. */
export function textLines(shadow: string): TextLine[] {
  const lines: TextLine[] = [];
  let start = 0;
  // Character by character keeps this linear whatever the text holds.
  for (let at = 0; at <= shadow.length; at++) {
    const unit = shadow[at];
    if (at === shadow.length || unit === '\n' || unit === '\r' || unit === '\u2028' || unit === '\u2029') {
      pushTrimmed(lines, shadow, start, at);
      start = at + 1;
    } else if (unit === ' ' && at > start && shadow[at + 1] !== ' ') {
      // After a letter or figure the space may belong to an English name or a table.
      const afterWords = !/[\dA-Za-z,]/.test(shadow[at - 1] ?? '');
      if (afterWords && headingStart.test(shadow.slice(at + 1, at + 8))) {
        pushTrimmed(lines, shadow, start, at);
        start = at + 1;
      }
    } else if (unit === '。' && chapterStart.test(shadow.slice(at + 1, at + 8))) {
      pushTrimmed(lines, shadow, start, at + 1);
      start = at + 1;
    }
  }
  const first = lines[0];
  if (first && address.test(first.shadow)) lines.shift();
  return lines;
}
