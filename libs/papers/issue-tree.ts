// Decides which headings are issues, which are the groups above them, and which tell of the work itself. Nothing is
// taken as an issue unless its words, its form or its chapter say so: a missed line can be added by the clerk, an
// invented one would stand in a ledger.

import type { Heading } from './heading-tree';
import { labelsIn } from './issue-label';
import { isOrganName } from './organ-name';
import { holdsIssues, isOrganisational, namesAction, namesFault, saysIssue } from './wording';

/** An issue's heading with the group heading above it, if any. */
export interface IssueHeading {
  heading: Heading;
  group: Heading | undefined;
  /** True when the heading is an aspect (…方面) whose series of sentences are the issues. */
  aspect: boolean;
}

const aspectEnd = /方面(?:存在)?(?:的)?(?:主要|突出)?(?:问题)?(?:整改(?:落实|进展)?情况)?$/;

function hasLabel(heading: Heading): boolean {
  return heading.lines.some((line) => labelsIn(line.shadow.slice(0, 60)).some(({ role }) => role !== 'manifestations'));
}

/** Children that do, rather than blame, are the measures of the issue above them. */
function childrenAreMeasures(heading: Heading): boolean {
  if (heading.children.length === 0 || aspectEnd.test(heading.words)) return false;
  if (!saysIssue(heading.words) && !namesFault(heading.words)) return false;
  return heading.children.every(
    (child) => !saysIssue(child.words) && (namesAction(child.words) || !namesFault(child.words)),
  );
}

function isIssue(heading: Heading, trusted: boolean): boolean {
  const { words } = heading;
  if (heading.title.from >= heading.title.to) return false;
  if (saysIssue(words) || hasLabel(heading)) return true;
  if (namesAction(words)) return false;
  return namesFault(words) || (trusted && heading.rank > 2);
}

function walk(heading: Heading, group: Heading | undefined, found: IssueHeading[]): void {
  if (isOrganisational(heading.words)) return;
  const before = found.length;
  if (!childrenAreMeasures(heading)) for (const child of heading.children) walk(child, heading, found);
  if (found.length > before) return;
  if (aspectEnd.test(heading.words) && !hasLabel(heading)) {
    if (heading.children.length === 0) found.push({ heading, group, aspect: true });
    return;
  }
  const trusted = group !== undefined && /问题|方面|不足/.test(group.words);
  if (isIssue(heading, trusted)) found.push({ heading, group, aspect: false });
}

/** A chapter such as 二、巡察反馈问题整改情况 only holds issues; an aspect or an issue is itself a group. */
function walkChapter(heading: Heading, lead: boolean, found: IssueHeading[]): void {
  const { words } = heading;
  if (isOrganisational(words)) return;
  const blames = namesFault(words) && !namesAction(words) && !/整改/.test(words);
  const isGroup = saysIssue(words) || aspectEnd.test(words) || blames || isOrganName(words);
  if (isGroup || lead) {
    walk(heading, undefined, found);
  } else if (holdsIssues(words)) {
    for (const child of heading.children) walk(child, undefined, found);
  } else {
    for (const child of heading.children) {
      if (saysIssue(child.words) || (holdsIssues(child.words) && heading.rank < 2)) walkChapter(child, false, found);
    }
  }
}

/**
 * The issue headings of a tree, in order. `lead` says that the prose before the first heading announces issues
 * (存在以下问题:), so that a list without chapters is taken as such.
 */
export function issueHeadings(top: Heading[], lead: boolean): IssueHeading[] {
  const found: IssueHeading[] = [];
  for (const heading of top) walkChapter(heading, lead, found);
  return found;
}
