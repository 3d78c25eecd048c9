// The outline as the clerk edits it: pure steps on the list of lines, and where a line stands in the original text.
import { outlineLine, type OutlineLine } from '#contracts/api';

export type Lines = readonly OutlineLine[];
export type Fault = { readonly key: string; readonly words: string };
export type Slice = { readonly start: number; readonly end: number };

/** A new line below the given one (at the end without one), taking over what neighbours usually share. */
export function addedAfter(lines: Lines, after: string | undefined, key: string): Lines {
  const at = lines.findIndex((line) => line.key === after);
  const neighbour = lines[at === -1 ? lines.length - 1 : at];
  const added: OutlineLine = {
    key,
    number: '',
    title: '',
    text: '',
    group: neighbour?.group ?? '',
    unitId: neighbour?.unitId ?? '',
    class: neighbour?.class ?? 'timeLimited',
    kind: 'single',
    special: neighbour?.special ?? 'none',
    competentDepartment: '',
  };
  const place = at === -1 ? lines.length : at + 1;
  return [...lines.slice(0, place), added, ...lines.slice(place)];
}

export function without(lines: Lines, key: string): Lines {
  return lines.filter((line) => line.key !== key);
}

export function replaced(lines: Lines, changed: OutlineLine): Lines {
  return lines.map((line) => (line.key === changed.key ? changed : line));
}

/** The line one place up (-1) or down (+1); at the edge nothing changes. */
export function moved(lines: Lines, key: string, step: 1 | -1): Lines {
  const at = lines.findIndex((line) => line.key === key);
  const [line, other] = [lines[at], lines[at + step]];
  if (line === undefined || other === undefined) return lines;
  const next = [...lines];
  next[at] = other;
  next[at + step] = line;
  return next;
}

/** Gives the unit to every line that has none yet. */
export function unitsFilled(lines: Lines, unitId: string): Lines {
  return lines.map((line) => (line.unitId === '' ? { ...line, unitId } : line));
}

const fieldWords: Readonly<Record<string, string>> = { number: '编号', title: '问题', text: '原文', group: '类别' };

/** What keeps the outline from being frozen, line by line. */
export function faultsOf(lines: Lines): readonly Fault[] {
  const seen = new Set<string>();
  return lines.flatMap((line) => {
    const words: string[] = [];
    const issue = outlineLine.safeParse(line).error?.issues[0];
    if (issue !== undefined) words.push(`${fieldWords[String(issue.path[0])] ?? '内容'}没有填好`);
    if (line.unitId === '') words.push('没有选单位');
    const place = `${line.unitId} ${line.number}`;
    if (line.number !== '' && seen.has(place)) words.push('编号重复');
    seen.add(place);
    return words.length === 0 ? [] : [{ key: line.key, words: words.join('，') }];
  });
}

/** Where the line stands in the source: its text, else its title, white space aside; undefined when not found. */
export function sliceOf(source: string, line: OutlineLine): Slice | undefined {
  return found(source, line.text) ?? found(source, line.title);
}

function found(source: string, wanted: string): Slice | undefined {
  if (wanted.trim() === '') return undefined;
  const exact = source.indexOf(wanted);
  if (exact !== -1) return { start: exact, end: exact + wanted.length };
  // The import joins broken lines; compare without white space and map back.
  const places: number[] = [];
  let bare = '';
  for (let place = 0; place < source.length; place += 1) {
    const sign = source.charAt(place);
    if (/\s/.test(sign)) continue;
    bare += sign;
    places.push(place);
  }
  const bareWanted = wanted.replace(/\s+/g, '');
  const at = bare.indexOf(bareWanted);
  const [start, last] = [places[at], places[at + bareWanted.length - 1]];
  return at === -1 || start === undefined || last === undefined ? undefined : { start, end: last + 1 };
}
