import type { Given } from '#kernel/decider';
import { history } from '#testing/given';
import { commitTo } from './commitment';
import { openingOf } from './opening';
import type { OpeningCommand, OpeningEvent } from './opening';

const opening = openingOf('inspection');
const on = (today: string, agency: 'inspection' | 'commission' = 'inspection'): Given => ({
  by: { agency, id: 'wang', name: '王某', role: 'inspectionOffice' },
  at: `${today}T01:00:00.000Z`,
  today,
});
const terms = {
  kind: 'nonce',
  parties: ['commission', 'inspection', 'organization'],
  due: '2025-11-30',
  revealDue: '2025-12-02',
} as const;
const opened: OpeningEvent = { type: 'Opened', data: terms };
const salt = '5a'.repeat(32);
const value = { nonce: 'ab'.repeat(32) };
const commits = {
  commission: commitTo('d1.1', 'commission', value, salt),
  inspection: commitTo('d1.1', 'inspection', value, salt),
  organization: commitTo('d1.1', 'organization', value, salt),
};
type Party = keyof typeof commits;
const noted = (agency: Party): OpeningEvent => ({ type: 'CommitNoted', data: { agency, commit: commits[agency] } });
const noting = (agency: Party): OpeningCommand => ({ type: 'NoteCommit', agency, commit: commits[agency] });
const closed: OpeningEvent = { type: 'Closed', data: { commits, leftOut: [], on: '2025-11-25', reason: '' } };
const all = [opened, noted('commission'), noted('inspection'), noted('organization'), closed];
const showing = (agency: Party, shown: { nonce: string } = value): OpeningCommand => ({
  type: 'NoteReveal',
  openingId: 'd1.1',
  agency,
  value: shown,
  salt,
});
const fits = (agency: Party): OpeningEvent => ({ type: 'RevealNoted', data: { agency, fits: true } });

describe('发起', () => {
  it('names parties and days', () =>
    history(opening)
      .when({ type: 'Open', ...terms }, on('2025-11-20'))
      .then(opened));
  it.each<[object, Given, string]>([
    [{}, on('2025-11-20', 'commission'), 'opening.notConvener'],
    [{}, on('2025-12-01'), 'opening.dueOrder'],
    [{ revealDue: '2025-11-29' }, on('2025-11-20'), 'opening.dueOrder'],
    [{ due: '2025-11-31' }, on('2025-11-20'), 'date.none'],
    [{ parties: ['inspection'] }, on('2025-11-20'), 'opening.parties'],
    [{ parties: ['inspection', 'inspection'] }, on('2025-11-20'), 'opening.parties'],
  ])('is refused: %j', (change, given, code) =>
    history(opening)
      .when({ type: 'Open', ...terms, ...change } as OpeningCommand, given)
      .refuses(code),
  );
  it('happens once', () =>
    history(opening, opened)
      .when({ type: 'Open', ...terms }, on('2025-11-20'))
      .refuses('opening.exists'));
});

