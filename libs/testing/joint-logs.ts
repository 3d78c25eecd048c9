// Histories for the specs of the joint read models: what three agencies publish about issues, each in its own log.
import fc from 'fast-check';
import type { Actor, Agency, Published } from '#kernel/envelope';
import type { PublishedData, PublishedType } from '#contracts/events';

export type Logs = Readonly<Record<Agency, readonly Published[]>>;

const roles: Readonly<Record<Agency, string>> = {
  inspection: 'orgLiaison',
  commission: 'supervisionOffice',
  organization: 'orgDeptSupervision',
};
const hash = 'c'.repeat(64);

/** Writes logs event by event; times rise over all three. */
export class LogWriter {
  private readonly written: Record<Agency, Published[]> = { commission: [], organization: [], inspection: [] };
  private count = 0;

  add<Type extends PublishedType>(type: Type, data: PublishedData<Type>, by: Partial<Actor> = {}): void {
    const agency = type.slice(0, type.indexOf('.')) as Agency;
    const n = this.count++;
    const index = this.written[agency].length;
    const origin = `${agency}.example/events/v1`;
    this.written[agency].push({
      agency,
      origin,
      id: `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`,
      type,
      stream: 'issue-x',
      at: new Date(Date.UTC(2025, 2, 3) + n * 3_600_000).toISOString(),
      actor: { agency, id: 'a', name: '张某', role: roles[agency], ...by },
      data: data as Published['data'],
      address: { origin, index, hash },
    });
  }

  logs(): Logs {
    return this.written;
  }
}

export const registration: PublishedData<'inspection.issue-registered.v1'> = {
  issueId: 'f1-0001',
  feedbackId: 'f1',
  roundId: 'r1',
  unitId: 'u1',
  unitName: '县教育局党组',
  number: '一(一)1',
  title: '理论学习不够深入',
  text: '理论学习不够深入，计划未落实。',
  group: '政治建设方面',
  class: 'timeLimited',
  kind: 'single',
  special: 'none',
  competentDepartment: '',
  feedbackDate: '2025-03-03',
  deadlines: { claim: '2025-03-10', plan: '2025-04-03', rectify: '2025-09-03' },
};
const person = (name: string, role: string) => ({ id: name, name, role });
const signers = [person('李某', 'taskOwner'), person('钱某', 'orgLeader'), person('赵某', 'orgSecretary')];
const evidence = {
  sha256: 'b'.repeat(64),
  name: '会议记录.pdf',
  bytes: 10,
  mediaType: 'application/pdf',
  dated: '2025-03-20',
  explanation: '',
};
const duty = { leadLeader: '钱某', department: '办公室', person: '李某' };
const statement = { result: '制度已修订', causeRemoved: '已列入考核', generalisation: '已自查' };

export type Outcome = 'accepted' | 'substantiallyDone' | 'returned' | 'open';

/** One issue's story: how far it goes, and how each of its requests ends. */
export type Story = {
  readonly special: 'none' | 'selection';
  readonly steps: number;
  readonly outcomes: readonly Outcome[];
};

export function tell(writer: LogWriter, issueId: string, { special, steps, outcomes }: Story): void {
  writer.add('inspection.issue-registered.v1', { ...registration, issueId, special });
  if (steps > 0)
    writer.add('inspection.issue-claimed.v1', { issueId, ...duty, signedBy: person('赵某', 'orgSecretary') });
  if (steps > 1)
    writer.add('inspection.measure-added.v1', { issueId, measureId: 'm1', text: '修订', due: '2025-06-30', ...duty });
  if (steps > 2) writer.add('inspection.evidence-attached.v1', { issueId, ...evidence });
  if (steps > 3) outcomes.every((outcome, n) => request(writer, issueId, special, n + 1, outcome));
}

