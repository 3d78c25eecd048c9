// The writer's one connection. Holding the advisory lock is what makes a process the writer of a store; the lock lives
// and dies with the connection, so a writer that lost touch cannot write behind the back of the next one.
// It needs a direct connection: a pooler in transaction mode would hand the lock to strangers.
import { Client } from 'pg';
import { codeOf, messageOf, translated } from './faults';
import { migrate } from './schema';

export type Session = {
  readonly client: Client;
  /** Position of the last stored event, 0 when there is none. */
  end: bigint;
  /** Recorded time of the last stored event, '' when there is none. */
  at: string;
  lost: boolean;
};

export type SessionOptions = {
  readonly url: string;
  readonly applicationName: string;
  /** How long to wait for the writer before this one to let go. */
  readonly lockWaitMs: number;
  readonly durability: Durability;
};

/** `demanded` refuses a server that may forget what it acknowledged; `unchecked` is for test servers. */
export type Durability = 'demanded' | 'unchecked';

export type OnLost = (session: Session, error: Error) => void;

/** Another process writes to this store. */
export class StoreInUse extends Error {
  override readonly name = 'StoreInUse';
}

// "SANF" as a number, and the first lock of that family. Advisory locks are per database, as stores are.
const lockKey = [0x53414e46, 1] as const;
const connectMs = 10_000;
// An answer that takes longer is treated as lost: the connection is dropped, and the callers repeat with the same ids.
const answerMs = 15_000;
// A server must notice within half a minute that a writer's machine is gone, or its lock would outlive it for hours.
const keepAlive = `set tcp_keepalives_idle = 5; set tcp_keepalives_interval = 5; set tcp_keepalives_count = 4`;

/** @throws StoreInUse, Unavailable, Error with the remedy when the server is not fit to keep a history */
export async function openSession(options: SessionOptions, onLost: OnLost, giveUp: AbortSignal): Promise<Session> {
  const client = new Client({
    connectionString: options.url,
    application_name: options.applicationName,
    connectionTimeoutMillis: connectMs,
    query_timeout: answerMs,
    keepAlive: true,
  });
  let session: Session | undefined;
  // Without a listener a server that stops would take this process with it.
  client.on('error', (error) => {
    if (session !== undefined) onLost(session, error);
  });
  // Whoever closes the store while it waits for the lock must not have to wait with it.
  const stop = () => destroy(client);
  giveUp.addEventListener('abort', stop);
  try {
    await client.connect();
    await client.query(keepAlive);
    await demandFit(client, options.durability);
    await takeLock(client, options.lockWaitMs);
    await migrate(client);
    // Read after the lock is ours: the writer before us can no longer commit anything.
    const { rows } = await client.query('select position, at from store.events order by position desc limit 1');
    session = { client, end: BigInt(rows[0]?.position ?? 0), at: rows[0]?.at ?? '', lost: false };
    return session;
  } catch (error) {
    client.end().catch(() => undefined);
    throw translated(error);
  } finally {
    giveUp.removeEventListener('abort', stop);
  }
}

/** Drops the connection at once, also when the server does not answer any more. */
export function dropSession(session: Session): void {
  session.lost = true;
  // A polite goodbye could wait forever for a server that hangs. Whatever it answers is of no interest.
  session.client.end().catch(() => undefined);
  destroy(session.client);
}

function destroy(client: Client): void {
  const { connection } = client as unknown as { connection?: { stream?: { destroy(): void } } };
  connection?.stream?.destroy();
}

async function takeLock(client: Client, waitMs: number): Promise<void> {
  await client.query(`select set_config('lock_timeout', $1, false)`, [`${waitMs}ms`]);
  try {
    const lock = { text: 'select pg_advisory_lock($1, $2)', values: [...lockKey], query_timeout: waitMs + answerMs };
    await client.query(lock);
  } catch (error) {
    if (codeOf(error) !== '55P03') throw error;
    throw new StoreInUse(`${await holder(client)} writes to this event store already: stop it first`);
  }
  await client.query('set lock_timeout = 0');
}

async function holder(client: Client): Promise<string> {
  const { rows } = await client.query(
    `select a.pid, a.application_name from pg_locks l join pg_stat_activity a using (pid)
     where l.locktype = 'advisory' and l.granted and l.classid = $1 and l.objid = $2
       and l.database = (select oid from pg_database where datname = current_database())`,
    [...lockKey],
  );
  return rows.length === 0 ? 'another process' : `${rows[0].application_name} (server process ${rows[0].pid})`;
}

/** trust.md 3.3: an append is acknowledged only when it would survive a crash, so the server must not cheat on it. */
async function demandFit(client: Client, durability: Durability): Promise<void> {
  const { rows } = await client.query(
    `select current_setting('server_encoding') as encoding, current_setting('synchronous_commit') as synchronous,
       current_setting('fsync') as fsync, current_setting('full_page_writes') as pages,
       current_setting('data_sync_retry') as retry, current_setting('data_checksums') as checksums,
       pg_is_in_recovery() as standby`,
  );
  const found = rows[0];
  const faults: string[] = [];
  if (found.encoding !== 'UTF8') faults.push(`encoding ${found.encoding}: create the database with encoding UTF8`);
  if (found.standby) faults.push('it is a standby: give the address of the primary');
  if (durability === 'demanded') {
    if (found.fsync !== 'on') faults.push('fsync is off: set fsync = on');
    if (found.pages !== 'on') faults.push('full_page_writes is off: set full_page_writes = on');
    if (found.retry !== 'off') faults.push('data_sync_retry is on: set data_sync_retry = off');
    if (found.checksums !== 'on') faults.push('no data checksums: stop it and run pg_checksums --enable');
  }
  if (faults.length > 0) throw new Error(`this PostgreSQL cannot keep a history: ${faults.join('; ')}`);
  // Ours to set per session; stronger settings of an operator stay.
  if (!['on', 'remote_apply'].includes(found.synchronous)) await client.query('set synchronous_commit = on');
}

/** For messages to operators. */
export function describeLoss(error: unknown): string {
  return `the connection to PostgreSQL was lost (${messageOf(error)}); outcome unknown, repeat with the same ids`;
}
