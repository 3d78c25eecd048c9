// The whole log read with parse, as views, relay and reactors do after a restart, against the barest thing that can be
// done with the same rows: a cursor over a jsonb table, parsed by the driver.
import { openPgReader, openPgStore } from '#store/pg/pg-store';
import { startTestPostgres } from '#testing/postgres';
import { newEvent, streamLength } from './events';
import { copyField, copyIn, withClient } from './loaded';
import type { BenchOptions } from './options';
import { peerPackages } from './peer-packages';
import { against, interleaved, median, ratio, round, timed } from './rounds';

const page = 1_000;

export async function measureRead({ events = 200_000, rounds = 5 }: BenchOptions): Promise<object> {
  const postgres = await startTestPostgres();
  const { url } = postgres;
  try {
    await filled(url, events);
    const measured = await interleaved(rounds, [
      { name: 'sanfang', measure: () => perSecond(events, () => ours(url)) },
      { name: 'bareCursor', measure: () => perSecond(events, () => bare(url)) },
    ]);
    const of = (name: string): readonly number[] => measured.get(name) ?? [];
    const [sanfang, bareCursor] = [of('sanfang'), of('bareCursor')];
    return {
      unit: 'events a second',
      events,
      rounds,
      sanfang: round(median(sanfang)),
      bareCursor: round(median(bareCursor)),
      ratios: { 'sanfang/bareCursor': against(0.8, ratio(sanfang, bareCursor)) },
    };
  } finally {
    await postgres.stop();
  }
}

/** The store's own table, filled by COPY, and the same rows with jsonb. */
export async function filled(url: string, events: number): Promise<void> {
  await (await openPgStore({ url })).close();
  await copyIn(url, 'store.events (position, stream, revision, id, type, data, meta, at)', storedLines(events));
  await withClient(url, async (client) => {
    await client.query(
      `create table as_jsonb (position bigint primary key, stream text, revision bigint, id uuid, type text,
         data jsonb not null, meta jsonb not null, at text)`,
    );
    await client.query(
      `insert into as_jsonb select position, stream, revision, id, type, data::jsonb, meta::jsonb, at from store.events`,
    );
    await client.query('vacuum analyze store.events');
    await client.query('vacuum analyze as_jsonb');
    await client.query('select count(data), count(meta) from store.events');
  });
}

function* storedLines(events: number): Generator<string> {
  for (let n = 0; n < events; n++) {
    const { id, type, data, meta } = newEvent(n);
    const [stream, revision] = [`issue-${Math.floor(n / streamLength)}`, n % streamLength];
    const fields = [n + 1, stream, revision, id, type, JSON.stringify(data), JSON.stringify(meta)];
    yield `${[...fields, '2026-03-02T01:00:00.000Z'].map(copyField).join('\t')}\n`;
  }
}

async function perSecond(events: number, read: () => Promise<number>): Promise<number> {
  let count = 0;
  const seconds = await timed(async () => (count = await read()));
  if (count !== events) throw new Error(`${count} of ${events} events were read`);
  return events / seconds;
}

async function ours(url: string): Promise<number> {
  const reader = openPgReader({ url });
  let count = 0;
  try {
    for await (const event of reader.readAll()) if (event.data && event.meta) count++;
    return count;
  } finally {
    await reader.close();
  }
}

async function bare(url: string): Promise<number> {
  const { pg, cursor: Cursor } = peerPackages();
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const text = 'select position, stream, revision, id, type, data, meta, at from as_jsonb order by position';
    const cursor = client.query(new Cursor<{ data: object; meta: object }>(text));
    let count = 0;
    for (let rows = await cursor.read(page); rows.length > 0; rows = await cursor.read(page)) {
      for (const row of rows) if (row.data && row.meta) count++;
    }
    return count;
  } finally {
    await client.end();
  }
}
