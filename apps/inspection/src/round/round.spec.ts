import type { Given } from '#kernel/decider';
import { ruleSets } from '#contracts/rule-sets';
import { history } from '#testing/given';
import type { RoundEvent } from './round';
import { round } from './round';

const given: Given = {
  by: { agency: 'inspection', id: 'wang', name: '王某', role: 'inspectionOffice' },
  at: '2025-03-03T01:00:00.000Z',
  today: '2025-03-03',
};
const [ruleSet] = ruleSets as [(typeof ruleSets)[0]];
const keys = { name: '第三轮', term: '十二届', year: 2025, tier: 'county', ruleSet } as const;
const opened: RoundEvent = { type: 'RoundOpened', data: keys };
const enrolled: RoundEvent = { type: 'OrganisationEnrolled', data: { unitId: 'u1', unitName: '县教育局党组' } };
const closed: RoundEvent = { type: 'RoundClosed', data: {} };

describe('轮次', () => {
  it('opens with its keys and a copy of the rule set', () =>
    history(round)
      .when({ type: 'OpenRound', ...keys }, given)
      .then(opened));
  it('opens once', () =>
    history(round, opened)
      .when({ type: 'OpenRound', ...keys }, given)
      .refuses('round.exists'));
  it('enrols an organisation', () =>
    history(round, opened)
      .when({ type: 'EnrolOrganisation', unitId: 'u1', unitName: '县教育局党组' }, given)
      .then(enrolled));
  it.each([
    ['the same id', 'u1', '县财政局党组'],
    ['the same name', 'u2', '县教育局党组'],
  ])('does not enrol %s twice', (_, unitId, unitName) =>
    history(round, opened, enrolled)
      .when({ type: 'EnrolOrganisation', unitId, unitName }, given)
      .refuses('round.enrolled'),
  );
  it('that was never opened neither enrols nor closes', () => {
    history(round)
      .when({ type: 'EnrolOrganisation', unitId: 'u1', unitName: '县教育局党组' }, given)
      .refuses('round.none');
    history(round).when({ type: 'CloseRound' }, given).refuses('round.none');
  });
  it('closes', () => history(round, opened).when({ type: 'CloseRound' }, given).then(closed));
  it('takes nobody in and does not close again once closed', () => {
    const over = history(round, opened, closed);
    over.when({ type: 'EnrolOrganisation', unitId: 'u1', unitName: '县教育局党组' }, given).refuses('round.closed');
    over.when({ type: 'CloseRound' }, given).refuses('round.closed');
  });
});
