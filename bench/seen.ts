// Looks every few milliseconds which of the awaited events a read model holds.
import { setTimeout as pause } from 'node:timers/promises';
import type { Pool } from 'pg';

// What does not come within this time after the last one that came is lost.
const patienceMs = 15_000;

/** @param sent ids and when; @returns when each was seen, on the same clock */
export async function seenOf(
  pool: Pool,
  text: string,
  sent: ReadonlyMap<string, number>,
  count: number,
): Promise<Map<string, number>> {
  const seen = new Map<string, number>();
  let moved = performance.now();
  while (seen.size < count && performance.now() - moved < patienceMs) {
    const awaited = [...sent.keys()].filter((id) => !seen.has(id));
    if (awaited.length > 0) {
      const { rows } = await pool.query<{ id: string }>(text, [awaited]);
      const at = performance.now();
      for (const row of rows) seen.set(row.id, at);
      if (rows.length > 0) moved = at;
    }
    await pause(4);
  }
  return seen;
}
