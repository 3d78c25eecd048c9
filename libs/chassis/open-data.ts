// Where a service keeps what it knows: its database, embedded or brought, with every table, and its event store.
import { join } from 'node:path';
import type { DataSource } from 'typeorm';
import type { ServedStore } from '#store/event-store';
import { blobMigrations } from './blobs';
import type { Config } from './config';
import { copyMigrations } from './copies/keeping';
import { onConnectionLost, openDatabase } from './database';
import { identityMigrations } from './identity/tables';
import { journalMigrations } from './journal/tables';
import type { Log } from './logging';
import { openStore } from './open-store';
import { inboxMigrations } from './peers';
import { assertDurable } from './postgres/durability';
import type { Embedded } from './postgres/embedded';
import { logMigrations } from './relay-tables';
import { scrubMigrations } from './scrub-tables';
import { storeHomeMigrations } from './store-home';
import { subjectMigrations } from './subjects/tables';
import { viewMigrations } from './views/start-views';
import { witnessMigrations } from './witness/tables';

export type DataOptions = {
  readonly config: Config;
  readonly log: Log;
  /** Told when the service cannot go on: it must end itself, and its supervisor starts it again. */
  readonly onFatal: (what: string, error: Error) => void;
};

/** What is already running, newest last. */
export type Running = { readonly name: string; readonly stop: () => Promise<unknown> }[];

const migrations = [
  ...[...logMigrations, ...inboxMigrations, ...viewMigrations, ...identityMigrations, ...blobMigrations],
  ...[
    ...storeHomeMigrations,
    ...witnessMigrations,
    ...scrubMigrations,
    ...journalMigrations,
    ...copyMigrations,
    ...subjectMigrations,
  ],
];

/** @throws whatever keeps the database or the event store from opening; what already runs of them is among `running` */
export async function openData(
  options: DataOptions,
  running: Running,
): Promise<{ store: ServedStore; database: DataSource }> {
  const { config, log, onFatal } = options;
  const own = config.databaseUrl === undefined ? await embedded(options, running) : undefined;
  const url = config.databaseUrl ?? (own as Embedded).url;
  const applicationName = `sanfang-${config.agency}`;
  const database = await openDatabase({
    url,
    applicationName,
    migrations,
    onPoolError: (error) => log.warn({ err: error }, 'a database connection broke; the next query opens another'),
  });
  running.push({ name: 'database', stop: () => database.destroy() });
  if (own) onConnectionLost(database, () => own.doubt());
  const asked = async (sql: string) => ({ rows: (await database.query(sql)) as unknown[] });
  const warnings = await assertDurable(asked, config.databaseUrl === undefined ? 'embedded' : 'external');
  for (const warning of warnings) log.warn({}, warning);
  const fatal = (error: Error): void => onFatal('the event store cannot write any more', error);
  const store = await openStore({ config, database, databaseUrl: url, applicationName, onFatal: fatal });
  running.push({ name: 'store', stop: () => store.close() });
  return { store, database };
}

/** An embedded database that ends by itself takes the service with it: both come back together. */
async function embedded({ config, log, onFatal }: DataOptions, running: Running): Promise<Embedded> {
  // Only those who need a server of their own pay for loading its launcher.
  const { startEmbedded } = await import('#chassis/postgres/embedded');
  const folder = join(config.folder, 'postgres');
  const server = await startEmbedded({ folder, name: 'sanfang', log: (line) => log.warn({}, line) });
  server.onExit((why) => onFatal('the embedded PostgreSQL ended', new Error(why)));
  running.push({ name: 'PostgreSQL', stop: () => server.stop() });
  return server;
}
