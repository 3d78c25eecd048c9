// Reads what stands under an issue's heading: status, manifestations, measures, who answers for it, until when.

import { labelsIn, type LabelRole } from './issue-label';
import type { Span } from './issue-title';
import { seriesIn } from './series';
import type { TextLine } from './text-lines';

export interface IssueParts {
  status?: string;
  manifestations: string[];
  measures: string[];
  responsible?: string;
  deadline?: string;
}

interface Part extends Span {
  role: LabelRole | 'free';
}

/** Cuts the lines at their labels; what stands before the first label is free text. */
function partsOf(lines: TextLine[], bodyFrom: number): Part[] {
  const parts: Part[] = [];
  let open: Part = { role: 'free', from: bodyFrom, to: bodyFrom };
  for (const line of lines) {
    const start = Math.max(line.from, bodyFrom);
    if (start >= line.to) continue;
    for (const { role, at, bodyAt } of labelsIn(line.shadow.slice(start - line.from))) {
      open.to = Math.max(open.from, start + at);
      parts.push(open);
      open = { role, from: start + bodyAt, to: line.to };
    }
    open.to = line.to;
  }
  parts.push(open);
  return parts;
}

function strip(text: string): string {
  return text.replace(/^[\s;；]+/, '').replace(/[\s。.;；]+$/, '');
}

function pointsOf(text: string, shadow: string, { from, to }: Span): string[] {
  const points = seriesIn(shadow, from, to);
  const spans: Span[] =
    points.length > 0 ? points.map((point) => ({ from: point.bodyAt, to: point.to })) : [{ from, to }];
  return spans.map((span) => text.slice(span.from, span.to).trim()).filter((piece) => piece !== '');
}

/**
 * The parts found in an issue's lines after `bodyFrom`. `bare` says what text without a label is: in a report the
 * measures taken, elsewhere the manifestations of the issue.
 */
export function issueParts(
  text: string,
  shadow: string,
  lines: TextLine[],
  bodyFrom: number,
  bare: 'measures' | 'manifestations',
): IssueParts {
  const found: IssueParts = { manifestations: [], measures: [] };
  const answers: string[] = [];
  const parts = partsOf(lines, bodyFrom);
  const hasMeasures = parts.some(({ role }) => role === 'measures');
  for (const part of parts) {
    const content = strip(text.slice(part.from, part.to));
    if (content === '') continue;
    let role = part.role;
    // 完成情况 is a status when it is a word or two, else the tale of the measures.
    if (role === 'status' && content.length > 16) role = 'measures';
    if (role === 'free') role = hasMeasures ? 'manifestations' : bare;
    if (role === 'status') found.status ??= content;
    else if (role === 'deadline') found.deadline ??= content;
    else if (role === 'responsible') answers.push(content);
    else if (role === 'measures') found.measures.push(...pointsOf(text, shadow, part));
    else if (role === 'manifestations') found.manifestations.push(...pointsOf(text, shadow, part));
  }
  if (answers.length > 0) found.responsible = answers.join('；');
  return found;
}
