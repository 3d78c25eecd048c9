// Histories of issues as an inspection office publishes them, from registration to close-out: some ten events each.
// Everything follows from the issue's number, so the same log can be made twice in two processes.
import { canonicalBytes } from '#kernel/canonical-json';
import type { JsonObject } from '#kernel/canonical-json';
import type { Actor, Entry, Published } from '#kernel/envelope';
import type { PublishedData, PublishedType } from '#contracts/events';
import { sm3Of } from '#tlog/sm3';
import { numbersOf, pick, text } from './chinese';

export type Told = { readonly type: PublishedType; readonly data: JsonObject };

export const origin = 'inspection.example/events/v1';
const unitCount = 300;
const roundCount = 6;
const perFeedback = 40;
const hash = (n: number): string => n.toString(16).padStart(64, '0');
const person = (name: string, role: string) => ({ id: `${role}-1`, name, role });
const signers = [person('李某', 'taskOwner'), person('钱某', 'orgLeader'), person('赵某', 'orgSecretary')];

export const unitIdOf = (n: number): string => `u-${String(n % unitCount).padStart(4, '0')}`;
export const roundIdOf = (n: number): string => `r-${n % roundCount}`;

/** Opens the rounds and enrols every unit, before any issue. */
export function* opening(): Generator<Told> {
  const terms = { claim: { workingDays: 5 }, plan: { months: 1 }, rectify: { months: 3 }, immediate: { months: 1 } };
  const ruleSet = { id: 'three-months', version: 1, name: '集中整改三个月', source: '示范规则', terms };
  for (let n = 0; n < roundCount; n++) {
    const roundId = roundIdOf(n);
    const open = { roundId, name: `第${n + 1}轮`, term: '第十四届', year: 2021 + n, tier: 'county' as const, ruleSet };
    yield told('inspection.round-opened.v1', open);
    for (let unit = 0; unit < unitCount; unit++) {
      const unitId = unitIdOf(unit);
      yield told('inspection.organisation-enrolled.v1', { roundId, unitId, unitName: unitNameOf(unit) });
    }
  }
}

/** @param n of the issue; `steps` cuts the history short; `share` of the usual length of what people write, 0 to 1 */
export function* historyOf(n: number, steps = Infinity, share = 1): Generator<Told> {
  let step = 0;
  for (const each of whole(n, share)) {
    if (step++ >= steps) return;
    yield each;
  }
}

