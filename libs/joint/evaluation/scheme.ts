// What a scheme must be before it may be frozen: its parts add up, every grade can be reached, every indicator has a
// source, and every agency has something to say. Each fault names its place, so that an editor can show it there.
import type { Agency } from '#kernel/envelope';
import { agencies } from '#kernel/envelope';
import { agencyNames } from '#contracts/agencies';
import type { Indicator, Scheme, SchemeNode } from '#contracts/evaluation';

export type SchemeFault = { readonly code: string; readonly details: Readonly<Record<string, string | number>> };

const deepest = 4;

/** All indicators, in the order of the tree. */
export function indicatorsOf(scheme: Scheme): readonly Indicator[] {
  const below = (node: SchemeNode): readonly Indicator[] =>
    'children' in node ? node.children.flatMap(below) : [node];
  return scheme.tree.flatMap(below);
}

/** What one agency scores on its sheet. */
export function sheetOf(scheme: Scheme, agency: Agency, onSite: boolean): readonly Indicator[] {
  return indicatorsOf(scheme).filter(
    ({ source, ...indicator }) =>
      source.kind === 'sheet' && source.by.includes(agency) && (onSite || !indicator.onSite),
  );
}

/** Empty when the scheme may be frozen. */
export function schemeFaults(scheme: Scheme): readonly SchemeFault[] {
  return [...treeFaults(scheme), ...indicatorFaults(scheme), ...sourceFaults(scheme), ...bandFaults(scheme)];
}

function treeFaults(scheme: Scheme): SchemeFault[] {
  const ids: string[] = [];
  let depth = 0;
  const walk = (node: SchemeNode, level: number) => {
    ids.push(node.id);
    depth = Math.max(depth, level);
    if ('children' in node) for (const child of node.children) walk(child, level + 1);
  };
  for (const node of scheme.tree) walk(node, 1);
  const twice = ids.find((id, at) => ids.indexOf(id) !== at);
  return [
    ...(twice === undefined ? [] : [fault('scheme.idTwice', { id: twice })]),
    ...(depth > deepest ? [fault('scheme.tooDeep', { depth, deepest })] : []),
  ];
}

function indicatorFaults(scheme: Scheme): SchemeFault[] {
  const indicators = indicatorsOf(scheme);
  const faults = indicators.flatMap(({ id, min, max, source, start, ...indicator }) => [
    ...(min < max ? [] : [fault('scheme.noRange', { id })]),
    ...(source.kind === 'sheet' && (min % scheme.step !== 0 || max % scheme.step !== 0)
      ? [fault('scheme.offStep', { id, step: shownPoints(scheme.step) })]
      : []),
    ...(source.kind === 'figure' && source.count === 'each' && source.each < 0 !== (start === 'max')
      ? [fault('scheme.wrongWay', { id })]
      : []),
    ...(source.kind === 'figure' && source.count === 'each' && source.each === 0
      ? [fault('scheme.noEach', { id })]
      : []),
    ...(indicator.onSite && source.kind === 'figure' ? [fault('scheme.figureOnSite', { id })] : []),
  ]);
  const sum = indicators.reduce((all, { max }) => all + max, 0);
  if (sum === scheme.total) return faults;
  return [...faults, fault('scheme.sum', { sum: shownPoints(sum), total: shownPoints(scheme.total) })];
}

function sourceFaults(scheme: Scheme): SchemeFault[] {
  const indicators = indicatorsOf(scheme);
  const silent = agencies.filter((agency) => !sheetOf(scheme, agency, true).length);
  const { satisfied, fairly, average, dissatisfied } = scheme.vote.weights;
  const falling = satisfied >= fairly && fairly >= average && average >= dissatisfied && satisfied > dissatisfied;
  return [
    ...silent.map((agency) => fault('scheme.noSheet', { agency: agencyNames[agency] })),
    ...(indicators.some(({ source }) => source.kind === 'sheet' && new Set(source.by).size < source.by.length)
      ? [fault('scheme.partyTwice', {})]
      : []),
    ...(falling ? [] : [fault('scheme.weights', {})]),
  ];
}

function bandFaults({ bands, total, discretion, ...scheme }: Scheme): SchemeFault[] {
  const lowest = indicatorsOf({ bands, total, discretion, ...scheme }).reduce((sum, { min }) => sum + min, 0);
  const bottom = Math.min(lowest + discretion.min, ...scheme.vetoes.map(({ effect }) => effect.total));
  const names = bands.map(({ grade }) => grade);
  const twice = names.find((grade, at) => names.indexOf(grade) !== at);
  const rising = bands.find(({ from }, at) => at > 0 && from >= bands[at - 1]!.from);
  const beyond = bands.find(({ from }) => from > total + discretion.max);
  const last = bands.at(-1)!;
  return [
    ...(twice === undefined ? [] : [fault('scheme.gradeTwice', { grade: twice })]),
    ...(rising ? [fault('scheme.bandsNotFalling', { grade: rising.grade })] : []),
    ...(beyond ? [fault('scheme.gradeBeyond', { grade: beyond.grade, from: shownPoints(beyond.from) })] : []),
    ...(last.from <= bottom ? [] : [fault('scheme.noGradeBelow', { grade: last.grade, bottom: shownPoints(bottom) })]),
    ...(discretion.min <= 0 && discretion.max >= 0 ? [] : [fault('scheme.discretion', {})]),
  ];
}

function fault(code: string, details: SchemeFault['details']): SchemeFault {
  return { code, details };
}

/** 450 → "4.5", as people write points. */
export function shownPoints(hundredths: number): string {
  return String(hundredths / 100);
}
