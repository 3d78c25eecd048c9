// Published texts mix full-width and half-width punctuation, often in one sentence. Every pattern of the outline
// import therefore reads a folded shadow of the text; because the shadow has the same length, an offset found in it
// slices the original, and titles keep the characters of the source.

const single = new Map<string, string>([
  ['\u3000', ' '],
  ['\u00a0', ' '],
  ['\t', ' '],
  ['。', '。'],
  ['\uff61', '。'],
  ['\uff64', '、'],
  ['\uff0e', '.'],
  ['﹒', '.'],
  ['︰', ':'],
  ['∶', ':'],
  ['﹔', ';'],
  ['﹐', ','],
  ['【', '['],
  ['】', ']'],
  ['〔', '('],
  ['〕', ')'],
  ['“', '"'],
  ['”', '"'],
  ['„', '"'],
  ['‟', '"'],
  ['「', '"'],
  ['」', '"'],
  ['『', '"'],
  ['』', '"'],
  ['〝', '"'],
  ['〞', '"'],
  ['〇', '零'],
  ['\ufeff', ' '],
]);

function foldUnit(unit: string): string {
  const mapped = single.get(unit);
  if (mapped !== undefined) return mapped;
  const code = unit.charCodeAt(0);
  // The full-width forms U+FF01..U+FF5E mirror ASCII 0x21..0x7E one to one.
  return code >= 0xff01 && code <= 0xff5e ? String.fromCharCode(code - 0xfee0) : unit;
}

/** The text with full-width forms, quotes and odd spaces folded to half width; same length in UTF-16 units. */
export function fold(text: string): string {
  return text.replace(/[\t\u00a0〇-】〔〕「-』〝〞“-‟︰﹐-﹔∶\u3000\ufeff\uff01-\uff64]/g, foldUnit);
}
