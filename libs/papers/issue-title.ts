// Finds the words of a title inside a line: after the number, up to the end of the first sentence, without the
// wrappers 关于“…”的问题 and 反馈问题:. Only offsets are moved, no character is changed.

/** A piece of the text by offsets, half open. */
export interface Span {
  from: number;
  to: number;
}

/** A title's place and the status printed behind it in brackets, if any. */
export interface TitleSpan extends Span {
  status?: Span;
  /** Where the words after the title's sentence begin. */
  restAt: number;
}

const cjk = /[\u3400-\u9fff"”)%]/;

/** Offset just after the first sentence of shadow[from, to), or `to`; a half-width stop counts between characters. */
export function sentenceEnd(shadow: string, from: number, to: number): number {
  for (let at = from; at < to; at++) {
    const unit = shadow[at];
    if (unit === '。' || unit === '!' || unit === '?') return at + 1;
    if (unit === '.' && at > from && cjk.test(shadow[at - 1] ?? '')) {
      if (at + 1 >= to || !/[0-9A-Za-z]/.test(shadow[at + 1] ?? '')) return at + 1;
    }
  }
  return to;
}

const tail = /[。;:,、.!\s]/;
const bracketStatus = /[([]((?:已|未|正在|基本|阶段性|持续|长期|整改)[^()[\]]{0,14})[)\]]$/;
const wrapperEnd = /(?:的|这一|等)?(?:突出|主要|具体)?问题(?:的)?(?:整改)?(?:落实|进展|完成)?(?:情况)?$/;
const wrapperStart = /^(?:针对|关于)/;
const label =
  /^\[?(?:(?:巡[察视])?(?:反馈|存在)(?:的)?(?:主要|具体|突出)?问题(?:\d{1,3}|[一二三四五六七八九十]{1,3})?|问题(?:描述|表现)?)\]?[:]\s?/;

function trim(shadow: string, span: Span): Span {
  let { from, to } = span;
  while (from < to && /\s/.test(shadow[from] ?? '')) from++;
  while (to > from && tail.test(shadow[to - 1] ?? '')) to--;
  return { from, to };
}

/** True when one pair of quotes holds all of shadow[from, to). */
function whollyQuoted(text: string, shadow: string, { from, to }: Span): boolean {
  if (to - from < 3 || shadow[from] !== '"' || shadow[to - 1] !== '"') return false;
  let depth = 0;
  for (let at = from; at < to; at++) {
    if (shadow[at] !== '"') continue;
    const unit = text[at] ?? '';
    // Straight quotes do not say which way they face: only a lone pair is taken as a wrapper.
    if (unit === '"' || unit === '\uff02') return shadow.slice(from + 1, to - 1).indexOf('"') === -1;
    depth += '“「『„〝'.includes(unit) ? 1 : -1;
    if (depth === 0) return at === to - 1;
  }
  return false;
}

function unwrap(text: string, shadow: string, span: Span): Span {
  let inner = trim(shadow, span);
  const lead = label.exec(shadow.slice(inner.from, Math.min(inner.to, inner.from + 24)));
  if (lead) inner = trim(shadow, { from: inner.from + lead[0].length, to: inner.to });
  const about = wrapperStart.exec(shadow.slice(inner.from, inner.from + 2));
  if (about) {
    const end = wrapperEnd.exec(shadow.slice(Math.max(inner.from + 2, inner.to - 24), inner.to));
    if (end) inner = trim(shadow, { from: inner.from + 2, to: inner.to - end[0].length });
  }
  if (whollyQuoted(text, shadow, inner)) inner = trim(shadow, { from: inner.from + 1, to: inner.to - 1 });
  return inner;
}

/** The title in the line or item [from, to): its first sentence, unwrapped. Empty spans come back as they are. */
export function titleIn(text: string, shadow: string, from: number, to: number): TitleSpan {
  const restAt = sentenceEnd(shadow, from, to);
  let span = trim(shadow, { from, to: restAt });
  const bracket = bracketStatus.exec(shadow.slice(Math.max(span.from, span.to - 20), span.to));
  let status: Span | undefined;
  if (bracket?.[1] !== undefined) {
    status = { from: span.to - 1 - bracket[1].length, to: span.to - 1 };
    span = { from: span.from, to: span.to - bracket[0].length };
  }
  const title = unwrap(text, shadow, span);
  return status ? { ...title, restAt, status } : { ...title, restAt };
}
