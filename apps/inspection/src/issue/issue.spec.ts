import type { Given } from '#kernel/decider';
import { history } from '#testing/given';
import { issue } from './issue';
import type { IssueCommand, IssueEvent, Registered } from './record';
import { maxEvidence } from './rectifying';

const at = '2025-04-01T01:00:00.000Z';
const as = (role: string, id: string, name: string, today = '2025-04-01'): Given => ({
  by: { agency: 'inspection', id, name, role, unit: 'u1' },
  at,
  today,
});
const liaison = as('orgLiaison', 'zhang', '张某');
const owner = as('taskOwner', 'li', '李某');
const secretary = as('orgSecretary', 'zhao', '赵某');
const office: Given = {
  by: { agency: 'inspection', id: 'wang', name: '王某', role: 'inspectionOffice' },
  at,
  today: '2025-04-01',
};
const system: Given = {
  by: { agency: 'inspection', id: 'system-issue', name: '系统', role: 'system' },
  at,
  today: '2025-04-01',
};

const line: Registered = {
  feedbackId: 'f1',
  roundId: 'r1',
  unitId: 'u1',
  unitName: '县教育局党组',
  number: '一(一)1',
  title: '理论学习不够深入',
  text: '',
  group: '政治建设方面',
  class: 'timeLimited',
  kind: 'single',
  special: 'none',
  competentDepartment: '',
  feedbackDate: '2025-03-03',
  deadlines: { claim: '2025-03-10', plan: '2025-04-03', rectify: '2025-09-03', immediate: '2025-04-15' },
};
const registered: IssueEvent = { type: 'IssueRegistered', data: line };
const duty = { leadLeader: '钱某', department: '办公室', person: '李某' };
const proposed: IssueEvent = { type: 'ClaimProposed', data: duty };
const signature = { id: 'zhao', name: '赵某', role: 'orgSecretary' };
const claimed: IssueEvent = { type: 'IssueClaimed', data: { ...duty, signedBy: signature } };
const measure = { ...duty, measureId: 'm1', text: '修订学习制度', due: '2025-06-30' };
const measured: IssueEvent = { type: 'MeasureAdded', data: measure };
const sha256 = 'b'.repeat(64);
const file = {
  sha256,
  name: '会议记录.pdf',
  bytes: 10,
  mediaType: 'application/pdf',
  dated: '2025-03-20',
  explanation: '',
};
const attached: IssueEvent = { type: 'EvidenceAttached', data: file };
const working = [registered, proposed, claimed, measured, attached];

describe('问题的登记', () => {
  const command: IssueCommand = { type: 'RegisterIssue', ...line };
  it('takes over number, words and deadlines of the frozen feedback', () =>
    history(issue).when(command, system).then(registered));
  it('asked again changes nothing', () => history(issue, registered).when(command, system).then());
  it('comes before everything else', () => {
    const commands: IssueCommand[] = [
      { type: 'ProposeClaim', ...duty },
      { type: 'SignClaim' },
      { type: 'ClassifyIssue', class: 'longTerm', reason: '需长期坚持' },
      { type: 'AddMeasure', ...measure },
      { type: 'ReportProgress', text: '已召开专题会议' },
      { type: 'AttachEvidence', ...file },
      { type: 'WithdrawEvidence', sha256, reason: '传错' },
      { type: 'RequestExtension', until: '2025-12-01', reason: '招标未完成' },
      { type: 'GrantExtension' },
      { type: 'PrepareCloseOut', result: '已改', causeRemoved: '已除', generalisation: '已查' },
      { type: 'SignCloseOut' },
    ];
    for (const each of commands) history(issue).when(each, secretary).refuses('issue.none');
  });
  it('shows the unit that the issue belongs to', () => {
    expect(issue.unit?.(issue.evolve(issue.initial, registered))).toBe('u1');
    expect(issue.unit?.(issue.initial)).toBeUndefined();
  });
});

