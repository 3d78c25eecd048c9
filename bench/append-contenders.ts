// The stores that `append` compares. All write the same rows with the same durability into databases of one server, and
// all check the expected revision; only ours also signs what it stored.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Pool } from 'pg';
import { openDatabase } from '#chassis/database';
import { publisherOf } from '#chassis/publishing';
import { Pulse } from '#chassis/pulse';
import { startRelay } from '#chassis/relay';
import { logMigrations } from '#chassis/relay-tables';
import type { NewEvent } from '#store/event-store';
import { openPgStore } from '#store/pg/pg-store';
import { LOG_KEY_TYPE, signingKey } from '#tlog/key';
import { esdbNode } from './append-node';
import { peerPackages } from './peer-packages';
import { silent, wallClock } from './sinks';

export type Appender = {
  readonly name: string;
  /** `revision`: of the stream's last event, -1 when there is none. */
  append(stream: string, events: readonly NewEvent[], revision: number): Promise<unknown>;
  /** Resolves when work that goes on behind the answers is done, so that it does not burden the next contender. */
  settle(): Promise<void>;
  close(): Promise<void>;
};

const connections = 16;
const settled = (): Promise<void> => Promise.resolve();
const eventsTable = `create table events (
  position bigint generated always as identity primary key, stream text collate "C" not null, revision bigint not null,
  id uuid not null, type text not null, data text not null, meta text not null,
  at timestamptz not null default now(), unique (stream, revision))`;

export async function appenders(database: () => Promise<string>, folder: string): Promise<Appender[]> {
  return [
    await sanfang(await database(), folder),
    await esdbNode(await database()),
    await emmett(await database()),
    await castore(await database()),
    await messageDb(await database()),
    await appendFunction(await database()),
    await bareInsert(await database()),
  ];
}

/** The store as a service runs it: the relay signs every event in the same process. */
export async function sanfang(url: string, folder: string, pulse = new Pulse()): Promise<Appender> {
  const onPoolError = (): void => undefined;
  const database = await openDatabase({ url, applicationName: 'bench', migrations: logMigrations, onPoolError });
  const store = await openPgStore({ url });
  const origin = 'inspection.example/events/v1';
  const shown = (event: { subject: string; data: { text: string } }) => ({
    type: 'inspection.progress-reported.v1',
    data: { issueId: event.subject, text: event.data.text },
  });
  const relay = await startRelay({
    store,
    database,
    publish: publisherOf([{ decider: 'issue', map: { ProgressReported: shown } }]),
    origin,
    signer: signingKey(origin, LOG_KEY_TYPE, new Uint8Array(32).fill(3)),
    folder: join(folder, 'log'),
    pulse,
    clock: wallClock,
    onFatal: (error) => {
      throw error;
    },
    log: silent,
  });
  return {
    name: 'pg',
    append: (stream, events, revision) => store.append(stream, events, revision < 0 ? 'no_stream' : BigInt(revision)),
    settle: async () => {
      for (const end = Number(await store.head()); relay.size() < end;) await pause(20);
    },
    close: async () => {
      await relay.stop();
      await store.close();
      await database.destroy();
    },
  };
}

async function emmett(url: string): Promise<Appender> {
  const { emmett: package_, pg } = peerPackages();
  const pool = new pg.Pool({ connectionString: url, max: connections });
  const store = package_.getPostgreSQLEventStore(url, { connectionOptions: { pool } });
  await store.schema.migrate();
  return {
    name: 'emmett',
    append: (stream, events, revision) =>
      store.appendToStream(
        stream,
        events.map(({ type, data, meta }) => ({ type, data, metadata: meta })),
        { expectedStreamVersion: revision < 0 ? 'STREAM_DOES_NOT_EXIST' : BigInt(revision) + 1n },
      ),
    settle: settled,
    close: async () => {
      await store.close();
      await pool.end();
    },
  };
}

/**
 * Its unique index checks the expected version, its adapter opens at most ten connections, and it stores no id of an
 * event but the one in our meta data. `pushEvent` takes one event, so k events are k calls and k commits; its
 * `pushEventGroup`, one transaction of k inserts, is not measured here. It has no feed and promises no order across
 * streams: ids of its sequence may become visible out of order and with gaps, where our positions have none.
 */
