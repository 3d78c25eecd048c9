// Who may sign in at this agency. Accounts are made by the agency's own administrator at the command line, or with the
// demonstration round on an empty data folder; there is no default account and no default password (ASVS 6.3.2).
import type { Agency } from '#kernel/envelope';
import { roles } from '#contracts/roles';
import type { Role } from '#contracts/roles';
import type { Sql } from '../database';
import { newId } from '../ids';
import { hashPassword, randomPassword } from './password';

export type NewAccount = {
  readonly login: string;
  readonly name: string;
  readonly role: Role;
  /** The inspected organisation the account belongs to; demanded of roles that see only their own unit. */
  readonly unitId?: string;
  readonly unitName?: string;
  /** Further units the account answers for, e.g. those a stationed group is stationed with. */
  readonly units?: readonly string[];
};
export type CreatedAccount = NewAccount & { readonly id: string; readonly password: string };

export type Account = {
  readonly id: string;
  readonly login: string;
  readonly name: string;
  readonly role: Role;
  readonly unitId: string | undefined;
  readonly unitName: string | undefined;
  readonly units: readonly string[];
  readonly passwordHash: string;
  readonly disabled: boolean;
};

export type AccountRow = {
  readonly id: string;
  readonly login: string;
  readonly name: string;
  readonly role: string;
  readonly unit_id: string | null;
  readonly unit_name: string | null;
  readonly units: string[];
  readonly password_hash: string;
  readonly disabled: boolean;
};

/** Logins are compared as typed on any keyboard: NFKC, lower case, no surrounding space. */
export function loginForm(login: string): string {
  return login.normalize('NFKC').trim().toLowerCase();
}

/**
 * @param password absent = a random one, shown to the caller this once; only its hash is kept
 * @throws Error with remedy for a role of another agency, a missing unit, a taken or unusable login
 */
export async function createAccount(
  sql: Sql,
  agency: Agency,
  account: NewAccount,
  at: string,
  password: string = randomPassword(),
): Promise<CreatedAccount> {
  demandFit(agency, account);
  const id = newId();
  const rows: unknown[] = await sql.query(
    `insert into identity.account (id, login, name, role, unit_id, unit_name, units, password_hash, created_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict (login) do nothing returning id`,
    [
      id,
      loginForm(account.login),
      account.name,
      account.role,
      account.unitId ?? null,
      account.unitName ?? null,
      account.units ?? [],
      await hashPassword(password),
      at,
    ],
  );
  if (rows.length === 0) throw new Error(`login ${account.login} is taken; choose another or reset its password`);
  return { ...account, login: loginForm(account.login), id, password };
}

export async function accountByLogin(sql: Sql, login: string): Promise<Account | undefined> {
  const rows: AccountRow[] = await sql.query('select * from identity.account where login = $1', [loginForm(login)]);
  return rows[0] && accountOf(rows[0]);
}

/** Ends the account's sessions in the same step. @throws Error when there is no such login */
export async function disableAccount(sql: Sql, login: string): Promise<void> {
  const rows: unknown[] = await sql.query(
    `with gone as (update identity.account set disabled = true where login = $1 returning id),
          ended as (delete from identity.session where account_id in (select id from gone))
     select id from gone`,
    [loginForm(login)],
  );
  demandFound(rows, login);
}

/** A new random password; open sessions end and a lock is lifted. @throws Error when there is no such login */
export async function resetPassword(sql: Sql, login: string): Promise<string> {
  const password = randomPassword();
  const rows: unknown[] = await sql.query(
    `with changed as (update identity.account set password_hash = $2, disabled = false where login = $1 returning id),
          ended as (delete from identity.session where account_id in (select id from changed)),
          freed as (delete from identity.attempt where login = $1)
     select id from changed`,
    [loginForm(login), await hashPassword(password)],
  );
  demandFound(rows, login);
  return password;
}

export async function listAccounts(sql: Sql): Promise<Account[]> {
  const rows: AccountRow[] = await sql.query('select * from identity.account order by login');
  return rows.map(accountOf);
}

export function accountOf(row: AccountRow): Account {
  // A role that this version does not know may do nothing at all, rather than something by accident.
  if (!Object.hasOwn(roles, row.role)) {
    throw new Error(`account ${row.login} has the unknown role ${row.role}; disable it or upgrade`);
  }
  return {
    id: row.id,
    login: row.login,
    name: row.name,
    role: row.role as Role,
    unitId: row.unit_id ?? undefined,
    unitName: row.unit_name ?? undefined,
    units: row.units,
    passwordHash: row.password_hash,
    disabled: row.disabled,
  };
}

function demandFit(agency: Agency, { login, name, role, unitId, units }: NewAccount): void {
  if (!Object.hasOwn(roles, role)) throw new Error(`no role ${role}; there are ${Object.keys(roles).join(', ')}`);
  if (roles[role].agency !== agency) throw new Error(`role ${role} belongs to the ${roles[role].agency}`);
  if (roles[role].sees === 'own' && unitId === undefined && !units?.length) {
    throw new Error(`role ${role} sees only its own unit: name the unit`);
  }
  if (!/^[\p{L}\p{N}._-]{2,60}$/u.test(loginForm(login))) {
    throw new Error(`login "${login}" must be 2 to 60 letters, digits, dots or hyphens`);
  }
  if (name.trim() === '' || name.length > 60) throw new Error('name must be 1 to 60 characters');
}

function demandFound(rows: readonly unknown[], login: string): void {
  if (rows.length === 0) throw new Error(`no account has the login ${login}; list them with "list"`);
}