describe('认领', () => {
  const command: IssueCommand = { type: 'ProposeClaim', ...duty };
  it('is proposed by the liaison', () => history(issue, registered).when(command, liaison).then(proposed));
  it('may be proposed anew until it is signed', () =>
    history(issue, registered, proposed).when(command, liaison).then(proposed));
  it('names one lead leader', () =>
    history(issue, registered)
      .when({ ...command, leadLeader: '钱某、孙某' }, liaison)
      .refuses('measure.oneLeader'));
  it('takes effect with the signature of the secretary', () =>
    history(issue, registered, proposed).when({ type: 'SignClaim' }, secretary).then(claimed));
  it('is not signed before it is proposed', () =>
    history(issue, registered).when({ type: 'SignClaim' }, secretary).refuses('claim.notProposed'));
  it('is signed once and not proposed again afterwards', () => {
    history(issue, registered, proposed, claimed).when({ type: 'SignClaim' }, secretary).refuses('claim.signed');
    history(issue, registered, proposed, claimed).when(command, liaison).refuses('claim.signed');
  });
});

describe('分类', () => {
  const classed = (to: 'immediate' | 'timeLimited' | 'longTerm'): IssueCommand => ({
    type: 'ClassifyIssue',
    class: to,
    reason: '经研究',
  });
  it('as 立行立改 takes its own earlier date', () =>
    history(issue, registered)
      .when(classed('immediate'), office)
      .then({ type: 'IssueClassified', data: { class: 'immediate', reason: '经研究', due: '2025-04-15' } }));
  it('as 长期坚持 keeps a date for the first result', () =>
    history(issue, registered)
      .when(classed('longTerm'), office)
      .then({ type: 'IssueClassified', data: { class: 'longTerm', reason: '经研究', due: '2025-09-03' } }));
  it('does not take back an extension that was granted', () =>
    history(issue, registered, { type: 'ExtensionGranted', data: { until: '2025-12-01' } })
      .when(classed('longTerm'), office)
      .thenLike({ data: { due: '2025-12-01' } }));
  it('changes the class', () =>
    history(issue, registered).when(classed('timeLimited'), office).refuses('issue.sameClass'));
  it('is refused when a measure would end after the new date', () =>
    history(issue, ...working)
      .when(classed('immediate'), office)
      .refuses('issue.measureLater'));
});

describe('整改措施', () => {
  const ready = [registered, proposed, claimed];
  const command: IssueCommand = { type: 'AddMeasure', ...measure };
  it('has one lead leader, one department and one date', () =>
    history(issue, ...ready)
      .when(command, owner)
      .then(measured));
  it('needs a signed claim', () =>
    history(issue, registered, proposed).when(command, owner).refuses('issue.notClaimed'));
  it('may end on the due date of its issue but not after it', () => {
    history(issue, ...ready)
      .when({ ...command, due: '2025-09-03' }, owner)
      .thenLike({ type: 'MeasureAdded' });
    history(issue, ...ready)
      .when({ ...command, due: '2025-09-04' }, owner)
      .refuses('measure.beyondDue');
  });
  it.each(['钱某、孙某', '钱某,孙某', '钱某；孙某'])('refuses two lead leaders: %s', (leadLeader) =>
    history(issue, ...ready)
      .when({ ...command, leadLeader }, owner)
      .refuses('measure.oneLeader'),
  );
  it('refuses two departments', () =>
    history(issue, ...ready)
      .when({ ...command, department: '办公室、人事科' }, owner)
      .refuses('measure.oneDepartment'));
  it('refuses a date that does not exist', () =>
    history(issue, ...ready)
      .when({ ...command, due: '2025-06-31' }, owner)
      .refuses('date.none'));
  it('of an immediate issue ends by the immediate date', () =>
    history(issue, { type: 'IssueRegistered', data: { ...line, class: 'immediate' } }, proposed, claimed)
      .when(command, owner)
      .refuses('measure.beyondDue'));
});

describe('进展', () => {
  const command: IssueCommand = { type: 'ReportProgress', text: '已召开专题会议' };
  it('is reported in words', () =>
    history(issue, ...working)
      .when(command, owner)
      .then({ type: 'ProgressReported', data: { text: '已召开专题会议' } }));
  it('needs a signed claim', () => history(issue, registered).when(command, owner).refuses('issue.notClaimed'));
});

