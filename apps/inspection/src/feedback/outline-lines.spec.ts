import { noteWords, proposedLines } from './outline-lines';
import type { FoundIssue } from './outline-lines';

const units = [
  { unitId: 'u1', unitName: '县教育局党组' },
  { unitId: 'u2', unitName: '县交通局党组' },
];
const issue = (changes: Partial<FoundIssue> = {}): FoundIssue => ({
  title: '理论学习不够深入',
  number: '一(一)1',
  text: '理论学习不够深入。',
  ...changes,
});
const [first] = [units.slice(0, 1)];

describe('问题清单的提出', () => {
  it('keeps number, title and text as printed', () =>
    expect(proposedLines([issue({ group: '政治建设方面' })], units)).toMatchObject([
      { key: 'l1', number: '一(一)1', title: '理论学习不够深入', text: '理论学习不够深入。', group: '政治建设方面' },
    ]));
  it('guesses no class: 限期整改, 个性, until the clerk decides', () =>
    expect(proposedLines([issue()], units)).toMatchObject([{ class: 'timeLimited', kind: 'single', special: 'none' }]));
  it('lays issues to the only unit of a round', () =>
    expect(proposedLines([issue()], first ?? [])[0]?.unitId).toBe('u1'));
  it.each([
    ['县教育局党组', 'u1'],
    ['县交通局', 'u2'],
    ['县水务局', ''],
    [undefined, ''],
    ['县', ''],
  ])('lays an issue of %s to unit "%s"', (unit, unitId) =>
    expect(proposedLines([issue(unit === undefined ? {} : { unit })], units)[0]?.unitId).toBe(unitId),
  );
  it('numbers what has no number by its place, and tells equal numbers of one unit apart', () => {
    const found = [issue({ number: '' }), issue({ number: '一是' }), issue({ number: '一是' })];
    expect(proposedLines(found, first ?? []).map(({ number }) => number)).toEqual(['1', '一是', '一是-2']);
  });
  it('leaves equal numbers of different units alone', () => {
    const found = [issue({ number: '一是', unit: '县教育局' }), issue({ number: '一是', unit: '县交通局' })];
    expect(proposedLines(found, units).map(({ number }) => number)).toEqual(['一是', '一是']);
  });
  it.each([
    [{ title: '执行选人用人政策不够规范' }, 'selection'],
    [{ group: '落实意识形态工作责任制方面' }, 'ideology'],
    [{ group: '政治建设方面' }, 'none'],
  ])('proposes the special of %j as %s', (changes, special) =>
    expect(proposedLines([issue(changes)], units)[0]?.special).toBe(special),
  );
});

it('a note says what was declared and what was found', () => {
  expect(noteWords({ code: 'declaredMoreThanFound', declared: 35, found: 2 })).toContain('35个问题，找到2个');
  expect(noteWords({ code: 'repeatedIssue', title: '作风不实' })).toContain('作风不实');
});
