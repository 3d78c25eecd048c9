// What people want to do: one round with its feedback, and for each issue the way from claim to close-out, step by step.
import type { AnyDecider } from '#kernel/decider';
import type { Agency } from '#kernel/envelope';
import type { Calendar } from '#kernel/working-days';
import type { OutlineLine } from '#contracts/api';
import type { Role } from '#contracts/roles';
import { ruleSets } from '#contracts/rule-sets';
import type { Person } from '#chassis/person';
import { signingRoles, verifierOf } from '#joint/close-out';
import { verification as commissionVerification } from '../../../apps/commission/src/verification/verification';
import { feedback } from '../../../apps/inspection/src/feedback/feedback';
import { issue } from '../../../apps/inspection/src/issue/issue';
import { issueIdOf } from '../../../apps/inspection/src/issue/issue.views';
import { round } from '../../../apps/inspection/src/round/round';
import { verification as organizationVerification } from '../../../apps/organization/src/verification/verification';
import { personOf, units } from './parties';
import type { Random } from './random';

export type Step = {
  readonly agency: Agency;
  readonly decider: AnyDecider;
  readonly id: string;
  readonly who: Person;
  readonly command: { readonly type: string };
  /** Words that must not be known outside. */
  readonly secret?: string;
};

/** `busy`: somebody is at its next step. */
export type Script = { readonly steps: readonly Step[]; at: number; busy: boolean };

const verifications = { commission: commissionVerification, organization: organizationVerification };
const calendar: Calendar = { 2026: { source: '', off: [], worked: [] } };
const ruleSet = ruleSets[1]!;
const organisations = units.map((unitId) => ({ unitId, unitName: `单位${unitId}` }));
const facts = { open: true, organisations, ruleSet };
const feedbackDate = '2026-02-16';
const claim = { leadLeader: '钱某', department: '办公室', person: '李某' };
const statement = { result: '制度已修订', causeRemoved: '已列入考核', generalisation: '已自查' };
const hash = (random: Random): string => random.next().toString(16).padStart(8, '0').repeat(8);

/** The round, and one script for each issue of its feedback. */
export function scriptsOf(random: Random): readonly Script[] {
  const lines = Array.from({ length: 2 + random.below(3) }, (_, n) => lineOf(n, random));
  return [roundScript(lines), ...lines.map((line, n) => issueScript(line, issueIdOf('f1', n + 1), random))];
}

function lineOf(n: number, random: Random): OutlineLine {
  return {
    key: `k${n}`,
    number: `一(一)${n + 1}`,
    title: `第${n + 1}个问题`,
    text: '计划未落实。',
    group: '政治建设方面',
    unitId: random.pick(units),
    class: 'timeLimited',
    kind: random.chance(0.2) ? 'sectoral' : 'single',
    special: random.chance(0.4) ? 'selection' : 'none',
    competentDepartment: '教育局',
  };
}

function roundScript(lines: readonly OutlineLine[]): Script {
  const who = personOf('inspectionOffice');
  const step = (decider: AnyDecider, id: string, command: { type: string }): Step => {
    return { agency: 'inspection', decider, id, who, command };
  };
  const { name, term, year, tier } = { name: '第三轮', term: '十二届', year: 2026, tier: 'county' };
  const opened = { type: 'OpenRound', name, term, year, tier, ruleSet };
  const paper = { fileName: '反馈.txt', fileSha256: 'a'.repeat(64), kind: 'text', encoding: 'utf-8', notes: [] };
  const registered = { roundId: 'r1', ...paper, feedbackDate, declared: { issues: lines.length }, lines };
  const steps = [
    step(round, 'r1', opened),
    ...organisations.map((each) => step(round, 'r1', { type: 'EnrolOrganisation', ...each } as { type: string })),
    step(feedback, 'f1', { type: 'RegisterFeedback', round: facts, ...registered } as { type: string }),
    step(feedback, 'f1', { type: 'FreezeFeedback', difference: '', round: facts, calendar } as { type: string }),
  ];
  return { steps, at: 0, busy: false };
}

