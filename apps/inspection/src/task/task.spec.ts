import type { LedgerLine } from '#contracts/answers';
import type { Standing } from './task';
import { todosOf } from './task';

const line = {
  status: 'rectifying',
  returns: 0,
  tracks: { unit: 'open', agency: 'none', site: 'notSampled' },
} as LedgerLine;
const fresh: Standing = { measureDues: [], evidence: [] };
const claimed: Standing = { ...fresh, claim: { signedBy: {} } };
const measured: Standing = { ...claimed, measureDues: ['2025-06-30'] };
const ready: Standing = { ...measured, evidence: ['b'] };
const actions = (...asked: Parameters<typeof todosOf>) => todosOf(...asked).map(({ action }) => action);

describe('我的任务', () => {
  it('begins with the claim, by the liaison', () => {
    expect(actions('orgLiaison', line, fresh)).toEqual(['proposeClaim']);
    expect(actions('taskOwner', line, fresh)).toEqual([]);
  });
  it('waits for the secretary once the claim is proposed', () =>
    expect(actions('orgLiaison', line, { ...fresh, claim: {} })).toEqual([]));
  it.each([
    [claimed, 'addMeasure'],
    [measured, 'attachEvidence'],
    [ready, 'prepareCloseOut'],
  ] as const)('goes on step by step: %#', (standing, action) =>
    expect(actions('taskOwner', line, standing)).toEqual([action]),
  );
  it('waits while signatures are being given', () =>
    expect(actions('taskOwner', line, { ...ready, statement: {} })).toEqual([]));
  it('says how often a request came back', () => {
    const returned: LedgerLine = { ...line, returns: 2, tracks: { ...line.tracks, agency: 'returned' } };
    expect(todosOf('taskOwner', returned, ready)[0]?.todo).toContain('已退回2次');
  });
  it('of a substantially done issue is to finish the rest', () =>
    expect(todosOf('orgLiaison', { ...line, status: 'substantiallyDone' }, ready)[0]?.todo).toContain('剩余任务'));
  it('of those who sign is to sign', () => {
    expect(actions('orgLeader', line, ready)).toEqual(['signCloseOut']);
    expect(actions('competentDepartment', line, ready)).toEqual(['signCloseOut']);
    expect(actions('orgSecretary', line, ready)).toEqual(['signClaim', 'signCloseOut']);
  });
  it('is nothing for those who only watch', () => expect(actions('inspectionOffice', line, ready)).toEqual([]));
});
