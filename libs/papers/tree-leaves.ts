// Turns the issue headings of a tree into leaves with their parts, cut before the closing lines of the paper.

import type { Heading } from './heading-tree';
import { issueParts } from './issue-parts';
import { titleIn } from './issue-title';
import { issueHeadings, type IssueHeading } from './issue-tree';
import { isOrganName } from './organ-name';
import { fold } from './fold';
import type { Leaf } from './leaf';
import { seriesIn } from './series';
import type { TextLine } from './text-lines';

// What follows the last issue of a chapter without a number of its own: totals, next steps, contact, signature.
const closing = new RegExp(
  String.raw`^(?:截[至止][^。]{0,30}(?:巡[察视]|反馈|问题|整改)|下一步|总的来看|总之|联系(?:电话|方式|人)|监督电话|电子邮箱|邮政|附件|特此|欢迎` +
    String.raw`|\d{4}年\d{1,2}月\d{1,2}日$|中共.{2,40}(?:委员会|党组|党委)$)`,
);

function chain(heading: Heading): Heading[] {
  const headings: Heading[] = [];
  for (let at: Heading | undefined = heading; at; at = at.parent) headings.unshift(at);
  return headings;
}

function allLines(heading: Heading): TextLine[] {
  return [...heading.lines, ...heading.children.flatMap(allLines)].sort((a, b) => a.from - b.from);
}

/** Lines of the issue itself; the closing lines of the paper do not belong to its last issue. */
function ownLines(heading: Heading): TextLine[] {
  const lines = allLines(heading);
  const end = lines.findIndex((line, at) => at > 0 && closing.test(line.shadow.slice(0, 80)));
  return end === -1 ? lines : lines.slice(0, end);
}

function leafOf(text: string, shadow: string, issue: IssueHeading, bare: 'measures' | 'manifestations'): Leaf {
  const { heading, group } = issue;
  const lines = ownLines(heading);
  const from = lines[0]?.from ?? heading.title.from;
  const to = lines[lines.length - 1]?.to ?? heading.title.to;
  const { status, ...parts } = issueParts(text, shadow, lines, heading.title.restAt, bare);
  const headings = chain(heading);
  const printedStatus = heading.title.status && text.slice(heading.title.status.from, heading.title.status.to);
  const known = status ?? printedStatus;
  return {
    title: text.slice(heading.title.from, heading.title.to),
    ...pathOf(headings),
    ...(group && { group: text.slice(group.title.from, group.title.to) }),
    ...(known !== undefined && { status: known }),
    number: headings.map(({ printed }) => printed).join(''),
    text: text.slice(from, to),
    ...parts,
    from,
    to,
  };
}

function pathOf(headings: Heading[]): { path?: string } {
  const path = headings.map(({ ordinal }) => ordinal).filter((ordinal) => ordinal !== '');
  return path.length > 0 ? { path: path.join('/') } : {};
}

/** (一)…方面。一是…二是… : the aspect is the group, the points of the series are the issues. */
function aspectLeaves(text: string, shadow: string, { heading }: IssueHeading): Leaf[] {
  const lines = ownLines(heading);
  const to = lines[lines.length - 1]?.to ?? heading.title.to;
  const number = chain(heading).map(({ printed }) => printed);
  const leaves: Leaf[] = [];
  for (const point of seriesIn(shadow, heading.title.restAt, to)) {
    const title = titleIn(text, shadow, point.bodyAt, point.to);
    if (title.from >= title.to) continue;
    const rest = text.slice(title.restAt, point.to).trim();
    leaves.push({
      title: text.slice(title.from, title.to),
      ...pathOf(chain(heading)),
      group: text.slice(heading.title.from, heading.title.to),
      number: [...number, text.slice(point.from, point.printedTo)].join(''),
      text: text.slice(point.from, point.to),
      measures: [],
      manifestations: rest === '' ? [] : [rest],
      from: point.from,
      to: point.to,
    });
  }
  return leaves;
}

/** Issues of the tree with the groups they stand in, in order. `bare` says what unlabelled text is. */
export function treeLeaves(
  text: string,
  shadow: string,
  top: Heading[],
  announced: boolean,
  bare: 'measures' | 'manifestations',
): { leaves: Leaf[]; groups: Heading[] } {
  const leaves: Leaf[] = [];
  const groups: Heading[] = [];
  for (const issue of issueHeadings(top, announced)) {
    const made = issue.aspect ? aspectLeaves(text, shadow, issue) : [leafOf(text, shadow, issue, bare)];
    if (made.length === 0) continue;
    leaves.push(...made);
    const group = issue.aspect ? issue.heading : issue.group;
    if (group && groups[groups.length - 1] !== group) groups.push(group);
  }
  return { leaves, groups };
}

/** A feedback notice that heads its lists by organisation lays each issue to the organisation above it. */
export function unitOfHeading(leaf: Leaf): void {
  if (leaf.group !== undefined && isOrganName(fold(leaf.group))) leaf.unit = leaf.group;
}
