// What we compare with. These packages are no dependency of the product: they are installed in `bench/peers` by the
// first program that asks for them, exactly as the lock file there says.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import type { Client, Pool } from 'pg';

const folder = join(__dirname, '..', '..', 'bench', 'peers');

export type EmmettEvent = { readonly type: string; readonly data: object; readonly metadata: object };
export type EmmettStore = {
  appendToStream(
    stream: string,
    events: readonly EmmettEvent[],
    options: { readonly expectedStreamVersion: bigint | 'STREAM_DOES_NOT_EXIST' },
  ): Promise<unknown>;
  schema: { migrate(): Promise<unknown> };
  close(): Promise<void>;
};
export type EmmettMessage = { readonly type: string; readonly data: object; readonly metadata: object };
export type EmmettConsumer = {
  reactor(options: {
    readonly processorId: string;
    readonly eachMessage: (message: EmmettMessage) => Promise<void> | void;
  }): unknown;
  start(): Promise<void>;
  stop(): Promise<void>;
  close(): Promise<void>;
};
export type EmmettPostgres = {
  getPostgreSQLEventStore(url: string, options?: object): EmmettStore;
  postgreSQLEventStoreConsumer(options: {
    readonly connectionString: string;
    readonly pulling?: { readonly batchSize?: number };
  }): EmmettConsumer;
};
export type CastoreEvent = {
  readonly aggregateId: string;
  readonly version: number;
  readonly type: string;
  readonly payload: object;
  readonly metadata: object;
};
export type CastoreAdapter = {
  pushEvent(event: CastoreEvent, options: { readonly eventStoreId: string }): Promise<unknown>;
  /** Its client of the database, which it has no method to close. */
  readonly _sql: { end(): Promise<void> };
};
export type CastorePostgres = {
  readonly PostgresEventStorageAdapter: {
    new (options: { readonly connectionString: string }): CastoreAdapter;
    createEventTable(options: { readonly connectionString: string; readonly aggregateId: object }): Promise<unknown>;
  };
};
type Cursor<Row> = { read(rows: number): Promise<Row[]>; close(): Promise<void> };

export type PeerPackages = {
  readonly emmett: EmmettPostgres;
  readonly castore: CastorePostgres;
  /** The folder of its SQL files. */
  readonly messageDb: string;
  readonly pg: { readonly Pool: typeof Pool; readonly Client: typeof Client };
  readonly cursor: new <Row>(text: string) => Cursor<Row> & { submit(connection: object): void };
  readonly copyIn: (text: string) => Writable & { submit(connection: object): void };
  readonly copyOut: (text: string) => Readable & { submit(connection: object): void };
};

export function peerPackages(): PeerPackages {
  if (!existsSync(join(folder, 'node_modules', '.package-lock.json'))) {
    const { status } = spawnSync('npm', ['ci', '--no-audit', '--no-fund'], { cwd: folder, stdio: ['ignore', 2, 2] });
    if (status !== 0) throw new Error(`npm ci in ${folder} failed: the peers to compare with are not there`);
  }
  const load = createRequire(join(folder, 'package.json'));
  const copy = load('pg-copy-streams') as { from: PeerPackages['copyIn']; to: PeerPackages['copyOut'] };
  return {
    emmett: load('@event-driven-io/emmett-postgresql') as EmmettPostgres,
    castore: load('@castore/event-storage-adapter-postgres') as CastorePostgres,
    messageDb: join(dirname(load.resolve('@eventide/message-db/package.json')), 'database'),
    pg: load('pg') as PeerPackages['pg'],
    cursor: load('pg-cursor') as PeerPackages['cursor'],
    copyIn: copy.from,
    copyOut: copy.to,
  };
}

/** Emmett's consumer keeps a transaction open while it waits, which our servers end after a minute. */
export function patient(url: string): string {
  const address = new URL(url);
  address.searchParams.set('options', '-c idle_in_transaction_session_timeout=0');
  return address.href;
}
