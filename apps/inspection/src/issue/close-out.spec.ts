import type { Given } from '#kernel/decider';
import { history } from '#testing/given';
import { issue } from './issue';
import type { IssueCommand, IssueEvent, Registered, Verdict } from './record';

const at = '2025-08-01T01:00:00.000Z';
const as = (role: string, id: string, name: string): Given => ({
  by: { agency: 'inspection', id, name, role, unit: 'u1' },
  at,
  today: '2025-08-01',
});
const owner = as('taskOwner', 'li', '李某');
const leader = as('orgLeader', 'qian', '钱某');
const secretary = as('orgSecretary', 'zhao', '赵某');
const department = as('competentDepartment', 'sun', '孙某');
const system = as('system', 'system-issue', '系统');
const signer = ({ by: { id, name, role } }: Given) => ({ id, name, role });

const line: Registered = {
  feedbackId: 'f1',
  roundId: 'r1',
  unitId: 'u1',
  unitName: '县教育局党组',
  number: '一(一)1',
  title: '理论学习不够深入',
  text: '',
  group: '',
  class: 'timeLimited',
  kind: 'single',
  special: 'none',
  competentDepartment: '',
  feedbackDate: '2025-03-03',
  deadlines: { claim: '2025-03-10', plan: '2025-04-03', rectify: '2025-09-03', immediate: '2025-04-15' },
};
const duty = { leadLeader: '钱某', department: '办公室', person: '李某' };
const sha256 = 'b'.repeat(64);
const file = {
  sha256,
  name: '会议记录.pdf',
  bytes: 10,
  mediaType: 'application/pdf',
  dated: '2025-03-20',
  explanation: '',
};
const claimed: IssueEvent = { type: 'IssueClaimed', data: { ...duty, signedBy: signer(secretary) } };
const measured: IssueEvent = {
  type: 'MeasureAdded',
  data: { ...duty, measureId: 'm1', text: '修订学习制度', due: '2025-06-30' },
};
const attached: IssueEvent = { type: 'EvidenceAttached', data: file };
const working = (changes: Partial<Registered> = {}): IssueEvent[] => [
  { type: 'IssueRegistered', data: { ...line, ...changes } },
  claimed,
  measured,
  attached,
];
const statement = { result: '制度已修订并执行', causeRemoved: '学习计划列入考核', generalisation: '其他科室已自查' };
const preparing: IssueCommand = { type: 'PrepareCloseOut', ...statement };
const prepared = (attempt = 1): IssueEvent => ({
  type: 'CloseOutPrepared',
  data: { attempt, ...statement, signedBy: signer(owner) },
});
const signed = (step: number, who: Given, attempt = 1): IssueEvent => ({
  type: 'CloseOutSigned',
  data: { attempt, step, signedBy: signer(who) },
});
const requested = (
  special: Registered['special'] = 'none',
  signers = [owner, leader, secretary],
  attempt = 1,
): IssueEvent => ({
  type: 'CloseOutRequested',
  data: {
    ...statement,
    attempt,
    unitId: 'u1',
    special,
    verifier: special === 'selection' ? 'organization' : 'commission',
    evidence: [sha256],
    signatures: signers.map(signer),
  },
});
const waiting = (changes: Partial<Registered> = {}) => [
  ...working(changes),
  prepared(),
  signed(2, leader),
  signed(3, secretary),
  requested(changes.special),
];
const sign: IssueCommand = { type: 'SignCloseOut' };
const basis = { origin: 'commission.example/events/v1', index: 7, hash: 'c'.repeat(64) };
const verifiedBy = { id: 'chen', name: '陈某', role: 'supervisionOffice' };
const verdict = (kind: Verdict, changes: object = {}): IssueCommand => ({
  type: 'RecordVerdict',
  attempt: 1,
  verifier: 'commission',
  verifiedBy,
  basis,
  verdict: kind,
  ...changes,
});
const accepted = verdict({ kind: 'accepted' });
const returning = verdict({ kind: 'returned', reasonCode: 'evidenceMissing', reason: '缺会议记录' });
const returned: IssueEvent = {
  type: 'CloseOutReturned',
  data: { attempt: 1, returns: 1, reasonCode: 'evidenceMissing', reason: '缺会议记录', basis },
};
const doneForNow: IssueEvent = {
  type: 'IssueSubstantiallyDone',
  data: { attempt: 1, remaining: '尚余一项', newDate: '2025-12-31', basis },
};
const closedOut: IssueEvent = {
  type: 'IssueClosedOut',
  data: { attempt: 1, verifier: 'commission', verifiedBy, basis },
};

