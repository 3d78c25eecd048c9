// The event store that the settings name. Only the adapter in use is loaded: the client of EventStoreDB costs memory and
// start-up time that an agency on PostgreSQL must not pay.
import type { DataSource } from 'typeorm';
import type { ServedStore } from '#store/event-store';
import type { Config } from './config';
import { demandHome, demandOwner } from './store-home';

export type StoreNeeds = {
  readonly config: Config;
  readonly database: DataSource;
  /** Of the agency's PostgreSQL. */
  readonly databaseUrl: string;
  readonly applicationName: string;
  readonly onFatal: (error: Error) => void;
};

/** @throws WrongHome, Unavailable, StoreInUse */
export async function openStore(needs: StoreNeeds): Promise<ServedStore> {
  const { config, database, databaseUrl, applicationName, onFatal } = needs;
  const { agency, origin, eventStoreUrl } = config;
  await demandHome(database, agency, eventStoreUrl === undefined ? 'postgresql' : 'eventstore');
  if (eventStoreUrl === undefined) {
    const { openPgStore } = await import('#store/pg/pg-store');
    return openPgStore({ url: databaseUrl, applicationName, onFatal });
  }
  const { openEsdbStore } = await import('#store/esdb/esdb-store');
  // No lock of its own: the expected revision guards each append, and the relay's lease, which stays in PostgreSQL and is
  // taken before anybody can ask for anything, keeps a second process of this agency from serving.
  const store = await openEsdbStore({ url: eventStoreUrl });
  try {
    await demandOwner(store, agency, origin);
    return store;
  } catch (error) {
    await store.close();
    throw error;
  }
}
