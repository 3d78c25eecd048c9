// Finds the issues of a feedback notice written as prose: a paragraph per organisation, a counted series after
// …的问题:, or a list inside one sentence. A series that follows a demand or a pledge is not touched.

import { sentenceEnd, titleIn, type Span } from './issue-title';
import { listedIssues, splitOutsideQuotes } from './prose-list';
import { isOrganName } from './organ-name';
import { seriesIn, type Point } from './series';
import type { TextLine } from './text-lines';
import { namesFault } from './wording';

/** An issue found in prose: its title, its own text, the number printed before it, the organisation it is laid to. */
export interface ProseIssue {
  title: Span;
  text: Span;
  printed: string;
  unit?: Span;
}

const lead = /(?:问题|不足|短板|差距|薄弱环节|表现)[^。;:!?]{0,24}:|(?:问题|不足|短板|差距|薄弱环节)[^。;:!?,]{0,8}。/g;
const demands = /整改|要求|建议|希望|措施|解决|针对|围绕|表示|做到|强调|意见/;
const seriesStart =
  /^\s*(?:[一二三四五六七八九十]{1,2}是|首先|其次|再次|最后|第[一二三四五六七八九十]{1,2}[,、]|\([一二三四五六七八九十\d]{1,2}\)|\d{1,2}[.、](?!\d)|[①-⑳])/;
const unitLead = new RegExp(
  String.raw`^(?:\([一二三四五六七八九十\d]{1,3}\)|[\d一二三四五六七八九十]{1,3}[.、])?\s?(?:向|对)?([^,。;:]{2,30}?)(?:仍然?|还)?(?:存在` +
    String.raw`|反馈|查找|暴露|反映)(?:出)?(?:的)?`,
);
const unitColon =
  /^(?:\([一二三四五六七八九十\d]{1,3}\)|[\d一二三四五六七八九十]{1,3}[.、])?\s?([^,。;:]{2,30})[:。](?=一是)/;

function unitBefore(line: TextLine, pattern: RegExp, sentenceAt: number): Span | undefined {
  const found = pattern.exec(line.shadow.slice(sentenceAt, sentenceAt + 80));
  const name = found?.[1];
  if (!found || name === undefined || !isOrganName(name)) return undefined;
  const from = line.from + sentenceAt + found[0].indexOf(name);
  return { from, to: from + name.length };
}

function pointIssue(text: string, shadow: string, point: Point, lone: boolean): ProseIssue {
  const title = titleIn(text, shadow, point.bodyAt, point.to);
  const to = lone ? title.restAt : point.to;
  return {
    title: { from: title.from, to: title.to },
    text: { from: point.from, to },
    printed: text.slice(point.from, point.printedTo),
  };
}

/** Points of a series as issues; the last one keeps to one sentence when all before it did. */
function seriesIssues(text: string, shadow: string, points: Point[]): ProseIssue[] {
  const shortBefore = points
    .slice(0, -1)
    .every((point) => shadow.slice(sentenceEnd(shadow, point.bodyAt, point.to), point.to).trim() === '');
  return points
    .map((point, at) => pointIssue(text, shadow, point, at === points.length - 1 && shortBefore))
    .filter(({ title }) => title.from < title.to);
}

function listIssues(text: string, shadow: string, pieces: Span[]): ProseIssue[] {
  return pieces
    .map((piece) => {
      const title = titleIn(text, shadow, piece.from, piece.to);
      return { title: { from: title.from, to: title.to }, text: piece, printed: '' };
    })
    .filter(({ title }) => title.from < title.to);
}

// Bounds beyond what people write; they keep the time linear in the face of made-up texts.
const mostAnnouncements = 60;
const longestLead = 400;
const longestBody = 20_000;
const mostSeriesLines = 200;

interface Announced {
  /** Offset in the line just after the lead. */
  bodyAt: number;
  unit?: Span;
}