function* whole(n: number, share: number): Generator<Told> {
  const next = numbersOf(n);
  const words = (characters: number): string => text(next, Math.round(characters * share));
  const feedback = Math.floor(n / perFeedback);
  // A feedback goes to one organisation and sets one date, as it does in life.
  const whose = numbersOf(1_000_000 + feedback);
  const unit = Math.floor(whose() * unitCount);
  const issueId = `f${String(feedback).padStart(6, '0')}-${String((n % perFeedback) + 1).padStart(4, '0')}`;
  const special = pick(next, ['none', 'none', 'none', 'selection', 'ideology'] as const);
  const verifier = special === 'selection' ? ('organization' as const) : ('commission' as const);
  const due = dateOf(1 + Math.floor(whose() * 700));
  const duty = { leadLeader: pick(next, ['钱某', '孙某']), department: pick(next, ['办公室', '人事科', '财务科']) };
  yield told('inspection.issue-registered.v1', {
    issueId,
    feedbackId: `f${feedback}`,
    roundId: roundIdOf(feedback),
    unitId: unitIdOf(unit),
    unitName: unitNameOf(unit),
    number: `一(${(n % perFeedback) + 1})`,
    title: words(20),
    text: words(130),
    group: pick(next, ['政治建设方面', '作风建设方面', '组织建设方面', '廉政建设方面']),
    class: pick(next, ['immediate', 'timeLimited', 'longTerm'] as const),
    kind: pick(next, ['single', 'single', 'common'] as const),
    special,
    competentDepartment: '',
    feedbackDate: '2024-03-01',
    deadlines: { claim: '2024-03-08', plan: '2024-04-01', rectify: due },
  });
  const done = { ...duty, person: '李某' };
  yield told('inspection.issue-claimed.v1', { issueId, ...done, signedBy: signers[2]! });
  const measure = { measureId: `m-${n}`, text: words(210), due };
  yield told('inspection.measure-added.v1', { issueId, ...measure, ...done });
  yield told('inspection.progress-reported.v1', { issueId, text: words(290) });
  yield told('inspection.progress-reported.v1', { issueId, text: words(290) });
  const file = { sha256: hash(n), name: '会议记录.pdf', bytes: 52_000, mediaType: 'application/pdf' };
  yield told('inspection.evidence-attached.v1', {
    issueId,
    ...file,
    dated: '2024-05-20',
    explanation: words(150),
  });
  for (const [index, signedBy] of signers.entries())
    yield told('inspection.close-out-signed.v1', { issueId, attempt: 1, step: index + 1, signedBy });
  const reasons = { result: words(180), causeRemoved: words(110), generalisation: words(110) };
  const sent = { evidence: [file.sha256], signatures: signers, unitId: unitIdOf(unit), special, verifier };
  yield told('inspection.close-out-requested.v1', { issueId, attempt: 1, ...sent, ...reasons });
  const basis = { origin: `${verifier}.example/events/v1`, index: n, hash: hash(n) };
  if (next() < 0.2) {
    const rest = { remaining: words(40), newDate: dateOf(800 + Math.floor(next() * 100)) };
    yield told('inspection.issue-substantially-done.v1', { issueId, attempt: 1, ...rest, basis });
  } else {
    const verifiedBy = person('陈某', 'supervisionOffice');
    yield told('inspection.issue-closed-out.v1', { issueId, attempt: 1, verifier, verifiedBy, basis });
  }
}

function told<Type extends PublishedType>(type: Type, data: PublishedData<Type>): Told {
  return { type, data: data as unknown as JsonObject };
}

const unitNameOf = (n: number): string => `示范县第${n + 1}局党组`;

function dateOf(days: number): string {
  return new Date(Date.UTC(2025, 0, 1) + days * 86_400_000).toISOString().slice(0, 10);
}

const actor: Actor = { agency: 'inspection', id: 'a-17', name: '李某', role: 'taskOwner', unit: 'u-0012' };

/** The first so many events of the log: the opening, then issue by issue, eight of them side by side. */
export function* logOf(count: number, share = 1): Generator<Told> {
  let left = count;
  for (const each of opening()) {
    if (left-- <= 0) return;
    yield each;
  }
  for (let n = 0; left > 0; n += 8) {
    const open = Array.from({ length: 8 }, (_, beside) => historyOf(n + beside, Infinity, share));
    for (let going = open; going.length > 0;) {
      const still: typeof open = [];
      for (const history of going) {
        const { value, done } = history.next();
        if (done) continue;
        if (left-- <= 0) return;
        yield value;
        still.push(history);
      }
      going = still;
    }
  }
}

/** As a leaf of the log; with its SM3 digest in the profile gm. */
export function entryBytes({ type, data }: Told, index: number, gm = false): Uint8Array {
  const entry: Entry = {
    v: 1,
    id: idOf(index),
    type,
    stream: `issue-${String(data['issueId'] ?? data['roundId'])}`,
    revision: index,
    at: atOf(index),
    actor,
    seen: { 'commission.example/events/v1': 1_200 },
    commit: hash(index),
    data,
  };
  const whole = gm ? { ...entry, sm3: sm3Of(entry) } : entry;
  return canonicalBytes(whole as unknown as JsonObject);
}

/** As views take it. */
export function published({ type, data }: Told, index: number): Published {
  const id = idOf(index);
  return { agency: 'inspection', origin, id, type, stream: 'issue-x', at: atOf(index), actor, data };
}

const idOf = (index: number): string => `${index.toString(16).padStart(8, '0')}-0000-4000-8000-000000000000`;
const atOf = (index: number): string => new Date(Date.UTC(2024, 2, 1) + index * 1_000).toISOString();