describe('截止', () => {
  it('comes by itself with the last commitment', () => {
    history(opening, opened).when(noting('commission'), on('2025-11-20')).then(noted('commission'));
    history(opening, opened, noted('commission'), noted('inspection'))
      .when(noting('organization'), on('2025-11-25'))
      .then(noted('organization'), closed);
  });
  it('takes the first commitment of each party, however often it arrives', () => {
    history(opening, opened, noted('commission')).when(noting('commission'), on('2025-11-20')).then();
    history(opening, opened, noted('commission'))
      .when({ type: 'NoteCommit', agency: 'commission', commit: 'd'.repeat(64) }, on('2025-11-20'))
      .then();
  });
  it('without a party is an act of the convener, with a reason, after the day', () => {
    const without: OpeningCommand = { type: 'CloseWithout', reason: '组织部逾期未交，已两次催办' };
    const two = history(opening, opened, noted('commission'), noted('inspection'));
    two.when(without, on('2025-11-30')).refuses('opening.beforeDue');
    two.when({ ...without, reason: ' ' }, on('2025-12-01')).refuses('opening.noReason');
    two.when(without, on('2025-12-01', 'commission')).refuses('opening.notConvener');
    const { organization: _, ...held } = commits;
    two.when(without, on('2025-12-01')).then({
      type: 'Closed',
      data: { commits: held, leftOut: ['organization'], on: '2025-12-01', reason: without.reason },
    });
    history(opening, ...all)
      .when(without, on('2025-12-01'))
      .refuses('opening.notOpen');
  });
  it('over nothing ends the matter', () =>
    history(opening, opened)
      .when({ type: 'CloseWithout', reason: '三方均未提交' }, on('2025-12-01'))
      .thenLike({ type: 'Closed' }, { type: 'Concluded', data: { counted: [], withheld: [], wrong: [] } }));
  it('leaves a later commitment out, and says once that it came', () => {
    const { organization: _, ...held } = commits;
    const left: OpeningEvent = {
      type: 'Closed',
      data: { commits: held, leftOut: ['organization'], on: '2025-12-01', reason: '逾期' },
    };
    const late: OpeningEvent = { type: 'CameLate', data: { agency: 'organization', what: 'commit' } };
    const before = [opened, noted('commission'), noted('inspection'), left];
    history(opening, ...before)
      .when(noting('organization'), on('2025-12-01'))
      .then(late);
    history(opening, ...before, late)
      .when(noting('organization'), on('2025-12-01'))
      .then();
  });
});

describe('启封', () => {
  it('comes to its end with the last value', () => {
    history(opening, ...all)
      .when(showing('commission'), on('2025-11-25'))
      .then(fits('commission'));
    history(opening, ...all, fits('commission'), fits('inspection'))
      .when(showing('organization'), on('2025-11-25'))
      .then(fits('organization'), {
        type: 'Concluded',
        data: { counted: ['commission', 'inspection', 'organization'], wrong: [], withheld: [], reason: '' },
      });
  });
  it('does not count a value that does not fit its commitment, and a second try changes nothing', () => {
    const wrong: OpeningEvent = { type: 'RevealNoted', data: { agency: 'commission', fits: false } };
    history(opening, ...all)
      .when(showing('commission', { nonce: '00' }), on('2025-11-25'))
      .then(wrong);
    history(opening, ...all, wrong)
      .when(showing('commission'), on('2025-11-25'))
      .then();
    history(opening, ...all, wrong, fits('inspection'))
      .when(showing('organization'), on('2025-11-25'))
      .thenLike(fits('organization'), { data: { counted: ['inspection', 'organization'], wrong: ['commission'] } });
  });
  it('without a value is an act of the convener, with a reason, after the day', () => {
    const without: OpeningCommand = { type: 'ConcludeWithout', reason: '组织部未启封' };
    const two = history(opening, ...all, fits('commission'), fits('inspection'));
    two.when(without, on('2025-12-02')).refuses('opening.beforeDue');
    two.when({ ...without, reason: '' }, on('2025-12-03')).refuses('opening.noReason');
    two.when(without, on('2025-12-03', 'commission')).refuses('opening.notConvener');
    two.when(without, on('2025-12-03')).then({
      type: 'Concluded',
      data: { counted: ['commission', 'inspection'], wrong: [], withheld: ['organization'], reason: '组织部未启封' },
    });
    history(opening, opened).when(without, on('2025-12-03')).refuses('opening.notClosed');
  });
  it('after the conclusion changes nothing, and is told once', () => {
    const without: OpeningEvent = {
      type: 'Concluded',
      data: { counted: ['commission', 'inspection'], wrong: [], withheld: ['organization'], reason: '组织部未启封' },
    };
    const late: OpeningEvent = { type: 'CameLate', data: { agency: 'organization', what: 'reveal' } };
    const before = [...all, fits('commission'), fits('inspection'), without];
    history(opening, ...before)
      .when(showing('organization'), on('2025-12-04'))
      .then(late);
    history(opening, ...before, late)
      .when(showing('organization'), on('2025-12-04'))
      .then();
  });
  it('takes nothing before the closing', () =>
    history(opening, opened, noted('commission')).when(showing('commission'), on('2025-11-25')).then());
  it('of a record that is not there is refused', () =>
    history(opening).when(showing('commission'), on('2025-11-25')).refuses('opening.none'));
});
