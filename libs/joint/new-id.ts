// Ids of new records are derived from the command that creates them: sent twice, a command names the same record, and
// no rule book or controller needs randomness.

/** `prefix` and the last 12 hex digits of the command id, which are random in every kind of UUID that clients make. */
export function newId(prefix: string, commandId: string): string {
  return `${prefix}${commandId.replaceAll('-', '').slice(-12)}`;
}
