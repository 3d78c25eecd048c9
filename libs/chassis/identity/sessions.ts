// Who is signed in. The browser holds 256 random bits; the database holds only their hash, so that a stolen copy of it
// opens nothing. A session ends by idling, by age, by signing out, and when its account is disabled.
import { createHash } from 'node:crypto';
import type { Agency } from '#kernel/envelope';
import { roles } from '#contracts/roles';
import type { Clock } from '../clock';
import { rfc3339 } from '../clock';
import type { Sql } from '../database';
import { newToken } from '../ids';
import type { Person } from '../person';
import { accountOf } from './accounts';
import type { Account, AccountRow } from './accounts';

const cookiePrefix = '__Host-sanfang-';

export type SessionLimits = { readonly idleMinutes: number; readonly absoluteHours: number };
export type Origin = { readonly address: string; readonly agent: string };

/** An end decided by another process (the command line) is noticed within this time. */
const rememberMs = 2_000;
/** Being seen is written down at most this often. */
const noteMs = 60_000;
const maxRemembered = 5_000;

type Known = { readonly person: Person; readonly until: number; readonly checked: number; noted: number };
type SessionRow = AccountRow & { readonly created_at: Date; readonly last_seen: Date; readonly expires: Date };

export class Sessions {
  private readonly known = new Map<string, Known>();
  private readonly enders = new Set<(session: string) => void>();

  constructor(
    private readonly sql: Sql,
    private readonly agency: Agency,
    private readonly limits: SessionLimits,
    private readonly clock: Clock,
  ) {}

  /** Cookies ignore ports, and three consoles may share a host: each agency's cookie has its own name. */
  get cookie(): string {
    return `${cookiePrefix}${this.agency}`;
  }

  /** A new token at every sign-in, whatever the browser had before. */
  async begin(account: Account, { address, agent }: Origin): Promise<{ token: string; person: Person }> {
    const token = newToken(32);
    const hash = hashOf(token);
    const now = this.clock.milliseconds();
    await this.sql.query('delete from identity.session where expires <= $1', [rfc3339(now)]);
    await this.sql.query(
      `insert into identity.session (id_hash, account_id, created_at, last_seen, expires, address, agent)
       values ($1, $2, $3, $3, $4, $5, $6)`,
      [hash, account.id, rfc3339(now), rfc3339(now + this.absoluteMs), address.slice(0, 64), agent.slice(0, 200)],
    );
    return { token, person: this.personOf(account, hash) };
  }

  /** @returns undefined when the token opens nothing (any more) */
  async find(token: string): Promise<Person | undefined> {
    if (!/^[A-Za-z0-9_-]{43}$/.test(token)) return undefined;
    const hash = hashOf(token);
    const now = this.clock.milliseconds();
    let known = this.known.get(hash);
    if (!known || now - known.checked >= rememberMs || now >= known.until) {
      known = await this.look(hash, now);
      if (!known) return undefined;
    }
    if (now - known.noted >= noteMs) {
      known.noted = now;
      await this.sql.query('update identity.session set last_seen = $2 where id_hash = $1', [hash, rfc3339(now)]);
    }
    return known.person;
  }

  async end(session: string): Promise<void> {
    await this.sql.query('delete from identity.session where id_hash = $1', [session]);
    this.forget(session);
  }

  /** Is the session still alive? Asked by what stays open after its request, and does not count as use. */
  async alive(session: string): Promise<boolean> {
    return (await this.look(session, this.clock.milliseconds())) !== undefined;
  }

  /** Told at once when a session ends in this process. @returns how to stop listening */
  onEnd(told: (session: string) => void): () => void {
    this.enders.add(told);
    return () => this.enders.delete(told);
  }

  private get absoluteMs(): number {
    return this.limits.absoluteHours * 3_600_000;
  }

  private async look(hash: string, now: number): Promise<Known | undefined> {
    const rows: SessionRow[] = await this.sql.query(
      `select a.*, s.created_at, s.last_seen, s.expires from identity.session s
       join identity.account a on a.id = s.account_id where s.id_hash = $1`,
      [hash],
    );
    const row = rows[0];
    if (!row || row.disabled) return this.forget(hash);
    const until = Math.min(row.last_seen.getTime() + this.limits.idleMinutes * 60_000, row.expires.getTime());
    if (now >= until) {
      await this.end(hash);
      return undefined;
    }
    const known = { person: this.personOf(accountOf(row), hash), until, checked: now, noted: row.last_seen.getTime() };
    // Old entries go first; the map keeps the order of insertion.
    if (this.known.size >= maxRemembered) this.known.delete([...this.known.keys()][0]!);
    this.known.delete(hash);
    this.known.set(hash, known);
    return known;
  }

  private forget(session: string): undefined {
    this.known.delete(session);
    for (const told of this.enders) told(session);
  }

  private personOf(account: Account, session: string): Person {
    const { id, login, name, role, unitId, unitName, units } = account;
    const own = [...new Set([...(unitId === undefined ? [] : [unitId]), ...units])];
    return {
      agency: this.agency,
      id,
      name,
      role,
      ...(unitId !== undefined && { unit: unitId }),
      login,
      sees: roles[role].sees === 'all' ? 'all' : own,
      ...(unitName !== undefined && { unitName }),
      session,
    };
  }
}

/** Whether a browser sent it in which somebody is signed in, at whichever agency; says nothing about the token. */
export function bearsSession({ headers }: { readonly headers: { readonly cookie?: string | undefined } }): boolean {
  return (headers.cookie ?? '').split(';').some((each) => each.trim().startsWith(cookiePrefix));
}

function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}