/** Where the line announces issues (…的问题:), with the organisation named before it. */
function announcements(line: TextLine): Announced[] {
  const found: Announced[] = [];
  for (const match of line.shadow.matchAll(lead)) {
    const bodyAt = match.index + match[0].length;
    if (found.length >= mostAnnouncements) break;
    const windowAt = Math.max(0, match.index - longestLead);
    const sentenceAt = windowAt + line.shadow.slice(windowAt, match.index).lastIndexOf('。') + 1;
    const after = match[0].replace(/反馈意见/g, '');
    if (demands.test(after) || /针对|围绕|解决|整改/.test(line.shadow.slice(sentenceAt, match.index).slice(-60)))
      continue;
    if (match[0].endsWith('。') && !seriesStart.test(line.shadow.slice(bodyAt, bodyAt + 8))) continue;
    const unit = unitBefore(line, unitLead, sentenceAt);
    found.push(unit ? { bodyAt, unit } : { bodyAt });
  }
  const colon = unitBefore(line, unitColon, 0);
  if (colon && found.length === 0) found.push({ bodyAt: colon.to + 1 - line.from, unit: colon });
  return found;
}

/** End of the series that starts in line `index`: later lines count while they go on numbering. */
function seriesEnd(lines: TextLine[], index: number): number {
  let last = index;
  const most = Math.min(lines.length - 1, index + mostSeriesLines);
  while (last < most && seriesStart.test(lines[last + 1]?.shadow.slice(0, 10) ?? '')) last++;
  return last;
}

function announcedIssues(
  text: string,
  shadow: string,
  lines: TextLine[],
  index: number,
  start: Announced,
): ProseIssue[] {
  const line = lines[index];
  if (!line) return [];
  const from = line.from + start.bodyAt;
  const lineEnd = Math.min(line.to, from + longestBody);
  const opensHere = seriesStart.test(line.shadow.slice(start.bodyAt, start.bodyAt + 10));
  const opensNext = start.bodyAt >= line.shadow.length;
  if (opensHere || opensNext) {
    const end = Math.min(lines[seriesEnd(lines, index)]?.to ?? line.to, from + longestBody);
    return seriesIssues(text, shadow, seriesIn(shadow, from, end, false));
  }
  const end = sentenceEnd(shadow, from, lineEnd);
  const stop = shadow.slice(from, end).search(/等(?:\S{0,8})问题[。.]?$/);
  const pieces = splitOutsideQuotes(shadow, from, stop === -1 ? end : from + stop, ';');
  if (pieces.length > 1 && pieces.every(({ from: a, to: b }) => namesFault(shadow.slice(a, b)))) {
    return listIssues(text, shadow, pieces);
  }
  if (stop !== -1) return [];
  return start.unit ? sentencesOf(text, shadow, from, lineEnd) : [];
}

/** 某局存在的主要问题是:A。B。C。 — every sentence an issue, as long as each blames something. */
function sentencesOf(text: string, shadow: string, from: number, to: number): ProseIssue[] {
  const spans: Span[] = [];
  for (let at = from; at < to;) {
    const end = sentenceEnd(shadow, at, to);
    if (!namesFault(shadow.slice(at, end))) break;
    spans.push({ from: at, to: end });
    at = end;
  }
  return listIssues(text, shadow, spans);
}

function sentenceLists(text: string, shadow: string, line: TextLine): ProseIssue[] {
  const found: ProseIssue[] = [];
  for (let at = line.from; at < line.to;) {
    const end = sentenceEnd(shadow, at, line.to);
    found.push(...listIssues(text, shadow, listedIssues(shadow, at, end)));
    at = end;
  }
  return found;
}

/** All issues the prose lists, in order, each place once. */
export function proseIssues(text: string, shadow: string, lines: TextLine[]): ProseIssue[] {
  const found: ProseIssue[] = [];
  let reached = 0;
  lines.forEach((line, index) => {
    for (const start of announcements(line)) {
      if (line.from + start.bodyAt < reached) continue;
      const issues = announcedIssues(text, shadow, lines, index, start);
      for (const issue of issues) found.push(start.unit ? { ...issue, unit: start.unit } : issue);
      reached = Math.max(reached, issues[issues.length - 1]?.text.to ?? 0);
    }
    if (reached > line.from) return;
    const listed = sentenceLists(text, shadow, line);
    found.push(...listed);
    reached = Math.max(reached, listed[listed.length - 1]?.text.to ?? 0);
  });
  return found;
}
