// A new agency, or one that was away for years: verified entries of a peer into inbox and read models, against COPY of
// the same rows and against Emmett's consumer, which only counts; and whether memory stays flat meanwhile.
import { createReadStream, createWriteStream, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { startTestPostgres } from '#testing/postgres';
import type { TestPostgres } from '#testing/postgres';
import { runAgency, startLogPeer } from './children';
import { withClient } from './loaded';
import { entryBytes, logOf } from './histories';
import type { BenchOptions } from './options';
import { patient, peerPackages } from './peer-packages';
import { against, interleaved, median, ratio, round, timed } from './rounds';

export async function measureCatchup({ events = 200_000, rounds = 3 }: BenchOptions): Promise<object> {
  const folder = mkdtempSync(join(tmpdir(), 'sanfang-bench-catchup-'));
  const postgres = await startTestPostgres();
  const peer = await startLogPeer(folder, events);
  try {
    const follow = async () => {
      const database = await postgres.fresh();
      const report = await runAgency({ task: 'follow', database, log: peer.url, vkey: peer.vkey, size: events });
      return { database, report };
    };
    // The rows to copy are those that the first run made.
    const first = await follow();
    const rows = await rowsOf(first.database, folder);
    const emmett = await emmettFilled(postgres, Math.min(events, 40_000));
    const reports = [first.report];
    const measured = await interleaved(rounds, [
      {
        name: 'sanfang',
        measure: async () => {
          const { report } = await follow();
          reports.push(report);
          return events / report.seconds;
        },
      },
      { name: 'copyInbox', measure: () => copied(postgres, rows, ['inbox.entry']).then((took) => events / took) },
      { name: 'copyAll', measure: () => copied(postgres, rows, tables).then((took) => events / took) },
      { name: 'emmett', measure: () => emmett.consume() },
    ]);
    const of = (name: string): readonly number[] => measured.get(name) ?? [];
    const speeds = Object.fromEntries([...measured].map(([name, each]) => [name, round(median(each))]));
    const peak = Math.max(...reports.map(({ peakRssMB }) => peakRssMB));
    return {
      unit: 'events a second',
      events,
      rounds,
      meanEntryBytes: peer.meanEntryBytes,
      ...speeds,
      inboxAlone: round(median(reports.map(({ inboxSeconds }) => events / inboxSeconds))),
      ratios: {
        'sanfang/copyInbox': against(0.4, ratio(of('sanfang'), of('copyInbox'))),
        'sanfang/copyAll': ratio(of('sanfang'), of('copyAll')),
        'sanfang/emmett': against(3, ratio(of('sanfang'), of('emmett'))),
      },
      cpuSeconds: median(reports.map((each) => each.cpuSeconds)),
      rssMB: reports[0]?.rssMB,
      peakRssMB: against(400, peak, 'lower'),
    };
  } finally {
    await peer.stop();
    await postgres.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

const tables = ['inbox.entry', 'views.ledger', 'views.timeline'] as const;
type Rows = { readonly from: string; readonly files: Readonly<Record<string, string>> };

/** The rows of an agency that has caught up, as files in COPY's own format. */
async function rowsOf(database: string, folder: string): Promise<Rows> {
  const files = Object.fromEntries(tables.map((table) => [table, join(folder, `${table}.copy`)]));
  await withClient(database, async (client) => {
    for (const table of tables) {
      const rows = client.query(peerPackages().copyOut(`copy ${table} to stdout`));
      await pipeline(rows, createWriteStream(files[table] as string));
    }
  });
  return { from: database, files };
}

/** Seconds for COPY into empty tables with the same keys and indexes. */
async function copied(postgres: TestPostgres, { from, files }: Rows, into: readonly string[]): Promise<number> {
  const database = await postgres.fresh();
  const statements = await withClient(from, async (client) => {
    // An index of the ledger is of pg_trgm's kind.
    const made = ['create extension if not exists pg_trgm'];
    for (const table of into) {
      const { rows: columns } = await client.query<{ name: string; type: string }>(
        `select attname as name, format_type(atttypid, atttypmod) as type from pg_attribute
         where attrelid = $1::regclass and attnum > 0 and not attisdropped order by attnum`,
        [table],
      );
      made.push(`create schema if not exists ${table.slice(0, table.indexOf('.'))}`);
      made.push(`create table ${table} (${columns.map(({ name, type }) => `${name} ${type} not null`).join(', ')})`);
      const { rows: indexes } = await client.query<{ text: string }>(
        `select pg_get_indexdef(indexrelid) as text from pg_index where indrelid = $1::regclass`,
        [table],
      );
      made.push(...indexes.map(({ text }) => text));
    }
    return made;
  });
  return withClient(database, async (client) => {
    for (const statement of statements) await client.query(statement);
    return timed(async () => {
      for (const table of into) {
        const target = client.query(peerPackages().copyIn(`copy ${table} from stdin`));
        await pipeline(createReadStream(files[table] as string, { highWaterMark: 262_144 }), target);
      }
    });
  });
}

/** Emmett's store with as many of the same events, and how fast its consumer hands them to a handler that counts. */
async function emmettFilled(postgres: TestPostgres, events: number): Promise<{ consume(): Promise<number> }> {
  const { emmett } = peerPackages();
  const url = patient(await postgres.fresh());
  const store = emmett.getPostgreSQLEventStore(url);
  await store.schema.migrate();
  const decoder = new TextDecoder();
  let index = 0;
  let batch: { type: string; data: object; metadata: object }[] = [];
  const flush = async (): Promise<void> => {
    await store.appendToStream(`log-${index}`, batch, { expectedStreamVersion: 'STREAM_DOES_NOT_EXIST' });
    batch = [];
  };
  for (const told of logOf(events)) {
    const { data, ...metadata } = JSON.parse(decoder.decode(entryBytes(told, index++))) as { data: object };
    batch.push({ type: told.type, data, metadata });
    if (batch.length === 100) await flush();
  }
  if (batch.length > 0) await flush();
  await store.close();
  let run = 0;
  const consume = async (): Promise<number> => {
    const consumer = emmett.postgreSQLEventStoreConsumer({ connectionString: url, pulling: { batchSize: 1_000 } });
    let count = 0;
    let finished = (): void => undefined;
    const all = new Promise<void>((resolve) => (finished = resolve));
    consumer.reactor({
      processorId: `count-${run++}`,
      eachMessage: () => {
        if (++count === events) finished();
      },
    });
    const started = performance.now();
    const running = consumer.start();
    await Promise.race([all, running]);
    const speed = count / ((performance.now() - started) / 1000);
    await consumer.close();
    return speed;
  };
  return { consume };
}
