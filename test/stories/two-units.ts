// Two inspected organisations side by side, each with its own people and with issues in every state. Every word that
// belongs to the second one carries a canary, so that one search over an answer shows whether any of it got out.
import { paths } from '#contracts/api';
import type { FeedbackPage, LedgerLine } from '#contracts/answers';
import { roles } from '#contracts/roles';
import { Client } from '../../apps/region/src/client';
import { admit, randomPassword } from '../../apps/region/src/people';
import type { Person } from '../../apps/region/src/people';
import type { Region } from '../../apps/region/src/region';
import { act, ledger, until, verify } from '../../apps/region/src/scenario';
import type { Cast } from '../../apps/region/src/scenario';
import { entered } from './visitor';
import type { Visitor } from './visitor';
import { feedbackDate, feedbackOf } from './world';

export const canary = '金丝雀';

type UnitSide = 'orgLiaison' | 'taskOwner' | 'orgLeader' | 'orgSecretary' | 'competentDepartment';
export type Unit = {
  readonly unitId: string;
  readonly unitName: string;
  /** Begins every word of this unit. */
  readonly mark: string;
  readonly at: Readonly<Record<UnitSide, Client>>;
  /** Closed out, waiting, returned, waiting for the department's signature, waiting at the organization department. */
  readonly lines: readonly LedgerLine[];
  readonly sha256: readonly string[];
};
export type TwoUnits = {
  readonly own: Unit;
  readonly other: Unit;
  readonly people: readonly Person[];
  readonly office: Client;
  readonly commission: Client;
  readonly organization: Client;
  readonly roundId: string;
  readonly feedbackId: string;
  visitor(login: string): Visitor;
};

const sides: readonly UnitSide[] = ['orgLiaison', 'taskOwner', 'orgLeader', 'orgSecretary', 'competentDepartment'];
const marks = ['水利', canary];
const titles = ['学习部署不够及时', '项目监管不够有力', '落实责任不够到位', '行业监管存在漏洞', '选人用人不够规范'];

export async function twoUnits(region: Region): Promise<TwoUnits> {
  const office = person('office', '巡视办经办人', 'inspectionOffice');
  await admit(region, [office]);
  const desk = await Client.signedIn(region.urls.inspection, office.login, office.password);
  const round = { name: '示范轮次', term: '第十四届', year: 2026, tier: 'county', ruleSetId: 'three-months' };
  const roundId = (await desk.send(paths.rounds, round)).id;
  const units: { unitId: string; unitName: string; mark: string }[] = [];
  for (const mark of marks) {
    const unitName = `示范县${mark}局党组`;
    units.push({ unitId: (await desk.send(paths.organisations(roundId), { unitName })).id, unitName, mark });
  }
  const people = [office, ...agencyPeople(units[0]?.unitId ?? ''), ...units.flatMap(unitPeople)];
  await admit(region, people.slice(1));
  const clients = new Map<string, Client>();
  const visitors = new Map<string, Visitor>();
  for (const who of people) {
    clients.set(who.login, await Client.signedIn(region.urls[who.agency], who.login, who.password));
    visitors.set(who.login, await entered(region.urls[who.agency], who));
  }
  const client = (login: string): Client => clients.get(login) as Client;
  const feedbackId = await frozen(desk, roundId, units);
  const all = await until('the ledger holds every issue', async () => {
    const lines = await ledger(desk);
    return lines.length === titles.length * units.length ? lines : undefined;
  });
  const bare = units.map(({ unitId, unitName, mark }, n) => ({
    ...{ unitId, unitName, mark },
    at: Object.fromEntries(sides.map((side) => [side, client(`${side.toLowerCase()}-${n + 1}`)])) as Unit['at'],
    lines: titles.map((title) => all.find((each) => each.title === `${mark}${title}`) as LedgerLine),
  }));
  const offices = { office: client('office'), commission: client('supervision'), organization: client('personnel') };
  const worked = await Promise.all(bare.map((unit) => workedOn(unit, offices)));
  const [own, other] = worked as [Unit, Unit];
  const visitor = (login: string): Visitor => visitors.get(login) as Visitor;
  return { own, other, people, ...offices, roundId, feedbackId, visitor };
}

function agencyPeople(unitId: string): Person[] {
  return [
    person('supervision', '监督检查室经办人', 'supervisionOffice'),
    person('stationed', '派驻组经办人', 'stationedGroup', { units: [unitId] }),
    person('personnel', '干部监督处经办人', 'orgDeptSupervision'),
  ];
}

