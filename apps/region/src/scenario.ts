// The closed loop as people drive it: feedback to ledger (F1), claim to close-out (F3). Every step is a real sign-in at
// a real console's HTTP interface; nothing here reaches into a service.
import { setTimeout as pause } from 'node:timers/promises';
import { paths } from '#contracts/api';
import type { IssueAction, OutlineLine } from '#contracts/api';
import type { Agreement, FeedbackPage, IssuePage, LedgerLine, LedgerPage, VerificationQueue } from '#contracts/answers';
import { outline } from '#papers/outline';
import { readPaper } from '#papers/read-paper';
import { Answered } from './client';
import type { Client } from './client';
import { admit, officers, signInAs, staffOf } from './people';
import type { Person, Unit } from './people';
import type { Region } from './region';

export type PaperFile = { readonly name: string; readonly bytes: Uint8Array };
export type Staff = {
  readonly liaison: Client;
  readonly owner: Client;
  readonly leader: Client;
  readonly secretary: Client;
};

/** Everybody signed in. */
export type Cast = {
  readonly people: readonly Person[];
  readonly office: Client;
  readonly commission: Client;
  readonly organization: Client;
  readonly department: Client;
  readonly staff: ReadonlyMap<string, Staff>;
};

export type Opened = {
  readonly cast: Cast;
  readonly roundId: string;
  readonly feedbackId: string;
  readonly declared: number | null;
  readonly found: number;
};

/** Repeats until the check gives a value. @throws Error naming what did not happen in time */
export async function until<T>(what: string, check: () => Promise<T | undefined>, seconds = 30): Promise<T> {
  const end = performance.now() + seconds * 1000;
  for (;;) {
    const value = await check();
    if (value !== undefined) return value;
    if (performance.now() > end) throw new Error(`${what}: not within ${seconds} s`);
    await pause(25);
  }
}

/** F1 up to the frozen ledger. `special` names the line (by its place) that becomes a selection issue. */
export async function openFeedback(region: Region, paper: PaperFile, feedbackDate: string): Promise<Opened> {
  const names = await unitNames(paper);
  const bare = officers([]);
  const officePerson = bare.find((each) => each.role === 'inspectionOffice') as Person;
  await admit(region, [officePerson]);
  const office = await signInAs(region, officePerson);
  const round = { name: '示范轮次', term: '第十四届', year: Number(feedbackDate.slice(0, 4)), tier: 'county' };
  const roundId = (await office.send(paths.rounds, { ...round, ruleSetId: 'three-months' })).id;
  const units: Unit[] = [];
  for (const unitName of names) {
    units.push({ unitId: (await office.send(paths.organisations(roundId), { unitName })).id, unitName });
  }
  const others = [...officers(units).filter((each) => each.role !== 'inspectionOffice'), ...units.flatMap(staffOf)];
  await admit(region, others);
  const people = [officePerson, ...others];
  const [feedbackId, cast] = await Promise.all([
    office.upload(paths.feedbacks, paper, { roundId, feedbackDate }).then((done) => done.id),
    signInAll(region, people, units, office),
  ]);
  const page = await office.get<FeedbackPage>(paths.feedback(feedbackId));
  const lines = assigned(page.lines, units);
  const declared = page.declared['issues'];
  if (lines.length > 0) {
    await office.send(paths.outline(feedbackId), { lines });
    const difference =
      declared === undefined || declared === lines.length ? '' : '公开文本只载明部分问题，其余以书面反馈为准。';
    await office.send(paths.freeze(feedbackId), { difference });
    await until('ledger holds every issue', async () =>
      (await ledger(office)).length === lines.length ? true : undefined,
    );
  }
  return { cast, roundId, feedbackId, declared: typeof declared === 'number' ? declared : null, found: lines.length };
}

export async function ledger(client: Client): Promise<LedgerLine[]> {
  const lines: LedgerLine[] = [];
  let cursor = '';
  do {
    const page = await client.get<LedgerPage>(paths.ledger, {
      sort: 'number',
      limit: '200',
      ...(cursor && { cursor }),
    });
    lines.push(...page.lines);
    cursor = page.next ?? '';
  } while (cursor);
  return lines;
}

export async function claim(staff: Staff, issueId: string): Promise<void> {
  await act(staff.liaison, issueId, 'proposeClaim', {
    leadLeader: '牵头领导丙',
    department: '办公室',
    person: '责任人乙',
  });
  await act(staff.secretary, issueId, 'signClaim', {});
}

/** Measure, progress and evidence, so that a close-out can be prepared. */
export async function rectify(staff: Staff, issueId: string, due: string, dated: string): Promise<void> {
  const measure = {
    text: '修订议事规则，按月检查执行情况',
    leadLeader: '牵头领导丙',
    department: '办公室',
    person: '责任人乙',
    due,
  };
  await act(staff.owner, issueId, 'addMeasure', measure);
  await act(staff.owner, issueId, 'reportProgress', { text: '已修订议事规则1项，开展检查2次，补齐记录12份。' });
  const bytes = new TextEncoder().encode(`会议记录（示范材料）\n问题编号：${issueId}\n`);
  const file = { name: `会议记录-${issueId}.txt`, bytes };
  await staff.owner.upload(paths.issueAction(issueId, 'attachEvidence'), file, { dated, explanation: '' });
}

