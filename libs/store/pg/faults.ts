// Which errors of PostgreSQL mean "out of reach, try again" and which mean that a person must act. The first become
// Unavailable; the others keep their own text, because retrying a wrong password or a missing table helps nobody.
import { Unavailable } from '../event-store';

const transientClasses = ['08', '53', '57', '58'];
// 25006: connected to a standby during a switch-over. XX000 is deliberately absent: corruption is not transient.
const transientCodes = ['25006'];
const transientErrno = ['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ENOENT', 'EHOSTUNREACH', 'ENETUNREACH'];
const transientText = /connection terminated|timeout|not queryable|connection error|connection ended|socket/i;

/** The error code of PostgreSQL (SQLSTATE) or of the socket, if the error carries one. */
export function codeOf(error: unknown): string | undefined {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : undefined;
}

export function outOfReach(error: unknown): boolean {
  if (error instanceof Unavailable) return true;
  const code = codeOf(error);
  if (code === undefined) return error instanceof Error && transientText.test(error.message);
  return transientErrno.includes(code) || transientCodes.includes(code) || isTransientState(code);
}

/** Unavailable for what may pass by itself; everything else as it is. */
export function translated(error: unknown): unknown {
  if (!outOfReach(error) || error instanceof Unavailable) return error;
  return new Unavailable(`PostgreSQL is out of reach: ${messageOf(error)}`, { cause: error });
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function isTransientState(code: string): boolean {
  return code.length === 5 && transientClasses.some((prefix) => code.startsWith(prefix));
}
