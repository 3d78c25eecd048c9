// A body that was destroyed here still stands in the log, and the sealing key to which it was sealed would open it. So that
// key is given up: another is announced, and once no peer can still seal to the old one it is destroyed, without anybody
// having to remember. What else was sealed to it was taken over before (libs/chassis/subjects) and opens as ever.
import { setTimeout as pause } from 'node:timers/promises';
import type { Agency } from '#kernel/envelope';
import { StreamNotFound } from '#store/event-store';
import type { EventStore } from '#store/event-store';
import type { Sql } from '../database';
import { sealingKey } from './sealing-key';
import type { SealingKeys } from './sealing-keys';

export type TendParts = {
  readonly agency: Agency;
  readonly origin: string;
  readonly peers: readonly { readonly agency: Agency; readonly origin: string }[];
  readonly sql: Sql;
  readonly store: Pick<EventStore, 'readStream'>;
  readonly keys: Pick<SealingKeys, 'newest' | 'ids' | 'turn' | 'destroy'>;
  /** RFC 3339 UTC. */
  readonly clock: () => string;
  /** Announces the newest key, unless the log says it already. */
  readonly announce: () => Promise<void>;
};

/** No command is under way as long as this: what a peer appends later was sealed after what it had seen before. */
const underWayMs = 3_600_000;
const everyMs = 600_000;

/** One look: turns, announces, destroys what can be. @throws Refused `sealing.oldKey` */
export async function tend(parts: TendParts): Promise<void> {
  const { sql, keys, announce } = parts;
  const burdened = await burdenedKeys(sql);
  if (burdened.includes(keys.newest.id)) await keys.turn();
  await announce();
  for (const id of keys.ids().slice(0, -1)) {
    if (burdened.includes(id) && (await isLeft(parts, id)) && (await isTakenOver(parts, id))) await keys.destroy(id);
  }
}

/** Looks now, and then now and again. @param onFault told of a look that failed later */
export async function startTending(
  parts: TendParts,
  onFault: (what: string, error: unknown) => void,
): Promise<{ readonly name: string; stop(): Promise<void> }> {
  await tend(parts);
  const abort = new AbortController();
  const { signal } = abort;
  const loop = (async () => {
    for (;;) {
      await pause(everyMs, undefined, { signal, ref: false }).catch(() => undefined);
      if (signal.aborted) return;
      await tend(parts).catch((error: unknown) => onFault('sealing keys', error));
    }
  })();
  return {
    name: 'sealing keys',
    async stop() {
      abort.abort();
      await loop;
    },
  };
}

/** Keys to which something was sealed that is destroyed. */
async function burdenedKeys(sql: Sql): Promise<string[]> {
  const rows: { id: string }[] = await sql.query(
    `select distinct sealing_key as id from subjects.body join subjects.key using (subject)
     where destroyed_at is not null`,
  );
  return rows.map(({ id }) => id);
}

/** Whether every peer has long known a later key. */
async function isLeft({ agency, origin, peers, sql, store, clock }: TendParts, id: string): Promise<boolean> {
  const announced = await successorOf(store, agency, id);
  const [entry]: { index: string }[] = await sql.query('select index from log.entry where id = $1', [announced]);
  if (!entry) return false;
  const before = new Date(new Date(clock()).getTime() - underWayMs).toISOString();
  for (const peer of peers) {
    const [row]: { seen: string | null }[] = await sql.query(
      `select convert_from(bytes, 'UTF8')::json #>> array['seen', $2::text] as seen from inbox.entry
       where origin = $1 and convert_from(bytes, 'UTF8')::json ->> 'at' <= $3 order by index desc limit 1`,
      [peer.origin, origin, before],
    );
    // What was seen is a size: beyond the index of the announcement.
    if (BigInt(row?.seen ?? 0) <= BigInt(entry.index)) return false;
  }
  return true;
}

/** Id of the announcement that followed a key's own. */
async function successorOf(
  store: Pick<EventStore, 'readStream'>,
  agency: Agency,
  id: string,
): Promise<string | undefined> {
  let found = false;
  try {
    for await (const event of store.readStream(`${sealingKey.name}-${agency}`)) {
      if (found) return event.id;
      found = event.data['key'] === id;
    }
  } catch (error) {
    if (!(error instanceof StreamNotFound)) throw error;
  }
  return undefined;
}

/** Whether nothing in the inbox needs the key any more. What was set aside there still does. */
async function isTakenOver({ agency, peers, sql }: TendParts, id: string): Promise<boolean> {
  const waiting: unknown[] = await sql.query(
    `select 1 from inbox.entry e
     where origin = any($1) and type = any($2)
       and convert_from(bytes, 'UTF8')::json #>> array['sealed', 'to', $3::text, 'key'] = $4
       and not exists (select 1 from subjects.body b where b.origin = e.origin and b.id = e.id)
     limit 1`,
    [peers.map(({ origin }) => origin), peers.map((peer) => `${peer.agency}.sealed.v1`), agency, id],
  );
  return waiting.length === 0;
}
