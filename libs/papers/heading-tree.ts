// Builds the tree of numbered headings. The rank of a number decides its place, so a paper that leaves out (一) still
// nests; lines after a label such as 整改情况: are the issue's own text, whatever numbers they carry.

import { titleIn, type TitleSpan } from './issue-title';
import { labelsIn } from './issue-label';
import { markerOf, unnumberedRank } from './numbering';
import type { TextLine } from './text-lines';
import { saysIssue } from './wording';

export interface Heading {
  rank: number;
  /** Folded number without separators: 二, (一), 1; empty for a heading without a number. */
  ordinal: string;
  /** The number as printed in the source. */
  printed: string;
  title: TitleSpan;
  /** Folded title, for the tests of wording. */
  words: string;
  /** Own lines (heading line first), without those of the children. */
  lines: TextLine[];
  children: Heading[];
  parent: Heading | undefined;
}

interface HeadingLine {
  rank: number;
  ordinal: string;
  printed: string;
  bodyFrom: number;
}

const bareIssue = /^(?:关于[^。]{2,120}问题[。:]?|(?:巡[察视])?反馈(?:的)?问题:.{2,120})$/;

function headingLineOf(text: string, line: TextLine): HeadingLine | undefined {
  const marker = markerOf(line.shadow);
  if (marker) {
    const body = line.shadow.slice(marker.bodyAt, marker.bodyAt + 40);
    // (1)整改措施: labels a part; a chapter called 二、整改任务 is a heading all the same.
    const labels = labelsIn(body).some(({ at, bodyAt }) => at === 0 && (marker.rank > 3 || bodyAt < body.length));
    if (labels && marker.rank > 1) return undefined;
    const printed = text.slice(line.from + marker.printed.from, line.from + marker.printed.to);
    return { rank: marker.rank, ordinal: marker.ordinal, printed, bodyFrom: line.from + marker.bodyAt };
  }
  if (line.shadow.length <= 140 && bareIssue.test(line.shadow) && saysIssue(line.shadow)) {
    return { rank: unnumberedRank, ordinal: '', printed: '', bodyFrom: line.from };
  }
  return undefined;
}

/** Headings of the first level with their children, and the lines before the first heading. */
export function headingTree(text: string, shadow: string, lines: TextLine[]): { preface: TextLine[]; top: Heading[] } {
  const preface: TextLine[] = [];
  const top: Heading[] = [];
  const stack: Heading[] = [];
  let labelled: Heading | undefined;
  for (const line of lines) {
    const current = stack[stack.length - 1];
    const head = headingLineOf(text, line);
    if (!head || (labelled !== undefined && labelled === current && head.rank > labelled.rank)) {
      (current?.lines ?? preface).push(line);
      if (current && labelsIn(line.shadow.slice(0, 60)).some(({ at, role }) => at <= 4 && role !== 'manifestations'))
        labelled = current;
      continue;
    }
    while (stack.length > 0 && (stack[stack.length - 1]?.rank ?? 0) >= head.rank) stack.pop();
    const parent = stack[stack.length - 1];
    const title = titleIn(text, shadow, head.bodyFrom, line.to);
    const words = shadow.slice(head.bodyFrom, Math.min(title.restAt, head.bodyFrom + 420)).replace(/[。;.\s]+$/, '');
    const { rank, ordinal, printed } = head;
    const heading: Heading = { rank, ordinal, printed, title, words, lines: [line], children: [], parent };
    (parent?.children ?? top).push(heading);
    stack.push(heading);
    labelled = undefined;
  }
  return { preface, top };
}
