// Accounts of a demonstration region: one person per role, random passwords that exist only in the caller's memory.
import { randomBytes } from 'node:crypto';
import type { Agency } from '#kernel/envelope';
import type { Role } from '#contracts/roles';
import { roles } from '#contracts/roles';
import { Client } from './client';
import type { NewAccount, Region } from './region';

export type Unit = { readonly unitId: string; readonly unitName: string };
export type Person = NewAccount & { readonly agency: Agency };

/** 24 characters of 32 letters and digits without look-alikes: 120 bits, easy to read aloud and type. */
export function randomPassword(): string {
  const alphabet = 'abcdefghjkmnpqrstuvwxyz23456789A';
  return [...randomBytes(24)].map((byte) => alphabet[byte % alphabet.length]).join('');
}

export function officers(units: readonly Unit[]): Person[] {
  const [first] = units;
  return [
    person('inspection-office', '巡视办经办人', 'inspectionOffice'),
    person('supervision-office', '监督检查室经办人', 'supervisionOffice'),
    person('case-office', '案件监督管理室经办人', 'caseOffice'),
    person('organization-supervision', '干部监督处经办人', 'orgDeptSupervision'),
    person('stationed-group', '派驻组经办人', 'stationedGroup', { units: first ? [first.unitId] : [] }),
    person('competent-department', '业务主管部门经办人', 'competentDepartment', {
      units: units.map((unit) => unit.unitId),
    }),
  ];
}

/** The four people of an inspected organisation who take part in a close-out. */
export function staffOf(unit: Unit, n: number): Person[] {
  const suffix = n === 0 ? '' : `-${n + 1}`;
  const own = { unitId: unit.unitId, unitName: unit.unitName };
  return [
    person(`liaison${suffix}`, '联络员甲', 'orgLiaison', own),
    person(`task-owner${suffix}`, '责任人乙', 'taskOwner', own),
    person(`leader${suffix}`, '牵头领导丙', 'orgLeader', own),
    person(`secretary${suffix}`, '党组织书记丁', 'orgSecretary', own),
  ];
}

export async function admit(region: Region, people: readonly Person[]): Promise<void> {
  await Promise.all([...groupByAgency(people)].map(([agency, accounts]) => region.createAccounts(agency, accounts)));
}

export function signInAs(region: Region, who: Person): Promise<Client> {
  return Client.signedIn(region.urls[who.agency], who.login, who.password);
}

function groupByAgency(people: readonly Person[]): Map<Agency, Person[]> {
  const groups = new Map<Agency, Person[]>();
  for (const each of people) groups.set(each.agency, [...(groups.get(each.agency) ?? []), each]);
  return groups;
}

function person(login: string, name: string, role: Role, more: Partial<NewAccount> = {}): Person {
  return { login, name, role, password: randomPassword(), agency: roles[role].agency, ...more };
}
