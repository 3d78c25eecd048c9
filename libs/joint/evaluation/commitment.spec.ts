import type { Given } from '#kernel/decider';
import { history } from '#testing/given';
import { commitTo, commitmentOf } from './commitment';
import type { CommitmentEvent, Closing, Terms } from './commitment';

const commission = commitmentOf('commission');
const officer = (agency: 'commission' | 'organization' = 'commission'): Given => ({
  by: { agency, id: 'chen', name: '陈某', role: 'supervisionOffice' },
  at: '2025-11-20T01:00:00.000Z',
  today: '2025-11-20',
});
const salt = '5a'.repeat(32);
const value = { '3.2': { points: 1000, reason: '抽查3项，1项不实' } };
const terms: Terms = { kind: 'sheet', parties: ['commission', 'inspection', 'organization'], due: '2025-11-30' };
const opened: CommitmentEvent = { type: 'OpeningNoted', data: terms };
const commit = commitTo('e1.u1', 'commission', value, salt);
const own = { kind: 'sheet', commit, value, salt } as const;
const committed: CommitmentEvent = { type: 'Committed', data: own };
const others = { inspection: 'b'.repeat(64), organization: 'c'.repeat(64) };
const closing: Closing = { commits: { commission: commit, ...others }, leftOut: [], on: '2025-11-25' };
const noting = (change: Partial<Closing>) => ({ type: 'NoteClosing', closing: { ...closing, ...change } }) as const;
const committing = { type: 'Commit', openingId: 'e1.u1', value, salt } as const;

describe('封存', () => {
  it('keeps value and salt, and shows a digest that both are needed for', () =>
    history(commission, opened).when(committing, officer()).then(committed));
  it('begins when the convener has opened, for parties alone', () => {
    history(commission)
      .when({ type: 'NoteOpening', ...terms }, officer())
      .then(opened);
    history(commission, opened)
      .when({ type: 'NoteOpening', ...terms }, officer())
      .then();
    history(commission)
      .when({ type: 'NoteOpening', ...terms, parties: ['inspection', 'organization'] }, officer())
      .then();
  });
  it('is refused before there is an opening, twice, after closing, for another agency, and with a weak salt', () => {
    history(commission).when(committing, officer()).refuses('commitment.none');
    history(commission, opened, committed).when(committing, officer()).refuses('commitment.twice');
    history(commission, opened, { type: 'LeftOut', data: { kind: 'sheet' } })
      .when(committing, officer())
      .refuses('commitment.closed');
    history(commission, opened).when(committing, officer('organization')).refuses('commitment.none');
    history(commission, opened)
      .when({ ...committing, salt: '00' }, officer())
      .refuses('commitment.salt');
  });
  it('binds the value to opening and author', () => {
    const commits = [
      commit,
      commitTo('e1.u2', 'commission', value, salt),
      commitTo('e1.u1', 'organization', value, salt),
      commitTo('e1.u1', 'commission', {}, salt),
      commitTo('e1.u1', 'commission', value, '5b'.repeat(32)),
    ];
    expect(new Set(commits).size).toBe(5);
  });
});

describe('启封', () => {
  it('follows the closing over all commitments, once', () => {
    history(commission, opened, committed).when(noting({}), officer()).then({ type: 'Revealed', data: own });
    history(commission, opened, committed, { type: 'Revealed', data: own }).when(noting({}), officer()).then();
  });
  it('follows a closing that leaves another out after its day', () =>
    history(commission, opened, committed)
      .when(
        noting({
          commits: { commission: commit, inspection: others.inspection },
          leftOut: ['organization'],
          on: '2025-12-01',
        }),
        officer(),
      )
      .then({ type: 'Revealed', data: own }));
  it.each([
    [
      'leaves somebody out before his day has ended',
      { commits: { commission: commit, inspection: others.inspection }, leftOut: ['organization'], on: '2025-11-30' },
      'beforeDue',
    ],
    ['forgets a party', { commits: { commission: commit, inspection: others.inspection } }, 'partyMissing'],
    ['names a party twice', { leftOut: ['organization'] }, 'partyMissing'],
    [
      'closes over another commitment than the own',
      { commits: { ...closing.commits, commission: 'd'.repeat(64) } },
      'otherCommit',
    ],
  ] as const)('is refused, and said, where the closing %s', (_, change, objection) =>
    history(commission, opened, committed)
      .when(noting(change as Partial<Closing>), officer())
      .then({ type: 'ClosingObjected', data: { kind: 'sheet', objection } }),
  );
  it('of one who committed to nothing is none: he was left out', () => {
    const without = { commits: others, leftOut: ['commission'], on: '2025-12-01' } as const;
    history(commission, opened)
      .when(noting(without), officer())
      .then({ type: 'LeftOut', data: { kind: 'sheet' } });
    history(commission).when(noting({}), officer()).then();
    history(commission, opened)
      .when(noting({}), officer())
      .then({ type: 'ClosingObjected', data: { kind: 'sheet', objection: 'otherCommit' } });
  });
});