describe('佐证材料', () => {
  const ready = [registered, proposed, claimed];
  const command: IssueCommand = { type: 'AttachEvidence', ...file };
  it('is kept by its hash', () =>
    history(issue, ...ready)
      .when(command, owner)
      .then(attached));
  it('needs a signed claim', () => history(issue, registered).when(command, owner).refuses('issue.notClaimed'));
  it('older than the feedback is refused unless explained', () => {
    const old = { ...command, dated: '2025-03-01' };
    history(issue, ...ready)
      .when(old, owner)
      .refuses('evidence.beforeFeedback');
    const explained = { ...old, explanation: '反馈前已开始整改' };
    history(issue, ...ready)
      .when(explained, owner)
      .thenLike({ type: 'EvidenceAttached', data: { dated: '2025-03-01' } });
  });
  it('is not dated in the future or on a day that does not exist', () => {
    history(issue, ...ready)
      .when({ ...command, dated: '2025-04-02' }, owner)
      .refuses('evidence.future');
    history(issue, ...ready)
      .when({ ...command, dated: '2025-02-29' }, owner)
      .refuses('date.none');
  });
  it('is not attached twice', () =>
    history(issue, ...working)
      .when(command, owner)
      .refuses('evidence.twice'));
  it('is bounded in number', () => {
    const files = Array.from({ length: maxEvidence }, (_, n): IssueEvent => {
      return { type: 'EvidenceAttached', data: { ...file, sha256: n.toString(16).padStart(64, '0') } };
    });
    history(issue, ...ready, ...files)
      .when(command, owner)
      .refuses('evidence.tooMany');
  });
  it('is withdrawn with a reason and may come back later', () => {
    const withdrawn: IssueEvent = { type: 'EvidenceWithdrawn', data: { sha256, reason: '传错' } };
    history(issue, ...working)
      .when({ type: 'WithdrawEvidence', sha256, reason: '传错' }, owner)
      .then(withdrawn);
    history(issue, ...working, withdrawn)
      .when(command, owner)
      .then(attached);
  });
  it('that is not attached cannot be withdrawn', () =>
    history(issue, ...ready)
      .when({ type: 'WithdrawEvidence', sha256, reason: '传错' }, owner)
      .refuses('evidence.none'));
});

describe('延期', () => {
  const command: IssueCommand = { type: 'RequestExtension', until: '2025-12-01', reason: '招标未完成' };
  const requested: IssueEvent = { type: 'ExtensionRequested', data: { until: '2025-12-01', reason: '招标未完成' } };
  it('is asked for by the secretary', () =>
    history(issue, ...working)
      .when(command, secretary)
      .then(requested));
  it('is asked for up to the due date, not after it', () => {
    const on = (today: string) => as('orgSecretary', 'zhao', '赵某', today);
    history(issue, ...working)
      .when(command, on('2025-09-03'))
      .then(requested);
    history(issue, ...working)
      .when(command, on('2025-09-04'))
      .refuses('extension.tooLate');
  });
  it('ends later than the due date', () =>
    history(issue, ...working)
      .when({ ...command, until: '2025-09-03' }, secretary)
      .refuses('extension.notLater'));
  it('ends on a day that exists', () =>
    history(issue, ...working)
      .when({ ...command, until: '2025-11-31' }, secretary)
      .refuses('date.none'));
  it('waits for one answer at a time', () =>
    history(issue, ...working, requested)
      .when(command, secretary)
      .refuses('extension.pending'));
  it('needs a signed claim', () => history(issue, registered).when(command, secretary).refuses('issue.notClaimed'));
  it('granted moves the due date', () => {
    const granted: IssueEvent = { type: 'ExtensionGranted', data: { until: '2025-12-01' } };
    history(issue, ...working, requested)
      .when({ type: 'GrantExtension' }, office)
      .then(granted);
    history(issue, ...working, requested, granted)
      .when({ type: 'AddMeasure', ...measure, due: '2025-12-01' }, owner)
      .thenLike({ type: 'MeasureAdded' });
  });
  it('refused leaves the due date and may be asked for again', () => {
    const refused: IssueEvent = { type: 'ExtensionRefused', data: { reason: '理由不足' } };
    history(issue, ...working, requested)
      .when({ type: 'RefuseExtension', reason: '理由不足' }, office)
      .then(refused);
    history(issue, ...working, requested, refused)
      .when(command, secretary)
      .then(requested);
  });
  it('that nobody asked for is neither granted nor refused', () => {
    history(issue, ...working)
      .when({ type: 'GrantExtension' }, office)
      .refuses('extension.none');
    history(issue, ...working)
      .when({ type: 'RefuseExtension', reason: '无' }, office)
      .refuses('extension.none');
  });
});
