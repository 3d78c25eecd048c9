import fc from 'fast-check';
import type { Agency } from '#kernel/envelope';
import { agencies } from '#kernel/envelope';
import type { Scheme } from '#contracts/evaluation';
import { indicatorsOf, sheetOf } from './scheme';
import { resultDigest, resultOf } from './result';
import type { UnitFacts, Votes } from './result';
import { sheetFaults } from './sheet';
import type { Sheet } from './sheet';
import { schemeTemplates } from './templates';

const scheme = schemeTemplates[0]!;
const full = (agency: Agency, onSite = true): Sheet =>
  Object.fromEntries(sheetOf(scheme, agency, onSite).map(({ id, max }) => [id, { points: max, reason: '' }]));
const votes = (change: Partial<Votes> = {}): Votes => {
  return { satisfied: 50, fairly: 0, average: 0, dissatisfied: 0, unknown: 0, ...change };
};
const best: UnitFacts = {
  unitId: 'u1',
  onSite: true,
  sheets: { commission: full('commission'), organization: full('organization'), inspection: full('inspection') },
  figures: { completionRate: { count: 25, of: 25 }, immediateRate: { count: 4, of: 4 } },
  votes: { staff: votes() },
  agreed: {},
  vetoes: [],
};
const scoring = (agency: Agency, id: string, points: number, reason = '抽查属实'): UnitFacts => ({
  ...best,
  sheets: { ...best.sheets, [agency]: { ...best.sheets[agency], [id]: { points, reason } } },
});
const pointsOf = (facts: UnitFacts, id: string) => resultOf(scheme, facts).indicators.find((each) => each.id === id);

