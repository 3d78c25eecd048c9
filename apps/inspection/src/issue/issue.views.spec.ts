import type { Published } from '#kernel/envelope';
import type { Within } from '#kernel/reactor';
import { isPublishedType, publishedEvents } from '#contracts/events';
import { issue } from './issue';
import { issuePublishing, registrationReactor, verdictReactor } from './issue.views';

const actor = { agency: 'inspection', id: 'wang', name: '王某', role: 'inspectionOffice' } as const;
const within = (type: string, data: object): Within<any> => ({
  id: 'e',
  subject: 'f1-0001',
  type,
  at: '',
  actor,
  data,
});
const person = { id: 'zhao', name: '赵某', role: 'orgSecretary' };
const duty = { leadLeader: '钱某', department: '办公室', person: '李某' };
const statement = { result: '已改', causeRemoved: '已除', generalisation: '已查' };
const sha256 = 'b'.repeat(64);
const basis = { origin: 'commission.example/events/v1', index: 7, hash: 'c'.repeat(64) };
const deadlines = { claim: '2025-03-10', plan: '2025-04-03', rectify: '2025-09-03', immediate: '2025-04-15' };
const line = {
  ...{ unitId: 'u1', unitName: '县教育局党组', number: '一(一)1', title: '理论学习不够深入', text: '', group: '' },
  ...{ class: 'immediate', kind: 'single', special: 'none', competentDepartment: '' },
};
const registered = { feedbackId: 'f1', roundId: 'r1', feedbackDate: '2025-03-03', deadlines, ...line };

const stored: Readonly<Record<string, object>> = {
  IssueRegistered: registered,
  IssueClaimed: { ...duty, signedBy: person },
  IssueClassified: { class: 'longTerm', reason: '经研究', due: '2025-09-03' },
  MeasureAdded: { ...duty, measureId: 'm1', text: '修订', due: '2025-06-30' },
  ProgressReported: { text: '已召开会议' },
  EvidenceAttached: {
    sha256,
    name: 'a.pdf',
    bytes: 1,
    mediaType: 'application/pdf',
    dated: '2025-03-20',
    explanation: '',
  },
  EvidenceWithdrawn: { sha256, reason: '传错' },
  ExtensionRequested: { until: '2025-12-01', reason: '招标' },
  ExtensionGranted: { until: '2025-12-01' },
  ExtensionRefused: { reason: '不足' },
  CloseOutPrepared: { attempt: 1, ...statement, signedBy: person },
  CloseOutSigned: { attempt: 1, step: 2, signedBy: person },
  CloseOutRequested: {
    ...{ attempt: 1, ...statement, unitId: 'u1', special: 'none', verifier: 'commission' },
    ...{ evidence: [sha256], signatures: [person, person, person] },
  },
  CloseOutReturned: { attempt: 1, returns: 1, reasonCode: 'other', reason: '缺', basis },
  IssueSubstantiallyDone: { attempt: 1, remaining: '尚余', newDate: '2025-12-31', basis },
  IssueClosedOut: { attempt: 1, verifier: 'commission', verifiedBy: person, basis },
};

describe('what is published of an issue', () => {
  it.each(Object.entries(stored))('%s keeps its contract', (type, data) => {
    const shown = issuePublishing.map[type]?.(within(type, data));
    if (!shown || !isPublishedType(shown.type)) throw new Error(`${type} is not published`);
    expect(publishedEvents[shown.type].parse(shown.data)).toMatchObject({ issueId: 'f1-0001' });
  });
  it('is not a proposal that the secretary has not signed', () =>
    expect(Object.keys(issuePublishing.map).sort()).toEqual(Object.keys(stored).sort()));
  it('is the date that applies to the class', () =>
    expect(issuePublishing.map['IssueRegistered']?.(within('IssueRegistered', registered))?.data).toMatchObject({
      deadlines: { rectify: '2025-04-15' },
    }));
  it('begins the signatures with the preparation', () =>
    expect(issuePublishing.map['CloseOutPrepared']?.(within('', stored['CloseOutPrepared'] ?? {}))?.data).toMatchObject(
      { step: 1 },
    ));
});

describe('what an issue reacts to', () => {
  it('a frozen feedback registers each line, ids in the order of the text', () => {
    const { lines, ...rest } = {
      roundId: 'r1',
      feedbackDate: '2025-03-03',
      deadlines,
      lines: [{ key: 'l1', ...line }],
    };
    const frozen = { ...within('FeedbackFrozen', { ...rest, lines }), subject: 'f1' };
    expect(registrationReactor.within?.['feedback.FeedbackFrozen']?.(frozen)).toEqual([
      { decider: issue, id: 'f1-0001', command: { type: 'RegisterIssue', ...registered } },
    ]);
  });

  const check = { issueId: 'f1-0001', attempt: 1, method: 'document', note: '' };
  const officer = { agency: 'commission', id: 'chen', name: '陈某', role: 'supervisionOffice' };
  const verdict = (type: string, data: object, changes: object = {}) =>
    verdictReactor.on?.[type]?.({
      agency: 'commission',
      type,
      actor: officer,
      data,
      address: basis,
      ...changes,
    } as unknown as Published);
  const asked = (kind: object) => [
    {
      decider: issue,
      id: 'f1-0001',
      command: {
        ...{ type: 'RecordVerdict', attempt: 1, verifier: 'commission', basis, verdict: kind },
        verifiedBy: { id: 'chen', name: '陈某', role: 'supervisionOffice' },
      },
    },
  ];
  it.each([
    ['commission.close-out-accepted.v1', {}, { kind: 'accepted' }],
    [
      'commission.close-out-accepted-as-substantially-done.v1',
      { remaining: '尚余', newDate: '2025-12-31' },
      { kind: 'substantiallyDone', remaining: '尚余', newDate: '2025-12-31' },
    ],
    [
      'commission.close-out-returned.v1',
      { reasonCode: 'other', reason: '缺' },
      { kind: 'returned', reasonCode: 'other', reason: '缺' },
    ],
  ])('%s is recorded with its address as basis', (type, more, kind) =>
    expect(verdict(type, { ...check, ...more })).toEqual(asked(kind)),
  );
  it('a verdict in a log that does not speak for that agency is ignored', () =>
    expect(verdict('commission.close-out-accepted.v1', check, { agency: 'organization' })).toEqual([]));
  it('a verdict without an address stops the reactor instead of losing the chain of causes', () =>
    expect(() => verdict('commission.close-out-accepted.v1', check, { address: undefined })).toThrow(
      'without its address',
    ));
});
