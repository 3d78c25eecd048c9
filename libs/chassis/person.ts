// Who is at the console: an actor of the log, and what only the service itself needs to know about the account.
import type { Actor } from '#kernel/envelope';

export type Person = Actor & {
  readonly login: string;
  /** Units whose matters the account may see and act on; `all` for the offices that oversee the whole region. */
  readonly sees: 'all' | readonly string[];
  readonly unitName?: string;
  /** SHA-256 (hex) of the session's token: names the session, opens nothing. */
  readonly session: string;
};

/** What may enter the log of a person: neither login nor session. */
export function actorOf(who: Person | Actor): Actor {
  const { agency, id, name, role, unit } = who;
  return { agency, id, name, role, ...(unit !== undefined && { unit }) };
}

/** The service itself sees all; an actor of unknown standing sees nothing. */
export function seesUnit(who: Person | Actor, unit: string | undefined): boolean {
  if (who.role === 'system') return true;
  if (!('sees' in who)) return false;
  return who.sees === 'all' || (unit !== undefined && who.sees.includes(unit));
}
