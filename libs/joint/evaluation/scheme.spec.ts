import type { Scheme, SchemeGroup } from '#contracts/evaluation';
import { scheme as form } from '#contracts/evaluation';
import { messages } from '#contracts/messages.zh';
import { indicatorsOf, schemeFaults, sheetOf } from './scheme';
import { schemeTemplates } from './templates';

const template = schemeTemplates[0]!;
const codes = (scheme: Scheme) => schemeFaults(scheme).map(({ code }) => code);
const changed = (id: string, change: object): Scheme => ({
  ...template,
  tree: template.tree.map((group) => ({
    ...group,
    children: group.children.map((child) => (child.id === id ? { ...child, ...change } : child)),
  })),
});

describe('评估方案模板', () => {
  it.each(schemeTemplates)('$name may be frozen as it is', (scheme) => {
    expect(form.parse(scheme)).toEqual(scheme);
    expect(schemeFaults(scheme)).toEqual([]);
  });
  it('are the three that the practice knows: 15/15/60/10 twice, one of 23 items, and eleven elements with four votes', () => {
    const weights = (scheme: Scheme) =>
      scheme.tree.map(
        (group) => indicatorsOf({ ...scheme, tree: [group] }).reduce((sum, { max }) => sum + max, 0) / 100,
      );
    expect(weights(schemeTemplates[0]!)).toEqual([15, 15, 60, 10]);
    expect(weights(schemeTemplates[1]!)).toEqual([15, 15, 60, 10]);
    expect(indicatorsOf(schemeTemplates[1]!)).toHaveLength(23);
    expect(
      weights(schemeTemplates[2]!)
        .slice(0, 5)
        .reduce((sum, weight) => sum + weight),
    ).toBe(75);
    expect(indicatorsOf(schemeTemplates[2]!)).toHaveLength(15);
  });
});

describe('评估方案不能冻结', () => {
  it.each<[string, Scheme, string]>([
    ['when its parts do not add up', changed('1.1', { max: 500 }), 'scheme.sum'],
    ['when an indicator can bring one number only', changed('1.1', { min: 400 }), 'scheme.noRange'],
    ['when a maximum is not a multiple of the step', changed('1.1', { max: 425 }), 'scheme.offStep'],
    ['when a number stands twice', changed('1.2', { id: '1.1' }), 'scheme.idTwice'],
    [
      'when a figure gives points where it should take them',
      changed('3.1', { start: 'max', source: { kind: 'figure', figure: 'rebound', count: 'each', each: 200 } }),
      'scheme.wrongWay',
    ],
    [
      'when a case costs nothing',
      changed('3.1', { source: { kind: 'figure', figure: 'rebound', count: 'each', each: 0 } }),
      'scheme.noEach',
    ],
    ['when a figure of the system is to be seen on site', changed('3.1', { onSite: true }), 'scheme.figureOnSite'],
    [
      'when an agency is named twice',
      changed('1.1', { source: { kind: 'sheet', by: ['inspection', 'inspection'] } }),
      'scheme.partyTwice',
    ],
    [
      'when a worse answer is worth more',
      { ...template, vote: { minimum: 1, weights: { satisfied: 80, fairly: 100, average: 60, dissatisfied: 0 } } },
      'scheme.weights',
    ],
    ['when grades do not fall', { ...template, bands: [...template.bands].reverse() }, 'scheme.bandsNotFalling'],
    [
      'when a grade stands twice',
      { ...template, bands: template.bands.map((band) => ({ ...band, grade: '好' })) },
      'scheme.gradeTwice',
    ],
    [
      'when a grade cannot be reached',
      { ...template, bands: [{ grade: '特优', from: 10_100 }, ...template.bands] },
      'scheme.gradeBeyond',
    ],
    ['when the lowest points have no grade', { ...template, bands: template.bands.slice(0, 3) }, 'scheme.noGradeBelow'],
    ['when discretion can only take', { ...template, discretion: { min: -500, max: -100 } }, 'scheme.discretion'],
  ])('%s', (_, scheme, code) => expect(codes(scheme)).toContain(code));

  it('when an agency has nothing to score', () => {
    const commissionOnly = (node: SchemeGroup): SchemeGroup => ({
      ...node,
      children: node.children.map((child) =>
        'children' in child || child.source.kind !== 'sheet'
          ? child
          : { ...child, source: { kind: 'sheet', by: ['commission'] } },
      ),
    });
    const faults = schemeFaults({ ...template, tree: template.tree.map(commissionOnly) });
    expect(faults).toEqual([
      { code: 'scheme.noSheet', details: { agency: '组织部' } },
      { code: 'scheme.noSheet', details: { agency: '巡视办' } },
    ]);
  });

  it('when it is deeper than a reader follows', () => {
    const deep = { id: 'a', name: 'a', children: [{ id: 'b', name: 'b', children: [template.tree[0]!] }] };
    const deeper = { id: 'c', name: 'c', children: [deep] };
    expect(codes({ ...template, tree: [deep, ...template.tree.slice(1)] })).toEqual([]);
    expect(codes({ ...template, tree: [deeper, ...template.tree.slice(1)] })).toEqual(['scheme.tooDeep']);
  });

  it('and says so in a sentence', () => expect(messages['scheme.sum']).toContain('{sum}'));
});

describe('一方的评分表', () => {
  it('holds what this agency scores, on site only where it was', () => {
    const ids = (onSite: boolean) => sheetOf(template, 'commission', onSite).map(({ id }) => id);
    expect(ids(true)).toEqual(['2.1', '3.2', '3.4', '3.7']);
    expect(ids(false)).toEqual(['2.1', '3.4', '3.7']);
  });
});