describe('综合评定', () => {
  it('gives all points and the best grade to who has done all', () =>
    expect(resultOf(scheme, best)).toMatchObject({ sum: 10_000, outOf: 10_000, points: 10_000, grade: '优秀' }));

  it('takes what the scorer takes, and follows the bands', () => {
    expect(resultOf(scheme, scoring('commission', '3.2', 500))).toMatchObject({ points: 9_000, grade: '优秀' });
    expect(resultOf(scheme, scoring('commission', '3.2', 450))).toMatchObject({ points: 8_950, grade: '较好' });
  });

  it('counts a rate as its share of the maximum, rounded half up to a hundredth', () => {
    const rate = (count: number, of: number) =>
      pointsOf({ ...best, figures: { ...best.figures, completionRate: { count, of } } }, '3.1');
    expect(rate(19, 25)).toEqual({ id: '3.1', points: 1_520 });
    expect(rate(1, 3)).toEqual({ id: '3.1', points: 667 });
    expect(rate(0, 0)).toEqual({ id: '3.1', missing: 'noFigure' });
  });

  it('takes so many points for each case, and never more than there are', () => {
    const byCases = schemeTemplates[1]!;
    const rebounds = (count: number) =>
      resultOf(byCases, { ...best, figures: { rebound: { count, of: 0 } } }).indicators.find(({ id }) => id === '3.6');
    expect([rebounds(0)?.points, rebounds(1)?.points, rebounds(9)?.points]).toEqual([600, 400, 0]);
  });

  it('scales to the total what only visited organisations are asked', () => {
    const desk = resultOf(scheme, { ...best, onSite: false });
    expect(desk).toMatchObject({ sum: 8_500, outOf: 8_500, points: 10_000 });
    expect(desk.indicators).toContainEqual({ id: '3.2', missing: 'notOnSite' });
  });

  it('leaves out, and scales, what an agency alone scores that was left out itself', () => {
    const { organization: _, ...sheets } = best.sheets;
    const result = resultOf(scheme, { ...best, sheets });
    expect(result).toMatchObject({ outOf: 8_600, points: 10_000 });
    expect(result.indicators.filter(({ missing }) => missing === 'noSheet').map(({ id }) => id)).toEqual([
      '2.2',
      '2.3',
      '3.6',
    ]);
    expect(result.indicators.find(({ id }) => id === '3.7')?.given).toEqual({ commission: 400, inspection: 400 });
  });

  it('waits for a consultation where the sheets are too far apart, and takes what it agrees', () => {
    const near = scoring('commission', '3.7', 350);
    expect(pointsOf(near, '3.7')).toEqual({
      id: '3.7',
      points: 383,
      given: { commission: 350, inspection: 400, organization: 400 },
    });
    const apart = scoring('commission', '3.7', 300);
    expect(pointsOf(apart, '3.7')).toMatchObject({ gap: 'open' });
    expect(resultOf(scheme, apart)).not.toHaveProperty('points');
    const agreed = { ...apart, agreed: { '3.7': { points: 350, reason: '三方会商一致' } } };
    expect(pointsOf(agreed, '3.7')).toMatchObject({ gap: 'agreed', points: 350 });
    expect(resultOf(scheme, agreed)).toMatchObject({ points: 9_950 });
  });

  it('weighs answers by their worth, without those who do not know, and not at all below the minimum', () => {
    const vote = (change: Partial<Votes>) => pointsOf({ ...best, votes: { staff: votes(change) } }, '4.2');
    expect(vote({ satisfied: 10, fairly: 10, average: 10, dissatisfied: 10, unknown: 40 })?.points).toBe(600);
    expect(vote({ satisfied: 19 })).toEqual({ id: '4.2', missing: 'tooFewVotes' });
    expect(vote({ satisfied: 0, unknown: 90 })).toEqual({ id: '4.2', missing: 'tooFewVotes' });
  });

  it('is capped by a confirmed veto, whatever was scored', () =>
    expect(resultOf(scheme, { ...best, vetoes: ['V1'] })).toMatchObject({ sum: 10_000, points: 0, grade: '差' }));

  it('takes discretion within what the scheme allows', () => {
    const free: Scheme = { ...scheme, discretion: { min: -500, max: 200 } };
    const with5 = { ...best, discretion: { points: -900, reason: '整改期间新发问题' } };
    expect(resultOf(free, with5).points).toBe(9_500);
    expect(resultOf(scheme, with5).points).toBe(10_000);
  });

  it('has one digest whatever the order of the units, and another for any other point', () => {
    const [one, two] = [resultOf(scheme, best), resultOf(scheme, { ...best, unitId: 'u2' })];
    const digest = resultDigest('e1', scheme, [one, two]);
    expect(resultDigest('e1', scheme, [two, one])).toBe(digest);
    expect(
      resultDigest('e1', scheme, [one, resultOf(scheme, { ...scoring('commission', '3.2', 1450), unitId: 'u2' })]),
    ).not.toBe(digest);
    expect(resultDigest('e2', scheme, [one, two])).not.toBe(digest);
  });

  it('always has a grade, between the worst and the best that can be', () =>
    fc.assert(
      fc.property(
        fc.constantFrom(...schemeTemplates),
        fc.boolean(),
        fc.array(fc.integer({ min: 0, max: 100 }), { minLength: 60, maxLength: 60 }),
        fc.array(fc.nat({ max: 40 }), { minLength: 5, maxLength: 5 }),
        (each, onSite, shares, counts) => {
          let at = 0;
          const score = (agency: Agency): Sheet =>
            Object.fromEntries(
              sheetOf(each, agency, onSite).map(({ id, min, max }) => {
                const points = min + Math.floor(((max - min) * shares[at++ % 60]!) / 100 / each.step) * each.step;
                return [id, { points, reason: '核查' }];
              }),
            );
          const sheets = Object.fromEntries(agencies.map((agency) => [agency, score(agency)]));
          for (const agency of agencies) expect(sheetFaults(each, agency, onSite, sheets[agency]!)).toEqual([]);
          const agreed = Object.fromEntries(
            indicatorsOf(each).map(({ id, min }) => [id, { points: min, reason: '会商' }]),
          );
          const [satisfied, fairly, average, dissatisfied, unknown] = counts as [
            number,
            number,
            number,
            number,
            number,
          ];
          const facts: UnitFacts = {
            ...{ unitId: 'u1', onSite, sheets, agreed, vetoes: [] },
            figures: { completionRate: { count: satisfied, of: 40 }, rebound: { count: fairly, of: 0 } },
            votes: { staff: { satisfied, fairly, average, dissatisfied, unknown } },
          };
          const result = resultOf(each, facts);
          expect(result.grade).toBeDefined();
          expect(result.points).toBeLessThanOrEqual(each.total);
          expect(result.points).toBeGreaterThanOrEqual(-1_000);
        },
      ),
      { numRuns: 200 },
    ));
});

describe('评分表', () => {
  const faults = (id: string, points: number, reason = '理由') =>
    sheetFaults(scheme, 'commission', true, { ...full('commission'), [id]: { points, reason } }).map(
      ({ code }) => code,
    );
  it('may be sealed when it is complete', () =>
    expect(sheetFaults(scheme, 'commission', true, full('commission'))).toEqual([]));
  it.each([
    ['3.2', 1_600, 'sheet.outOfRange'],
    ['3.2', -50, 'sheet.outOfRange'],
    ['3.2', 10.5, 'sheet.outOfRange'],
    ['3.2', 1_025, 'sheet.offStep'],
    ['1.1', 400, 'sheet.unknown'],
  ])('is refused with %s scored %s', (id, points, code) => expect(faults(id, points)).toEqual([code]));
  it('is refused without a reason for what was taken, and without an indicator', () => {
    expect(faults('3.2', 1_000, ' ')).toEqual(['sheet.noReason']);
    const { '3.2': _, ...short } = full('commission');
    expect(sheetFaults(scheme, 'commission', true, short)).toEqual([{ code: 'sheet.missing', details: { id: '3.2' } }]);
    expect(sheetFaults(scheme, 'commission', false, short)).toEqual([]);
  });
});
