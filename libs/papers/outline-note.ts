// What the clerk must be told beside the outline: the text claims more than it shows, was cut, or repeats itself.
// The import never fills such a gap; a note only says that it is there.

import type { Declared } from './declared';

export type OutlineNote =
  | { code: 'declaredMoreThanFound'; declared: number; found: number }
  | { code: 'declaredFewerThanFound'; declared: number; found: number }
  | { code: 'areasDifferFromFound'; declared: number; found: number }
  | { code: 'orgsMoreThanFound'; declared: number; found: number }
  | { code: 'partsDifferFromTotal'; declared: number; found: number }
  | { code: 'textCut' }
  | { code: 'repeatedIssue'; title: string };

function count(declared: Declared, key: string): number | undefined {
  const value = declared[key];
  return typeof value === 'number' ? value : undefined;
}

/** Notes that follow from the figures: found is the number of leaves, units those that issues are laid to. */
export function figureNotes(declared: Declared, found: number, units: number): OutlineNote[] {
  const notes: OutlineNote[] = [];
  const areas = count(declared, 'areas');
  const issues = count(declared, 'issues') ?? count(declared, 'issues_town');
  if (issues !== undefined && issues > found) notes.push({ code: 'declaredMoreThanFound', declared: issues, found });
  if (issues !== undefined && issues < found) notes.push({ code: 'declaredFewerThanFound', declared: issues, found });
  if (issues === undefined && areas !== undefined && areas !== found) {
    notes.push({ code: 'areasDifferFromFound', declared: areas, found });
  }
  const orgs = count(declared, 'orgs') ?? count(declared, 'units');
  if (orgs !== undefined && units > 0 && orgs > units) {
    notes.push({ code: 'orgsMoreThanFound', declared: orgs, found: units });
  }
  const done = count(declared, 'done');
  const parts = [count(declared, 'partially_done'), count(declared, 'not_done')].filter((part) => part !== undefined);
  if (issues !== undefined && done !== undefined && parts.length > 0) {
    const sum = parts.reduce((total, part) => total + part, done);
    if (sum !== issues) notes.push({ code: 'partsDifferFromTotal', declared: issues, found: sum });
  }
  return notes;
}
