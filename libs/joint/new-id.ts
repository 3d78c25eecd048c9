// Ids of new records are derived from the command that creates them, or from what they are about: sent twice, a command
// names the same record, and no rule book or controller needs randomness.

/**
 * `prefix` and the last 12 hex digits of what the record is named after: the command id, whose end is random in every
 * kind of UUID that clients make, or a SHA-256 in hex.
 */
export function newId(prefix: string, from: string): string {
  return `${prefix}${from.replaceAll('-', '').slice(-12)}`;
}
