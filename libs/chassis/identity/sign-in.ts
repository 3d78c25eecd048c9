// Letting people in, and keeping guessers out: five tries an account, then a growing lock; fifty failures an address.
// A login that does not exist behaves in every way like one that does.
import { Refused } from '#kernel/decider';
import { Buckets } from '../bucket';
import type { Clock } from '../clock';
import { rfc3339 } from '../clock';
import type { Sql } from '../database';
import type { Person } from '../person';
import { accountByLogin, loginForm } from './accounts';
import { passwordMatches, passwordOfNobody } from './password';
import type { Origin, Sessions } from './sessions';

const triesBeforeLock = 5;
const firstLockMinutes = 15;
const longestLockMinutes = 24 * 60;
const failuresPerAddress = 50;
const addressWindowMs = 15 * 60_000;

export class SignIn {
  private readonly addresses: Buckets;

  constructor(
    private readonly sql: Sql,
    private readonly sessions: Sessions,
    private readonly clock: Clock,
    /** Told of each attempt: `entered`, or the code it was refused with. Never of a password. */
    private readonly told: (outcome: string, login: string, address: string) => void = () => undefined,
  ) {
    this.addresses = new Buckets(failuresPerAddress, addressWindowMs, () => clock.milliseconds());
  }

  /** @throws Refused `session.wrong`, `session.locked`, `service.tooMany` */
  async enter(login: string, password: string, origin: Origin): Promise<{ token: string; person: Person }> {
    try {
      const entered = await this.admit(login, password, origin);
      this.told('entered', entered.person.login, origin.address);
      return entered;
    } catch (error) {
      this.told(error instanceof Refused ? error.code : 'service.fault', loginForm(login), origin.address);
      throw error;
    }
  }

  private async admit(login: string, password: string, origin: Origin): Promise<{ token: string; person: Person }> {
    const seconds = this.addresses.wait(origin.address);
    if (seconds > 0) throw new Refused('service.tooMany', { seconds });
    await this.countTry(loginForm(login));
    const account = await accountByLogin(this.sql, login);
    const open = account && !account.disabled;
    const right = open ? await passwordMatches(account.passwordHash, password) : await passwordOfNobody(password);
    if (!open || !right) {
      this.addresses.take(origin.address);
      throw new Refused('session.wrong');
    }
    await this.sql.query('delete from identity.attempt where login = $1', [loginForm(login)]);
    return this.sessions.begin(account, origin);
  }

  /**
   * Counts before checking: a hundred tries sent side by side are a hundred tries. Every fifth one locks from the start
   * (15 minutes, doubling up to a day) and a right password lifts it.
   */
  private async countTry(login: string): Promise<void> {
    const now = this.clock.milliseconds();
    const forgotten = rfc3339(now - 7 * 24 * 3_600_000);
    await this.sql.query('delete from identity.attempt where last_at < $1', [forgotten]);
    const counted: unknown[] = await this.sql.query(
      `insert into identity.attempt as a (login, failed, last_at) values ($1, 1, $2)
       on conflict (login) do update set failed = a.failed + 1, last_at = $2,
         locked_until = case when (a.failed + 1) % $3 = 0
           then $2::timestamptz + least($4 * 2 ^ ((a.failed + 1) / $3 - 1), $5) * interval '1 minute' end
       where a.locked_until is null or a.locked_until <= $2
       returning failed`,
      [login, rfc3339(now), triesBeforeLock, firstLockMinutes, longestLockMinutes],
    );
    if (counted.length > 0) return;
    const rows: { locked_until: Date | null }[] = await this.sql.query(
      'select locked_until from identity.attempt where login = $1',
      [login],
    );
    const left = (rows[0]?.locked_until?.getTime() ?? now) - now;
    throw new Refused('session.locked', { minutes: Math.max(1, Math.ceil(left / 60_000)) });
  }
}
