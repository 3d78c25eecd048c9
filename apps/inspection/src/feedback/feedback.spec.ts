import type { Given } from '#kernel/decider';
import { holidays } from '#kernel/holidays';
import type { OutlineLine } from '#contracts/api';
import { ruleSets } from '#contracts/rule-sets';
import { history } from '#testing/given';
import type { FeedbackCommand, FeedbackEvent, RoundFacts } from './feedback';
import { feedback } from './feedback';

const given: Given = {
  by: { agency: 'inspection', id: 'wang', name: '王某', role: 'inspectionOffice' },
  at: '2025-03-04T01:00:00.000Z',
  today: '2025-03-04',
};
const [ruleSet] = ruleSets as [(typeof ruleSets)[0]];
const organisations = [
  { unitId: 'u1', unitName: '县教育局党组' },
  { unitId: 'u2', unitName: '县交通局党组' },
];
const round: RoundFacts = { open: true, organisations, ruleSet };

function line(changes: Partial<OutlineLine> = {}): OutlineLine {
  return {
    key: 'l1',
    number: '一(一)1',
    title: '理论学习不够深入',
    text: '',
    group: '政治建设方面',
    unitId: 'u1',
    class: 'timeLimited',
    kind: 'single',
    special: 'none',
    competentDepartment: '',
    ...changes,
  };
}

const paper = {
  roundId: 'r1',
  fileName: '反馈意见.txt',
  fileSha256: 'a'.repeat(64),
  feedbackDate: '2025-03-03',
  kind: 'feedback notice',
  encoding: 'utf-8',
  declared: {},
  notes: [],
};
const registered = (lines: readonly OutlineLine[], declared = {}): FeedbackEvent => ({
  type: 'FeedbackRegistered',
  data: { ...paper, declared, lines },
});
const freezing: FeedbackCommand = { type: 'FreezeFeedback', difference: '', round, calendar: holidays };
const frozenWith = (lines: readonly OutlineLine[], declared = {}, difference = ''): FeedbackEvent => ({
  type: 'FeedbackFrozen',
  data: {
    roundId: 'r1',
    feedbackDate: '2025-03-03',
    found: lines.length,
    declared,
    difference,
    deadlines: { claim: '2025-03-10', plan: '2025-04-03', rectify: '2025-09-03', immediate: '2025-04-03' },
    lines: lines.map((each) => ({ ...each, unitName: each.unitId === 'u1' ? '县教育局党组' : '县交通局党组' })),
  },
});
const refusedWith = (changes: Partial<OutlineLine>, code: string) =>
  history(feedback, registered([line(changes)]))
    .when(freezing, given)
    .refuses(code);

describe('反馈意见的登记', () => {
  const command: FeedbackCommand = { type: 'RegisterFeedback', round, ...paper, lines: [line()] };
  it('keeps the paper by its hash and the lines as found', () =>
    history(feedback)
      .when(command, given)
      .then(registered([line()])));
  it('happens once', () =>
    history(feedback, registered([line()]))
      .when(command, given)
      .refuses('feedback.exists'));
  it('needs a round that was opened', () =>
    history(feedback)
      .when({ ...command, round: { open: false, organisations: [] } }, given)
      .refuses('round.none'));
  it('needs a round that is not closed', () =>
    history(feedback)
      .when({ ...command, round: { ...round, open: false } }, given)
      .refuses('round.closed'));
  it('cannot be dated in the future', () =>
    history(feedback)
      .when({ ...command, feedbackDate: '2025-03-05' }, given)
      .refuses('feedback.future'));
  it('cannot be dated on a day that does not exist', () =>
    history(feedback)
      .when({ ...command, feedbackDate: '2025-02-30' }, given)
      .refuses('date.none'));
  it('refuses an outline that would not fit into one append', () => {
    const lines = Array.from({ length: 60 }, (_, n) => line({ key: `l${n}`, text: '题'.repeat(8000) }));
    history(feedback)
      .when({ ...command, lines }, given)
      .refuses('feedback.tooLong');
    history(feedback, registered([])).when({ type: 'ReviseOutline', lines }, given).refuses('feedback.tooLong');
  });
});

describe('问题清单的修改', () => {
  const lines = [line({ title: '理论学习不够深入扎实' })];
  it('replaces the lines', () =>
    history(feedback, registered([line()]))
      .when({ type: 'ReviseOutline', lines }, given)
      .then({ type: 'OutlineRevised', data: { lines } }));
  it('is what is frozen', () =>
    history(feedback, registered([line()]), { type: 'OutlineRevised', data: { lines } })
      .when(freezing, given)
      .then(frozenWith(lines)));
  it('needs a feedback', () =>
    history(feedback).when({ type: 'ReviseOutline', lines }, given).refuses('feedback.none'));
  it('ends with freezing', () =>
    history(feedback, registered([line()]), frozenWith([line()]))
      .when({ type: 'ReviseOutline', lines }, given)
      .refuses('feedback.frozen'));
});

describe('反馈意见的冻结', () => {
  it('stores every line with its unit and the deadlines of the rule set', () => {
    const lines = [line(), line({ key: 'l2', number: '一(一)2', unitId: 'u2' })];
    history(feedback, registered(lines)).when(freezing, given).then(frozenWith(lines));
  });
  it('happens once', () =>
    history(feedback, registered([line()]), frozenWith([line()]))
      .when(freezing, given)
      .refuses('feedback.frozen'));
  it('refuses an empty list', () => history(feedback, registered([])).when(freezing, given).refuses('feedback.empty'));
  it('refuses a line without title', () => refusedWith({ title: ' ' }, 'feedback.noTitle'));
  it('refuses a line without number', () => refusedWith({ number: ' ' }, 'feedback.noNumber'));
  it('refuses a line without unit', () => refusedWith({ unitId: '' }, 'feedback.noUnit'));
  it('refuses a unit that is not enrolled in the round', () => refusedWith({ unitId: 'u9' }, 'feedback.unitUnknown'));
  it('refuses a sectoral issue without competent department', () =>
    refusedWith({ kind: 'sectoral' }, 'feedback.noDepartment'));
  it('refuses the same number twice in one unit', () =>
    history(feedback, registered([line(), line({ key: 'l2' })]))
      .when(freezing, given)
      .refuses('feedback.numberTwice'));
  it('allows the same number in two units', () => {
    const lines = [line(), line({ key: 'l2', unitId: 'u2' })];
    history(feedback, registered(lines)).when(freezing, given).then(frozenWith(lines));
  });
  it('asks for words when declared and found differ', () =>
    history(feedback, registered([line()], { issues: 35 }))
      .when(freezing, given)
      .refuses('feedback.difference'));
  it('keeps the words that explain the difference', () =>
    history(feedback, registered([line()], { issues: 35 }))
      .when({ ...freezing, difference: '公开稿只列出一个问题' }, given)
      .then(frozenWith([line()], { issues: 35 }, '公开稿只列出一个问题')));
  it('needs no words when declared equals found', () =>
    history(feedback, registered([line()], { issues: 1 }))
      .when(freezing, given)
      .then(frozenWith([line()], { issues: 1 })));
  it('is refused in a closed round', () =>
    history(feedback, registered([line()]))
      .when({ ...freezing, round: { ...round, open: false } }, given)
      .refuses('round.closed'));
  it('is refused when a deadline falls into a year without decreed calendar', () =>
    history(feedback, registered([line()]))
      .when({ ...freezing, calendar: {} }, given)
      .refuses('calendar.yearUnknown'));
});