describe('申请销号', () => {
  it('is prepared with result, cause and generalisation: that is the first signature', () =>
    history(issue, ...working())
      .when(preparing, owner)
      .then(prepared()));
  it('needs a signed claim', () =>
    history(issue, ...working().filter((event) => event !== claimed))
      .when(preparing, owner)
      .refuses('issue.notClaimed'));
  it('needs a measure', () =>
    history(issue, ...working().filter((event) => event !== measured))
      .when(preparing, owner)
      .refuses('closeOut.noMeasure'));
  it('needs evidence', () =>
    history(issue, ...working().filter((event) => event !== attached))
      .when(preparing, owner)
      .refuses('closeOut.noEvidence'));
  it('does not count evidence that was withdrawn', () =>
    history(issue, ...working(), { type: 'EvidenceWithdrawn', data: { sha256, reason: '传错' } })
      .when(preparing, owner)
      .refuses('closeOut.noEvidence'));
  it.each(['result', 'causeRemoved', 'generalisation'])('needs words for %s', (name) =>
    history(issue, ...working())
      .when({ ...preparing, [name]: ' ' } as IssueCommand, owner)
      .refuses('closeOut.noResult'),
  );
  it('may be prepared anew, which voids the signatures given so far', () =>
    history(issue, ...working(), prepared(), signed(2, leader), prepared())
      .when(sign, secretary)
      .refuses('closeOut.turn'));
});

describe('三级签字', () => {
  it('goes first to the lead leader', () =>
    history(issue, ...working(), prepared())
      .when(sign, leader)
      .then(signed(2, leader)));
  it('is not given before the request is prepared', () =>
    history(issue, ...working())
      .when(sign, leader)
      .refuses('closeOut.notPrepared'));
  it('keeps its order', () => {
    history(issue, ...working(), prepared())
      .when(sign, secretary)
      .refuses('closeOut.turn');
    history(issue, ...working(), prepared(), signed(2, leader))
      .when(sign, as('orgLeader', 'zhou', '周某'))
      .refuses('closeOut.turn');
  });
  it('is given by a different person each time', () =>
    history(issue, ...working(), prepared())
      .when(sign, as('orgLeader', 'li', '李某'))
      .refuses('closeOut.sameSigner'));
  it('completes the request with the secretary, in the same append', () =>
    history(issue, ...working(), prepared(), signed(2, leader))
      .when(sign, secretary)
      .then(signed(3, secretary), requested()));
  it('of a selection issue leads to the organization department alone', () =>
    history(issue, ...working({ special: 'selection' }), prepared(), signed(2, leader))
      .when(sign, secretary)
      .then(signed(3, secretary), requested('selection')));
  it('of an ideology issue leads to the commission', () =>
    history(issue, ...working({ special: 'ideology' }), prepared(), signed(2, leader))
      .when(sign, secretary)
      .thenLike({}, { data: { verifier: 'commission' } }));
  it('of a sectoral issue needs the competent department as well', () => {
    const history3 = [...working({ kind: 'sectoral' }), prepared(), signed(2, leader)];
    history(issue, ...history3)
      .when(sign, secretary)
      .then(signed(3, secretary));
    history(issue, ...history3, signed(3, secretary))
      .when(sign, department)
      .then(signed(4, department), requested('none', [owner, leader, secretary, department]));
  });
  it('of other issues is none of the competent department', () =>
    history(issue, ...working(), prepared(), signed(2, leader))
      .when(sign, department)
      .refuses('closeOut.turn'));
  it('covers the evidence as it was: a change voids it', () => {
    const more: IssueEvent = { type: 'EvidenceAttached', data: { ...file, sha256: 'd'.repeat(64) } };
    history(issue, ...working(), prepared(), more)
      .when(sign, leader)
      .refuses('closeOut.notPrepared');
  });
});