async function castore(url: string): Promise<Appender> {
  const { PostgresEventStorageAdapter: Adapter } = peerPackages().castore;
  await Adapter.createEventTable({ connectionString: url, aggregateId: { type: 'VARCHAR', length: 64 } });
  const adapter = new Adapter({ connectionString: url });
  return {
    name: 'castore',
    append: async (stream, events, revision) => {
      let version = revision + 1;
      for (const { type, data, meta } of events) {
        const event = { aggregateId: stream, version: ++version, type, payload: data, metadata: meta };
        await adapter.pushEvent(event, { eventStoreId: 'issue' });
      }
    },
    settle: settled,
    close: () => adapter._sql.end(),
  };
}

/**
 * A lock until the commit lets one writer at a time into a category, here `issue`, so that positions become visible in
 * order within it, but not across categories; and a rollback leaves a gap in its sequence, where our positions have
 * none.
 */
async function messageDb(url: string): Promise<Appender> {
  const options = '-c search_path=message_store,public';
  const pool = new Pool({ connectionString: url, max: connections, options });
  for (const part of ['schema', 'extensions', 'tables', 'types', 'functions', 'indexes']) {
    const folder = join(peerPackages().messageDb, part);
    for (const file of readdirSync(folder).sort()) await pool.query(readFileSync(join(folder, file), 'utf8'));
  }
  const text = 'select message_store.write_message($1, $2, $3, $4, $5, $6)';
  const call = (stream: string, { id, type, data, meta }: NewEvent, revision: number) => ({
    name: 'messageDb',
    text,
    values: [id, stream, type, JSON.stringify(data), JSON.stringify(meta), revision],
  });
  const together = async (stream: string, events: readonly NewEvent[], revision: number): Promise<void> => {
    const client = await pool.connect();
    try {
      await client.query('begin');
      for (const [n, event] of events.entries()) await client.query(call(stream, event, revision + n));
      await client.query('commit');
    } catch (error) {
      await client.query('rollback');
      throw error;
    } finally {
      client.release();
    }
  };
  return {
    name: 'messageDb',
    append: (stream, events, revision) =>
      events.length === 1 ? pool.query(call(stream, events[0]!, revision)) : together(stream, events, revision),
    settle: settled,
    close: () => pool.end(),
  };
}

const functionText = `
  create function append(to_stream text, expected bigint, ids uuid[], types text[], datas text[], metas text[])
  returns bigint language plpgsql as $$
  declare last bigint;
  begin
    select max(revision) into last from events where stream = to_stream;
    if coalesce(last, -1) <> expected then raise exception 'wrong expected revision' using errcode = '40001'; end if;
    insert into events (stream, revision, id, type, data, meta)
      select to_stream, expected + n, id, type, data, meta
      from unnest(ids, types, datas, metas) with ordinality as row (id, type, data, meta, n);
    return expected + cardinality(ids);
  end $$`;

async function appendFunction(url: string): Promise<Appender> {
  const call = 'select append($1, $2, $3, $4, $5, $6)';
  return viaPool('appendFunction', url, [eventsTable, functionText], call);
}

async function bareInsert(url: string): Promise<Appender> {
  const insert = `insert into events (stream, revision, id, type, data, meta)
    select $1, $2::bigint + n, id, type, data, meta
    from unnest($3::uuid[], $4::text[], $5::text[], $6::text[]) with ordinality as row (id, type, data, meta, n)`;
  return viaPool('bareInsert', url, [eventsTable], insert);
}

async function viaPool(name: string, url: string, schema: readonly string[], text: string): Promise<Appender> {
  const pool = new Pool({ connectionString: url, max: connections });
  for (const statement of schema) await pool.query(statement);
  return {
    name,
    append: (stream, events, revision) =>
      pool.query({
        name,
        text,
        values: [
          stream,
          revision,
          events.map(({ id }) => id),
          events.map(({ type }) => type),
          events.map(({ data }) => JSON.stringify(data)),
          events.map(({ meta }) => JSON.stringify(meta)),
        ],
      }),
    settle: settled,
    close: () => pool.end(),
  };
}