/** The signatures of the unit's side in their order; with the last one the close-out is requested. */
export async function requestCloseOut(cast: Cast, line: LedgerLine): Promise<void> {
  const staff = cast.staff.get(line.unitId) as Staff;
  const words = {
    result: '问题已整改，制度已施行3个月。',
    causeRemoved: '责任已落实到人。',
    generalisation: '已对同类事项全面自查。',
  };
  await act(staff.owner, line.issueId, 'prepareCloseOut', words);
  await act(staff.leader, line.issueId, 'signCloseOut', {});
  await act(staff.secretary, line.issueId, 'signCloseOut', {});
  if (line.kind === 'sectoral') await act(cast.department, line.issueId, 'signCloseOut', {});
}

/** Waits until the request has arrived at the competent agency, verified, and decides it there. */
export async function verify(
  cast: Cast,
  line: LedgerLine,
  action: 'accept' | 'acceptAsSubstantiallyDone' | 'return',
  more: object = {},
): Promise<void> {
  const officer = line.special === 'selection' ? cast.organization : cast.commission;
  await until(`close-out of ${line.number} reaches its verifier`, async () => {
    const queue = await officer.get<VerificationQueue>(paths.verifications);
    const waiting = queue.waiting.find((each) => each.line.issueId === line.issueId);
    return waiting?.actions.some((each) => each.action === action && each.open) ? true : undefined;
  });
  await officer.send(paths.verificationAction(line.issueId, action), { method: 'document', note: '', ...more });
}

/** The verdict has come back to the inspection office's ledger. */
export function settled(cast: Cast, issueId: string, status: LedgerLine['status'], returns = 0): Promise<IssuePage> {
  return until(`${issueId} becomes ${status}`, async () => {
    const page = await cast.office.get<IssuePage>(paths.issue(issueId));
    return page.line.status === status && page.line.returns >= returns ? page : undefined;
  });
}

/** All three hold the same joint read models of the same log sizes (contexts.md I7). */
export async function agreed(
  cast: Pick<Cast, 'commission' | 'organization' | 'office'>,
  seconds = 10,
): Promise<Agreement> {
  const readers = [cast.commission, cast.organization, cast.office];
  return until(
    'the three agencies agree',
    async () => {
      const all = await Promise.all(readers.map((reader) => reader.get<Agreement>(paths.agreement).catch(notYet)));
      if (!all.every((each) => each !== undefined)) return undefined;
      const spoken = all.map((each) =>
        JSON.stringify([Object.entries(each.sizes).sort(), Object.entries(each.views).sort()]),
      );
      return spoken.every((each) => each === spoken[0]) ? all[0] : undefined;
    },
    seconds,
  );
}

/** A service that is starting, or whose read models are just moving, answers 503: asked again, not a fault. */
function notYet(error: unknown): undefined {
  const down = error instanceof TypeError || (error instanceof Answered && error.status === 503);
  if (!down) throw error;
}

export async function act(client: Client, issueId: string, action: IssueAction, body: object): Promise<void> {
  await client.send(paths.issueAction(issueId, action), body);
}

async function unitNames(paper: PaperFile): Promise<string[]> {
  const found = outline((await readPaper(paper.name, paper.bytes)).text);
  const ofLeaves = [...new Set(found.leaves.map((leaf) => leaf.unit).filter((unit) => unit !== undefined))];
  if (ofLeaves.length > 0) return ofLeaves;
  return [found.units[0] ?? '示范单位党组'];
}

/** Lines without a unit belong to the only one; one line at least is a selection issue, so that both verifiers act. */
function assigned(lines: readonly OutlineLine[], units: readonly Unit[]): OutlineLine[] {
  const only = units[0]?.unitId ?? '';
  const chosen = lines.some((line) => line.special === 'selection') ? -1 : lines.length - 1;
  return lines.map((line, n) => ({
    ...line,
    unitId: line.unitId || only,
    special: n === chosen && lines.length > 1 ? 'selection' : line.special,
  }));
}

async function signInAll(
  region: Region,
  people: readonly Person[],
  units: readonly Unit[],
  office: Client,
): Promise<Cast> {
  const clients = new Map<Person, Client>();
  await Promise.all(
    people.map(async (each) => {
      clients.set(each, each.role === 'inspectionOffice' ? office : await signInAs(region, each));
    }),
  );
  const find = (role: Person['role'], unitId?: string): Client =>
    clients.get(people.find((each) => each.role === role && each.unitId === unitId) as Person) as Client;
  const staff = units.map(({ unitId }): [string, Staff] => [
    unitId,
    {
      liaison: find('orgLiaison', unitId),
      owner: find('taskOwner', unitId),
      leader: find('orgLeader', unitId),
      secretary: find('orgSecretary', unitId),
    },
  ]);
  return {
    people,
    office,
    commission: find('supervisionOffice'),
    organization: find('orgDeptSupervision'),
    department: find('competentDepartment'),
    staff: new Map(staff),
  };
}