/** @returns whether another request may follow */
function request(
  writer: LogWriter,
  issueId: string,
  special: Story['special'],
  attempt: number,
  outcome: Outcome,
): boolean {
  const verifier = special === 'selection' ? 'organization' : 'commission';
  signers.forEach((signedBy, n) =>
    writer.add('inspection.close-out-signed.v1', { issueId, attempt, step: n + 1, signedBy }),
  );
  const data = { issueId, attempt, unitId: 'u1', special, verifier, ...statement } as const;
  writer.add('inspection.close-out-requested.v1', { ...data, evidence: [evidence.sha256], signatures: signers });
  if (outcome === 'open') return false;
  writer.add(`${verifier}.close-out-received.v1`, { issueId, attempt });
  const check = { issueId, attempt, method: 'document', note: '' } as const;
  const basis = { origin: `${verifier}.example/events/v1`, index: 1, hash };
  switch (outcome) {
    case 'accepted': {
      const verifiedBy = person('陈某', 'supervisionOffice');
      writer.add(`${verifier}.close-out-accepted.v1`, check, { name: '陈某' });
      writer.add(
        'inspection.issue-closed-out.v1',
        { issueId, attempt, verifier, verifiedBy, basis },
        { role: 'system' },
      );
      return false;
    }
    case 'substantiallyDone': {
      const rest = { remaining: '尚余一项', newDate: '2025-12-31' };
      writer.add(`${verifier}.close-out-accepted-as-substantially-done.v1`, { ...check, ...rest });
      writer.add('inspection.issue-substantially-done.v1', { issueId, attempt, ...rest, basis }, { role: 'system' });
      return true;
    }
    case 'returned': {
      const why = { reasonCode: 'evidenceMissing', reason: '缺会议记录' };
      writer.add(`${verifier}.close-out-returned.v1`, { ...check, ...why });
      const returns = attempt;
      writer.add('inspection.close-out-returned.v1', { issueId, attempt, returns, ...why, basis }, { role: 'system' });
      return true;
    }
  }
}

const story: fc.Arbitrary<Story> = fc.record({
  special: fc.constantFrom('none', 'selection'),
  steps: fc.integer({ min: 0, max: 4 }),
  outcomes: fc.array(fc.constantFrom<Outcome>('accepted', 'substantiallyDone', 'returned', 'open'), {
    minLength: 1,
    maxLength: 4,
  }),
});

/** A round with a feedback, its issues' stories, and the receipts of both verifying agencies. */
export const anyLogs: fc.Arbitrary<Logs> = fc.array(story, { minLength: 1, maxLength: 5 }).map((stories) => {
  const writer = new LogWriter();
  const terms = { months: 1 };
  const ruleSet = {
    id: 's',
    version: 1,
    name: '集中整改',
    source: '条例',
    terms: { claim: terms, plan: terms, rectify: terms, immediate: terms },
  };
  writer.add('inspection.round-opened.v1', {
    roundId: 'r1',
    name: '第三轮',
    term: '十二届',
    year: 2025,
    tier: 'county',
    ruleSet,
  });
  writer.add('inspection.organisation-enrolled.v1', { roundId: 'r1', unitId: 'u1', unitName: '县教育局党组' });
  writer.add('inspection.feedback-frozen.v1', {
    feedbackId: 'f1',
    roundId: 'r1',
    found: stories.length,
    declared: {},
    difference: '',
  });
  stories.forEach((each, n) => tell(writer, `f1-000${n + 1}`, each));
  writer.add('commission.feedback-received.v1', { feedbackId: 'f1', roundId: 'r1', held: stories.length });
  writer.add('organization.feedback-received.v1', { feedbackId: 'f1', roundId: 'r1', held: stories.length });
  writer.add('inspection.round-closed.v1', { roundId: 'r1' });
  return writer.logs();
});

/** One order in which the three logs may arrive: each in its own order, anyhow between each other. */
export function interleaved(logs: Logs): fc.Arbitrary<Published[]> {
  const turns = Object.entries(logs).flatMap(([agency, events]) => events.map(() => agency as Agency));
  return fc.shuffledSubarray(turns, { minLength: turns.length }).map((order) => {
    const next: Record<Agency, number> = { commission: 0, organization: 0, inspection: 0 };
    return order.map((agency) => logs[agency][next[agency]++] as Published);
  });
}
