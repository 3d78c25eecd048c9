// Where an agency's history lives: in its PostgreSQL, or in an event store of its own. It must be found there at every
// start, because a service that begins an empty history beside its log would contradict what it has published.
import type { Agency } from '#kernel/envelope';
import type { NewEvent, ServedStore } from '#store/event-store';
import { StreamNotFound } from '#store/event-store';
import type { Sql } from './database';
import { migration } from './database';
import { eventIdOf } from './ids';

export type StoreHome = 'postgresql' | 'eventstore';

export const storeHomeMigrations = [
  migration(
    2026113001,
    'StoreHome',
    `create schema if not exists log;
     create table log.store_home (
       one boolean primary key default true check (one),
       home text not null
     );`,
  ),
];

/** First event of an event store outside PostgreSQL: whose it is. Not published, of no slice. */
export const ownerStream = 'storeOwner-1';
const ownedType = 'StoreOwned';

export class WrongHome extends Error {
  override readonly name = 'WrongHome';
}

/** Where the history was begun or moved to; undefined before the very first start. */
export async function knownHome(sql: Sql): Promise<StoreHome | undefined> {
  const [row] = await sql.query('select home from log.store_home');
  if (row) return row.home;
  return (await hasStoredEvents(sql)) ? 'postgresql' : undefined;
}

export async function setHome(sql: Sql, home: StoreHome): Promise<void> {
  await sql.query(
    'insert into log.store_home (home) values ($1) on conflict (one) do update set home = excluded.home',
    [home],
  );
}

/** @throws WrongHome when the history is elsewhere than the settings say */
export async function demandHome(sql: Sql, agency: Agency, configured: StoreHome): Promise<void> {
  const setting = `${agency.toUpperCase()}_EVENT_STORE_URL`;
  const known = await knownHome(sql);
  if (known === 'eventstore' && configured === 'postgresql') {
    throw new WrongHome(`the events of ${agency} were moved to an event store of its own: set ${setting} again`);
  }
  if (known === 'postgresql' && configured === 'eventstore' && (await hasStoredEvents(sql))) {
    const remedy = `npm run move -- ${agency} --from pg --to esdb://…, or unset ${setting}`;
    throw new WrongHome(`the events of ${agency} are in its PostgreSQL: ${remedy}`);
  }
  await setHome(sql, configured);
}

/**
 * Marks an empty event store as this log's, and refuses one that holds the events of another.
 * @throws WrongHome, Unavailable
 */
export async function demandOwner(store: ServedStore, agency: Agency, origin: string): Promise<void> {
  const owner = await ownerOf(store);
  if (owner === origin) return;
  if (owner === undefined && (await store.head()) === undefined) {
    await store.append(ownerStream, [ownedEvent(agency, origin)], 'no_stream');
    return;
  }
  const holds = owner === undefined ? 'events that are not of this program' : `the events of ${owner}`;
  throw new WrongHome(`the event store holds ${holds}: give ${origin} an event store of its own`);
}

async function ownerOf(store: ServedStore): Promise<string | undefined> {
  try {
    for await (const { data } of store.readStream(ownerStream, { limit: 1 })) return String(data['origin']);
  } catch (error) {
    if (!(error instanceof StreamNotFound)) throw error;
  }
  return undefined;
}

function ownedEvent(agency: Agency, origin: string): NewEvent {
  const commandId = eventIdOf(ownerStream, origin, 0);
  const actor = { agency, id: 'system-store', name: '系统', role: 'system' };
  return { id: commandId, type: ownedType, data: { origin }, meta: { actor, commandId, seen: {}, salt: '' } };
}

async function hasStoredEvents(sql: Sql): Promise<boolean> {
  const [table] = await sql.query(`select to_regclass('store.events') is not null as there`);
  if (!table.there) return false;
  const [row] = await sql.query('select exists (select from store.events) as some');
  return row.some;
}
