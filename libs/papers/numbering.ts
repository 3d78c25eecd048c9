// Reads the number a line begins with. Official papers number 一、 (一) 1. (1) ① from the outside in (GB/T 9704-2012,
// 7.3.3), and often leave a level out, so the rank of a marker, not its depth, tells where it belongs.

/** A heading number at the start of a line. `printed` is cut from the folded text, without its separator. */
export interface Marker {
  rank: number;
  ordinal: string;
  printed: { from: number; to: number };
  /** Offset in the line where the words begin. */
  bodyAt: number;
}

const cn = '[一二三四五六七八九十百]{1,5}';
const shapes: readonly { rank: number; pattern: RegExp }[] = [
  { rank: 1, pattern: new RegExp(`^(?:第${cn}(?:部分|章)[、.:, ]?|${cn}\\s?[、.](?!\\s?[一二三四五六七八九十]是))`) },
  { rank: 2, pattern: new RegExp(`^(?:\\(\\s?${cn}\\s?\\)[、.]?|[㈠-㈩])`) },
  { rank: 3, pattern: new RegExp(`^(?:第(?:\\d{1,4}|${cn})条[、.:,]?|(?:反馈|存在)?问题(?:\\d{1,3}|${cn})[:、.])`) },
  { rank: 4, pattern: /^(?:\d{1,3}\s?[.、](?!\d)|[⒈-⒛])/ },
  { rank: 5, pattern: /^(?:\(\s?\d{1,3}\s?\)[、.]?|\d{1,3}\)|[⑴-⒇])/ },
  { rank: 6, pattern: /^[①-⑳]/ },
];

/** Rank of a heading that carries no number, such as a bare 关于“…”的问题 on its own line. */
export const unnumberedRank = 7;

/** The marker a folded, trimmed line starts with, or undefined. */
export function markerOf(shadow: string): Marker | undefined {
  const head = shadow.slice(0, 16);
  for (const { rank, pattern } of shapes) {
    const found = pattern.exec(head)?.[0];
    if (found === undefined) continue;
    const printed = found.replace(/[、.:, ]+$/, '');
    let bodyAt = found.length;
    while (shadow[bodyAt] === ' ') bodyAt++;
    if (bodyAt >= shadow.length) return undefined;
    return { rank, ordinal: printed.replace(/\s/g, ''), printed: { from: 0, to: printed.length }, bodyAt };
  }
  return undefined;
}
