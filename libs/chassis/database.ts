// The agency's own PostgreSQL through TypeORM: one small pool, numbered forward-only migrations, no synchronisation.
import type { EventEmitter } from 'node:events';
import { DataSource } from 'typeorm';
import type { EntityManager, MigrationInterface, QueryRunner } from 'typeorm';

export type Sql = Pick<EntityManager, 'query'>;
type MigrationClass = new () => MigrationInterface;

/**
 * One numbered step. TypeORM orders steps by the number at the end of the name, so numbers are YYYYMMDD and two digits,
 * padded to the 13 digits that it expects of a time stamp.
 */
export function migration(number: number, name: string, sql: string): MigrationClass {
  return class implements MigrationInterface {
    readonly name = `${name}${String(number).padEnd(13, '0')}`;
    async up(runner: QueryRunner): Promise<void> {
      await runner.query(sql);
    }
    down(): Promise<void> {
      return Promise.reject(new Error(`${name}: migrations only go forward; restore a backup or write a new step`));
    }
  };
}

/**
 * Opens the pool and brings the schema up to date, each step in its own transaction.
 * @param poolSize idle connections cost about 10 MB each in PostgreSQL, so they are few and closed soon
 * @param onPoolError told when an idle connection breaks; without a listener Node would end the process
 */
export async function openDatabase(options: {
  readonly url: string;
  readonly applicationName: string;
  readonly migrations: readonly MigrationClass[];
  readonly poolSize?: number;
  readonly onPoolError: (error: Error) => void;
}): Promise<DataSource> {
  const source = new DataSource({
    type: 'postgres',
    url: options.url,
    applicationName: options.applicationName,
    poolSize: options.poolSize ?? 4,
    poolErrorHandler: options.onPoolError,
    extra: { idleTimeoutMillis: 5_000, statement_timeout: 30_000, idle_in_transaction_session_timeout: 30_000 },
    synchronize: false,
    migrationsRun: false,
    migrationsTableName: 'migration',
    migrationsTransactionMode: 'each',
    migrations: [...options.migrations],
    entities: [],
  });
  await source.initialize();
  await source.runMigrations();
  return source;
}

/**
 * Tells of every connection of the pool that breaks, idle or in use: the server may have crashed, and what it had
 * committed asynchronously a moment before may be gone. @returns stops telling
 */
export function onConnectionLost(database: DataSource, lost: () => void): () => void {
  const { master: pool } = database.driver as unknown as { master: EventEmitter };
  const watched = new WeakSet<EventEmitter>();
  const watch = (connection: EventEmitter): void => {
    if (watched.has(connection)) return;
    watched.add(connection);
    connection.once('error', () => lost());
  };
  pool.on('acquire', watch);
  return () => pool.off('acquire', watch);
}
