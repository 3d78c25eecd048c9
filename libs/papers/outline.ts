// The outline import: a published text becomes a proposal for a ledger, which a clerk edits before it is frozen.
// Stages: fold → lines → heading tree → issues → figures → kind. Every string given back is a slice of the source.

import { declaredFigures, type Declared } from './declared';
import { fold } from './fold';
import { labelsIn } from './issue-label';
import { headingTree, type Heading } from './heading-tree';
import { figureNotes, type OutlineNote } from './outline-note';
import { inspectedOrgans } from './organ-name';
import { outlinedKind, proseKind, type OutlineKind } from './paper-kind';
import { proseIssues } from './prose-issues';
import { textLines } from './text-lines';
import { treeLeaves, unitOfHeading } from './tree-leaves';
import type { Span } from './issue-title';
import type { Leaf } from './leaf';

/** What a published text holds. `units` and `groups` are without duplicates, in the order of the text. */
export interface Outline {
  kind: OutlineKind;
  units: string[];
  groups: string[];
  leaves: Leaf[];
  declared: Declared;
  notes: OutlineNote[];
}

function unique(values: readonly string[]): string[] {
  return [...new Set(values)];
}

function proseLeaves(text: string, shadow: string, lines: ReturnType<typeof textLines>): Leaf[] {
  return proseIssues(text, shadow, lines).map((issue) => {
    const { from, to } = issue.text;
    const leaf: Leaf = {
      title: text.slice(issue.title.from, issue.title.to),
      number: issue.printed,
      text: text.slice(from, to),
      measures: [],
      manifestations: [],
      from,
      to,
    };
    const rest = text
      .slice(issue.title.to, to)
      .replace(/^[。.;；,，\s]+/, '')
      .trim();
    if (rest !== '') leaf.manifestations.push(rest);
    if (issue.unit) leaf.unit = text.slice(issue.unit.from, issue.unit.to);
    return leaf;
  });
}

/** The same issue printed again in a later chapter is one issue; the clerk is told. */
function withoutRepeats(leaves: Leaf[], notes: OutlineNote[]): Leaf[] {
  const seen = new Set<string>();
  return leaves.filter((leaf) => {
    const key = `${leaf.unit ?? ''}\u0000${fold(leaf.title).replace(/\s/g, '')}`;
    if (!seen.has(key)) return seen.add(key);
    notes.push({ code: 'repeatedIssue', title: leaf.title });
    return false;
  });
}

/** Marks the last issue when the text breaks off inside it. */
function markTruncation(shadow: string, leaves: Leaf[], notes: OutlineNote[]): void {
  const body = shadow.trimEnd();
  if (body === '' || /[。.!?:"')\]>…]$/.test(body)) return;
  const last = leaves[leaves.length - 1];
  if (!last || last.to < body.length) return;
  const titleAtEnd = last.text.trimEnd().endsWith(last.title);
  const othersGoOn = leaves.slice(0, -1).some((leaf) => leaf.measures.length + leaf.manifestations.length > 0);
  const sentences = leaves.slice(0, -1).some((leaf) => leaf.path === undefined);
  if (titleAtEnd && last.path !== undefined && !othersGoOn) return;
  if (titleAtEnd && last.path === undefined && !sentences) return;
  // A field such as a status or a deadline ends without a stop; only running text is cut.
  const lastLine = shadow.slice(last.from, last.to).split('\n').at(-1) ?? '';
  const field = labelsIn(lastLine.trim()).at(-1)?.role;
  if (field === 'status' || field === 'deadline' || field === 'responsible') return;
  last.truncated = titleAtEnd ? 'title' : 'text';
  notes.push({ code: 'textCut' });
}

function unitsOf(text: string, shadow: string, leaves: Leaf[]): string[] {
  const laid = unique(leaves.flatMap(({ unit }) => (unit === undefined ? [] : [unit])));
  if (laid.length > 0) return laid;
  return unique(inspectedOrgans(shadow).map(({ from, to }) => text.slice(from, to)));
}

function treeKindAllows(kind: OutlineKind): boolean {
  return kind !== 'news' && kind !== 'other';
}

interface Found {
  leaves: Leaf[];
  groups: string[];
}

function groupsOf(text: string, groups: readonly Heading[]): string[] {
  return unique(groups.map(({ title }) => text.slice(title.from, title.to)));
}

/**
 * Reads a decoded text. Pure and linear in its length; throws nothing for any text. A figure the text declares beyond
 * what it shows is a note, never a leaf.
 */
export function outline(text: string): Outline {
  const shadow = fold(text);
  const lines = textLines(shadow);
  const { preface, top } = headingTree(text, shadow, lines);
  const outlined = outlinedKind(lines, preface, top.length > 0);
  const announced = /(?:问题|不足|短板)[^。;]{0,20}:$/.test(preface[preface.length - 1]?.shadow ?? '');
  const tree = treeLeaves(text, shadow, top, announced, outlined === 'report' ? 'measures' : 'manifestations');
  let found: Found = { leaves: tree.leaves, groups: groupsOf(text, tree.groups) };
  if (outlined === undefined) {
    const prose = proseLeaves(text, shadow, lines);
    if (prose.length > tree.leaves.length) {
      found = { leaves: prose, groups: unique(prose.flatMap(({ unit }) => (unit === undefined ? [] : [unit]))) };
    } else {
      for (const leaf of found.leaves) unitOfHeading(leaf);
    }
  }
  const spans: Span[] = found.leaves.map(({ from, to }) => ({ from, to }));
  const declared = declaredFigures(shadow, spans);
  const kind = outlined ?? proseKind(shadow, lines, found.leaves.length, declared);
  const notes: OutlineNote[] = [];
  const leaves = treeKindAllows(kind) ? withoutRepeats(found.leaves, notes) : [];
  markTruncation(shadow, leaves, notes);
  const units = unitsOf(text, shadow, leaves);
  const laid = leaves.some(({ unit }) => unit !== undefined) ? units.length : 0;
  notes.push(...figureNotes(declared, leaves.length, laid));
  return { kind, units, groups: leaves.length > 0 ? found.groups : [], leaves, declared, notes };
}
