// One log, one relay. The lease is an advisory lock of PostgreSQL, and every statement of the relay runs on the very
// connection that holds it: whoever loses the connection loses lock and pen at once, so a process that was paused for
// minutes cannot wake up and write beside its successor (trust.md F10). The swaps on size are the second line.
import { setTimeout as pause } from 'node:timers/promises';
import type { DataSource } from 'typeorm';
import { Unavailable } from '#store/event-store';
import type { Sql } from './database';
import { RelayFault } from './relay-fault';

export interface Lease extends Sql {
  release(): Promise<void>;
}

const lock = `('x' || substr(md5('sanfang log ' || $1::text), 1, 16))::bit(64)::bigint`;
const triesEveryMs = 100;

/**
 * Takes the lease of a log; a predecessor that was just killed may hold it until PostgreSQL sees its connection end.
 * @throws RelayFault when another relay still holds it after `waitMs`
 */
export async function takeLease(
  database: Pick<DataSource, 'createQueryRunner'>,
  origin: string,
  signal: AbortSignal,
  waitMs: number,
  rest: (milliseconds: number) => Promise<unknown> = pause,
): Promise<Lease> {
  const runner = database.createQueryRunner();
  const query = async (sql: string, parameters?: unknown[]) => {
    if (runner.isReleased) throw new Unavailable('the relay lost its connection and with it the lease');
    return runner.query(sql, parameters as never);
  };
  try {
    await runner.connect();
    for (let waited = 0; ; waited += triesEveryMs) {
      const [row] = await query(`select pg_try_advisory_lock(${lock}) as held`, [origin]);
      if (row.held) break;
      if (signal.aborted || waited >= waitMs) {
        throw new RelayFault(origin, 'another relay holds its lease', 'Stop the other process; one log has one relay.');
      }
      await rest(triesEveryMs);
    }
  } catch (error) {
    await runner.release();
    throw error;
  }
  const release = async () => {
    if (runner.isReleased) return;
    // The connection goes back to the pool and must not take the lock with it. When it is broken the lock is gone.
    await query(`select pg_advisory_unlock(${lock})`, [origin]).catch(() => undefined);
    await runner.release();
  };
  return { query: query as Lease['query'], release };
}