describe('等待核查', () => {
  it('freezes evidence and everything else', () => {
    const commands: IssueCommand[] = [
      { type: 'AttachEvidence', ...file, sha256: 'd'.repeat(64) },
      { type: 'WithdrawEvidence', sha256, reason: '传错' },
      { type: 'AddMeasure', ...duty, measureId: 'm2', text: '再学一次', due: '2025-06-30' },
      { type: 'ClassifyIssue', class: 'longTerm', reason: '经研究' },
      { type: 'ReportProgress', text: '已完成' },
      { type: 'RequestExtension', until: '2025-12-01', reason: '招标未完成' },
      preparing,
      sign,
    ];
    for (const each of commands)
      history(issue, ...waiting())
        .when(each, secretary)
        .refuses('closeOut.waiting');
  });
});

describe('核查结论', () => {
  it('accepted closes the issue, with the address of the decision as basis', () =>
    history(issue, ...waiting())
      .when(accepted, system)
      .then(closedOut));
  it('returned goes back to the unit and counts', () =>
    history(issue, ...waiting())
      .when(returning, system)
      .then(returned));
  it('returned clears the signatures', () => {
    history(issue, ...waiting(), returned)
      .when(sign, leader)
      .refuses('closeOut.notPrepared');
    history(issue, ...waiting(), returned)
      .when(preparing, owner)
      .then(prepared(2));
  });
  it('returned a second time counts two', () =>
    history(issue, ...waiting(), returned, prepared(2), requested('none', [owner, leader, secretary], 2))
      .when(verdict({ kind: 'returned', reasonCode: 'other', reason: '仍缺' }, { attempt: 2 }), system)
      .thenLike({ data: { attempt: 2, returns: 2 } }));
  it('substantially done sets a new date and counts apart', () =>
    history(issue, ...waiting())
      .when(verdict({ kind: 'substantiallyDone', remaining: '尚余一项', newDate: '2025-12-31' }), system)
      .then(doneForNow));
  it('substantially done may be asked to close out again, within the new date', () => {
    history(issue, ...waiting(), doneForNow)
      .when(preparing, owner)
      .then(prepared(2));
    history(issue, ...waiting(), doneForNow)
      .when({ type: 'AddMeasure', ...duty, measureId: 'm2', text: '收尾', due: '2025-12-31' }, owner)
      .thenLike({ type: 'MeasureAdded' });
  });
  it('arriving twice is recorded once', () => {
    history(issue, ...waiting(), closedOut)
      .when(accepted, system)
      .then();
    history(issue, ...waiting(), returned)
      .when(returning, system)
      .then();
  });
  it('without request is refused', () =>
    history(issue, ...working())
      .when(accepted, system)
      .refuses('closeOut.notRequested'));
  it('on an unknown issue is refused', () => history(issue).when(accepted, system).refuses('issue.none'));
  it('on another attempt is refused', () =>
    history(issue, ...waiting())
      .when(verdict({ kind: 'accepted' }, { attempt: 2 }), system)
      .refuses('closeOut.notRequested'));
  it('of the commission on a selection issue is refused', () =>
    history(issue, ...waiting({ special: 'selection' }))
      .when(accepted, system)
      .refuses('verification.notCompetent'));
  it('of the organization department on a selection issue closes it', () =>
    history(issue, ...waiting({ special: 'selection' }))
      .when(verdict({ kind: 'accepted' }, { verifier: 'organization' }), system)
      .thenLike({ type: 'IssueClosedOut', data: { verifier: 'organization' } }));
  it('of the organization department on another issue is refused', () =>
    history(issue, ...waiting())
      .when(verdict({ kind: 'accepted' }, { verifier: 'organization' }), system)
      .refuses('verification.notCompetent'));
  it.each([
    ['id', { id: 'qian', name: '陈某' }],
    ['name', { id: 'chen', name: '李某' }],
  ])('by someone who signed for the unit is refused, known by %s', (_, who) =>
    history(issue, ...waiting())
      .when(verdict({ kind: 'accepted' }, { verifiedBy: { ...verifiedBy, ...who } }), system)
      .refuses('verification.ownSignature'),
  );
});

describe('已销号', () => {
  it('is left alone', () => {
    const commands: IssueCommand[] = [
      { type: 'AttachEvidence', ...file, sha256: 'd'.repeat(64) },
      { type: 'WithdrawEvidence', sha256, reason: '传错' },
      { type: 'ReportProgress', text: '再报' },
      { type: 'ClassifyIssue', class: 'longTerm', reason: '经研究' },
      preparing,
    ];
    for (const each of commands)
      history(issue, ...waiting(), closedOut)
        .when(each, owner)
        .refuses('issue.closedOut');
  });
});
