import type { Given } from '#kernel/decider';
import { may } from '#contracts/roles';
import { history } from '#testing/given';
import { authority, verification } from './verification';
import { verificationSlice } from './verification.views';

const given: Given = {
  by: { agency: authority, id: 'chen', name: '陈某', role: 'supervisionOffice' },
  at: '2025-08-04T01:00:00.000Z',
  today: '2025-08-04',
};
const request = {
  attempt: 1,
  unitId: 'u1',
  signatures: [{ id: 'li', name: '李某', role: 'taskOwner' }],
};
const check = { method: 'document', note: '' } as const;

describe('the powers of the commission', () => {
  it('reach over its own issues', () =>
    history(verification, { type: 'CloseOutReceived', data: { ...request, special: 'none' } })
      .when({ type: 'AcceptCloseOut', ...check }, given)
      .then({ type: 'CloseOutAccepted', data: { attempt: 1, ...check } }));

  it('do not reach over those of the organization', () => {
    const theirs = { ...request, special: 'selection' } as const;
    history(verification)
      .when({ type: 'ReceiveCloseOut', verifier: 'organization', ...theirs }, given)
      .refuses('verification.notCompetent');
    history(verification)
      .when({ type: 'ReceiveCloseOut', verifier: 'commission', ...theirs }, given)
      .refuses('verification.notCompetent');
  });

  it('are published under its own name', () => {
    const [publishing] = verificationSlice.publishing ?? [];
    const event = { id: '', subject: 'f1-0001', type: '', at: '', actor: given.by, data: { attempt: 1 } };
    const types = Object.values(publishing?.map ?? {}).map((map) => map(event)?.type);
    expect(types.every((type) => type?.startsWith('commission.close-out-'))).toBe(true);
    expect(types).toHaveLength(4);
  });

  it('lie with its officers, never with the unit', () => {
    expect(may('supervisionOffice', 'verification.AcceptCloseOut')).toBe(true);
    expect(may('orgSecretary', 'verification.AcceptCloseOut')).toBe(false);
    expect(may('taskOwner', 'verification.ReturnCloseOut')).toBe(false);
  });
});
