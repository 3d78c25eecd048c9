import type { Given } from '#kernel/decider';
import type { Published } from '#kernel/envelope';
import { history } from '#testing/given';
import type { Authority } from '../close-out';
import { verificationOf } from './verification';
import type { VerificationCommand, VerificationEvent } from './verification';
import { verificationPublishing, verificationReactor } from './verification.views';

const commission = verificationOf('commission');
const organization = verificationOf('organization');
const officer = (id: string, name: string, agency: Authority = 'commission'): Given => ({
  by: { agency, id, name, role: 'supervisionOffice' },
  at: '2025-08-04T01:00:00.000Z',
  today: '2025-08-04',
});
const chen = officer('chen', '陈某');
const signatures = [
  { id: 'li', name: '李某', role: 'taskOwner' },
  { id: 'qian', name: '钱某', role: 'orgLeader' },
  { id: 'zhao', name: '赵某', role: 'orgSecretary' },
];
const request = { attempt: 1, unitId: 'u1', special: 'none', signatures } as const;
const received: VerificationEvent = { type: 'CloseOutReceived', data: request };
const receiving: VerificationCommand = { type: 'ReceiveCloseOut', verifier: 'commission', ...request };
const check = { method: 'onSite', note: '现场查看3处' } as const;
const accepting: VerificationCommand = { type: 'AcceptCloseOut', ...check };
const accepted: VerificationEvent = { type: 'CloseOutAccepted', data: { attempt: 1, ...check } };
const partly: VerificationCommand = {
  type: 'AcceptAsSubstantiallyDone',
  ...check,
  remaining: '尚余一处',
  newDate: '2025-12-31',
};
const returning: VerificationCommand = {
  type: 'ReturnCloseOut',
  ...check,
  reasonCode: 'evidenceMissing',
  reason: '缺会议记录',
};

describe('销号申请的接收', () => {
  it('is recorded by the competent agency', () => history(commission).when(receiving, chen).then(received));
  it('is recorded once, however often it arrives', () => {
    history(commission, received).when(receiving, chen).then();
    history(commission, received, accepted).when(receiving, chen).then();
  });
  it('of the next attempt opens a new verification', () =>
    history(commission, received, {
      type: 'CloseOutReturned',
      data: { attempt: 1, ...check, reasonCode: 'other', reason: '缺' },
    })
      .when({ ...receiving, attempt: 2 }, chen)
      .then({ type: 'CloseOutReceived', data: { ...request, attempt: 2 } }));
  it('is refused by the agency that is not named', () =>
    history(organization).when(receiving, chen).refuses('verification.notCompetent'));
  it('of a selection issue is refused by the commission even when it is named', () =>
    history(commission)
      .when({ ...receiving, special: 'selection' }, chen)
      .refuses('verification.notCompetent'));
  it('of a selection issue is recorded by the organization department', () =>
    history(organization)
      .when({ ...receiving, special: 'selection', verifier: 'organization' }, chen)
      .then({ type: 'CloseOutReceived', data: { ...request, special: 'selection' } }));
});

describe('核查', () => {
  it('accepts', () => history(commission, received).when(accepting, chen).then(accepted));
  it('accepts as substantially done, with what remains and a new date', () =>
    history(commission, received)
      .when(partly, chen)
      .then({
        type: 'CloseOutAcceptedAsSubstantiallyDone',
        data: { attempt: 1, ...check, remaining: '尚余一处', newDate: '2025-12-31' },
      }));
  it('returns with reason code and words', () =>
    history(commission, received)
      .when(returning, chen)
      .then({
        type: 'CloseOutReturned',
        data: { attempt: 1, ...check, reasonCode: 'evidenceMissing', reason: '缺会议记录' },
      }));
  it.each([
    ['2025-08-04', 'verification.dateNotFuture'],
    ['2025-08-03', 'verification.dateNotFuture'],
    ['2025-11-31', 'date.none'],
  ])('does not set %s as the new date', (newDate, code) =>
    history(commission, received)
      .when({ ...partly, newDate }, chen)
      .refuses(code),
  );
  it('says what remains', () =>
    history(commission, received)
      .when({ ...partly, remaining: ' ' }, chen)
      .refuses('verification.noRemaining'));
  it('gives a reason for a return', () =>
    history(commission, received)
      .when({ ...returning, reason: ' ' }, chen)
      .refuses('verification.noReason'));
  it.each([accepting, partly, returning])('$type needs a waiting request', (command) => {
    history(commission).when(command, chen).refuses('verification.notWaiting');
    history(commission, received, accepted).when(command, chen).refuses('verification.notWaiting');
  });
  it.each([accepting, partly, returning])(
    '$type is refused to whoever signed for the unit, by id or by name',
    (command) => {
      history(commission, received).when(command, officer('qian', '陈某')).refuses('verification.ownSignature');
      history(commission, received).when(command, officer('chen', '李某')).refuses('verification.ownSignature');
    },
  );
  it('is refused to an account of another agency', () =>
    history(commission, received)
      .when(accepting, officer('chen', '陈某', 'organization'))
      .refuses('verification.notCompetent'));
  it('belongs to the unit of the issue, for stationed groups', () =>
    expect(commission.unit?.(commission.evolve(commission.initial, received))).toBe('u1'));
});

describe('between the agencies', () => {
  const arrived = (verifier: Authority, agency: Published['agency'] = 'inspection') =>
    ({
      agency,
      type: 'inspection.close-out-requested.v1',
      data: { issueId: 'f1-0001', ...request, verifier, result: '已改', evidence: [] },
    }) as unknown as Published;
  const asked = (event: Published) =>
    verificationReactor('commission', commission).on?.['inspection.close-out-requested.v1']?.(event);

  it('a request to this agency is taken in under the id of its issue', () =>
    expect(asked(arrived('commission'))).toEqual([{ decider: commission, id: 'f1-0001', command: receiving }]));
  it('a request to the other agency is left to it', () => expect(asked(arrived('organization'))).toEqual([]));
  it('a request that does not stand in the log of the inspection office is nobody’s', () =>
    expect(asked(arrived('commission', 'organization'))).toEqual([]));
  it('verdicts are published under the name of the authority', () => {
    const { map } = verificationPublishing('organization', organization);
    const event = { id: '', subject: 'f1-0001', at: '', actor: chen.by, type: accepted.type, data: accepted.data };
    expect(map['CloseOutAccepted']?.(event)).toEqual({
      type: 'organization.close-out-accepted.v1',
      data: { issueId: 'f1-0001', attempt: 1, ...check },
    });
  });
});