function unitPeople({ unitId, unitName, mark }: { unitId: string; unitName: string; mark: string }, n: number) {
  return sides.map((side) => {
    const standing = side === 'competentDepartment' ? { units: [unitId] } : { unitId, unitName };
    return person(`${side.toLowerCase()}-${n + 1}`, `${mark}${roles[side].label}`, side, standing);
  });
}

function person(login: string, name: string, role: Person['role'], more: Partial<Person> = {}): Person {
  return { login, name, role, agency: roles[role].agency, ...more, password: randomPassword() };
}

/** One feedback for both; the fourth issue of each is sectoral, the fifth a selection issue. */
async function frozen(
  desk: Client,
  roundId: string,
  units: readonly { readonly unitId: string; readonly unitName: string; readonly mark: string }[],
): Promise<string> {
  const places = titles.map((_, n) => `占位${n + 1}`);
  const paper = feedbackOf(
    units.map(({ unitName }) => unitName),
    places,
  );
  const feedbackId = (await desk.upload(paths.feedbacks, paper, { roundId, feedbackDate })).id;
  const page = await desk.get<FeedbackPage>(paths.feedback(feedbackId));
  const [pattern] = page.lines;
  const lines = units.flatMap(({ unitId, mark }, unit) =>
    titles.map((title, n) => ({
      ...pattern,
      ...{ key: `l${unit}-${n}`, number: `${n + 1}`, title: `${mark}${title}`, text: `${mark}具体表现。`, group: mark },
      ...{ unitId, kind: n === 3 ? 'sectoral' : 'single', special: n === 4 ? 'selection' : 'none' },
      competentDepartment: n === 3 ? `${mark}主管部门` : '',
    })),
  );
  await desk.send(paths.outline(feedbackId), { lines });
  await desk.send(paths.freeze(feedbackId), { difference: '示范' });
  return feedbackId;
}

type Offices = Pick<TwoUnits, 'office' | 'commission' | 'organization'>;

async function workedOn(unit: Omit<Unit, 'sha256'>, offices: Offices): Promise<Unit> {
  for (const line of unit.lines) await asked(unit, line);
  const cast = offices as unknown as Cast;
  const [closed, , returned] = unit.lines as [LedgerLine, LedgerLine, LedgerLine];
  await verify(cast, closed, 'accept', { note: `${unit.mark}核查意见` });
  await verify(cast, returned, 'return', { reasonCode: 'other', reason: `${unit.mark}退回理由` });
  const lines = await until(`${unit.unitName} stands as told`, async () => {
    const now = (await ledger(offices.office)).filter((each) => each.unitId === unit.unitId);
    const found = unit.lines.map(({ issueId }) => now.find((each) => each.issueId === issueId) as LedgerLine);
    return found[0]?.status === 'closedOut' && found[2]?.returns === 1 ? found : undefined;
  });
  const pages = await Promise.all(
    lines.map(({ issueId }) => offices.office.get<{ evidence: { sha256: string }[] }>(paths.issue(issueId))),
  );
  return { ...unit, lines, sha256: pages.map(({ evidence }) => evidence[0]?.sha256 ?? '') };
}

/** From claim to the signatures of the unit; the department of a sectoral issue does not sign yet. */
async function asked({ at, mark }: Omit<Unit, 'sha256'>, { issueId, due }: LedgerLine): Promise<void> {
  const words = { leadLeader: `${mark}丙`, department: `${mark}办公室`, person: `${mark}乙` };
  await act(at.orgLiaison, issueId, 'proposeClaim', words);
  await act(at.orgSecretary, issueId, 'signClaim', {});
  await act(at.taskOwner, issueId, 'addMeasure', { ...words, text: `${mark}措施`, due });
  await act(at.taskOwner, issueId, 'reportProgress', { text: `${mark}进展` });
  const file = { name: `${mark}记录.txt`, bytes: new TextEncoder().encode(`${mark}材料 ${issueId}`) };
  const dated = { dated: feedbackDate, explanation: `${mark}说明` };
  await at.taskOwner.upload(paths.issueAction(issueId, 'attachEvidence'), file, dated);
  const statement = { result: `${mark}结果`, causeRemoved: `${mark}原因`, generalisation: `${mark}举一反三` };
  await act(at.taskOwner, issueId, 'prepareCloseOut', statement);
  await act(at.orgLeader, issueId, 'signCloseOut', {});
  await act(at.orgSecretary, issueId, 'signCloseOut', {});
}