function issueScript({ unitId, kind, special }: OutlineLine, id: string, random: Random): Script {
  const asked = (role: Role, command: object, more: Partial<Step> = {}): Step => {
    return {
      agency: 'inspection',
      decider: issue,
      id,
      who: personOf(role, unitId),
      command: command as Step['command'],
      ...more,
    };
  };
  const secret = `机密-${random.uuid()}`;
  const measure = { measureId: 'm1', text: '修订制度', due: '2026-04-10', ...claim };
  const file = { name: '纪要.pdf', bytes: 10, mediaType: 'application/pdf', dated: '2026-02-20', explanation: '' };
  const steps: Step[] = [
    asked('orgLiaison', { type: 'ProposeClaim', ...claim, leadLeader: secret }, { secret }),
    asked('orgLiaison', { type: 'ProposeClaim', ...claim }),
    asked('orgSecretary', { type: 'SignClaim' }),
    asked('orgLiaison', { type: 'AddMeasure', ...measure }),
  ];
  const again = steps.length;
  steps.push(asked('taskOwner', { type: 'AttachEvidence', ...file, sha256: hash(random) }));
  steps.push(asked('taskOwner', { type: 'PrepareCloseOut', ...statement }));
  for (const [role] of signingRoles(kind).slice(1)) steps.push(asked(role!, { type: 'SignCloseOut' }));
  const agency = verifierOf(special);
  const who = personOf(agency === 'commission' ? 'supervisionOffice' : 'orgDeptSupervision');
  const decided = { agency, decider: verifications[agency], who };
  const check = { method: 'document', note: '' };
  const returned = random.chance(0.5);
  if (returned) {
    const command = { type: 'ReturnCloseOut', ...check, reasonCode: 'evidenceMissing', reason: '缺会议记录' };
    steps.push(asked('taskOwner', command, decided));
    steps.push(...steps.slice(again, -1).map((step) => freshFile(step, random)));
  }
  steps.push(asked('taskOwner', { type: 'AcceptCloseOut', ...check }, decided));
  return { steps, at: 0, busy: false };
}

function freshFile(step: Step, random: Random): Step {
  if (step.command.type !== 'AttachEvidence') return step;
  return { ...step, command: { ...step.command, sha256: hash(random) } as Step['command'] };
}

/** Small things that may be done over and over, beside what the scripts ask. */
export function aside(script: Script, random: Random): Step | undefined {
  const some = script.steps[0]!;
  if (some.decider !== issue || script.at < 3) return undefined;
  const unit = some.who.unit;
  const by = (role: Role, command: object): Step => ({
    ...some,
    who: personOf(role, unit),
    command: command as Step['command'],
  });
  return random.pick([
    () => by('taskOwner', { type: 'ReportProgress', text: `进展${random.below(1000)}` }),
    () => by('orgSecretary', { type: 'RequestExtension', until: '2026-06-01', reason: '需要时间' }),
    () => by('inspectionOffice', { type: 'GrantExtension' }),
    () =>
      by('inspectionOffice', {
        type: 'ClassifyIssue',
        class: random.pick(['longTerm', 'timeLimited']),
        reason: '调整',
      }),
  ])();
}

/** What somebody asks who has no right to it; each would be taken from the right person. */
export function forbidden(script: Script, random: Random): Step | undefined {
  const some = script.steps[0]!;
  if (some.decider !== issue || script.at < 3) return undefined;
  const unit = some.who.unit;
  const other = units.find((each) => each !== unit)!;
  const progress = { type: 'ReportProgress', text: '替别的单位报告' };
  const by = (role: Role, of: string | undefined, command: object): Step => {
    return { ...some, who: personOf(role, of), command: command as Step['command'] };
  };
  const last = script.steps.at(-1)!;
  return random.pick([
    () => by('taskOwner', other, progress),
    () => by('supervisionOffice', undefined, progress),
    () =>
      by('orgLiaison', unit, {
        type: 'ClassifyIssue',
        class: random.pick(['longTerm', 'timeLimited']),
        reason: '自行调整',
      }),
    () => by('orgSecretary', unit, { type: 'GrantExtension' }),
    () => ({
      ...last,
      who: personOf('taskOwner', unit),
      command: { type: 'AcceptCloseOut', method: 'document', note: '' } as Step['command'],
    }),
  ])();
}
