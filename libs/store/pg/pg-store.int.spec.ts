import { Client } from 'pg';
import { startTestPostgres, type TestPostgres } from '#testing/postgres';
import { storeContract } from '../contract';
import { all, fact, facts, given, Listener, names, refusal } from '../contract/samples';
import { StreamNotFound, Unavailable, WrongExpectedRevision } from '../event-store';
import { openPgReader, openPgStore, type PgStore } from './pg-store';
import { StoreInUse } from './session';

let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await startTestPostgres();
}, 120_000);
afterAll(() => postgres.stop(), 120_000);

const open = (url: string) => openPgStore({ url, durability: 'unchecked', lockWaitMs: 200 });

// One database for the whole contract, emptied before each test: a new one each time would take ten times as long.
storeContract('PostgreSQL', async () => {
  await sql(postgres.url, 'drop schema if exists store cascade');
  const store = await open(postgres.url);
  return { store, end: () => store.close() };
});

async function sql(url: string, text: string, values: unknown[] = []) {
  const client = new Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query(text, values).finally(() => client.end());
  return rows;
}

describe('the event store on PostgreSQL', () => {
  let url: string;
  let store: PgStore;
  beforeEach(async () => {
    url = await postgres.fresh();
    store = await open(url);
  });
  afterEach(() => store.close());

  it('is still there after it was closed and opened again, and goes on where it was', async () => {
    await given(store, 'issue-1', 3);
    const before = await all(store.readAll());
    await store.close();
    store = await open(url);
    expect(await all(store.readAll())).toEqual(before);
    expect(await store.append('issue-1', [fact()], 2n)).toEqual({ revision: 3n, position: 4n });
  });

  it('recognises a repeated append after it was opened again', async () => {
    const events = facts(2);
    const first = await store.append('issue-1', events, 'no_stream');
    for (let count = 0; count < 20; count++) await store.append('issue-1', [fact()], 'stream_exists');
    await store.close();
    store = await open(url);
    expect(await store.append('issue-1', events, 'no_stream')).toEqual(first);
    expect(await store.append('issue-1', events, 'stream_exists')).toEqual(first);
  });

  it('takes a stream for new only until the table says otherwise, which concerns nobody else in the batch', async () => {
    const known = facts(2);
    const first = await store.append('issue-1', known, 'no_stream');
    await store.close();
    store = await open(url);
    const outcomes = await Promise.allSettled([
      store.append('issue-2', [fact()], 'no_stream'),
      store.append('issue-1', [fact()], 'no_stream'),
      store.append('issue-1', known, 'no_stream'),
      store.append('issue-1', [fact()], 1n),
      store.append('issue-3', [fact()], 'no_stream'),
    ]);
    expect(outcomes.map((one) => (one.status === 'fulfilled' ? one.value : one.reason))).toEqual([
      { revision: 0n, position: 3n },
      expect.any(WrongExpectedRevision),
      first,
      { revision: 2n, position: 4n },
      { revision: 0n, position: 5n },
    ]);
  });

  it('numbers positions 1, 2, 3 … without a hole, refused appends and conflicts included', async () => {
    const attempts = Array.from({ length: 60 }, (_, n) => store.append(`issue-${n % 7}`, facts(2), 'no_stream'));
    await Promise.allSettled([...attempts, store.append('issue-x', [fact({ n: NaN })], 'no_stream')]);
    await given(store, 'round-1', 2);
    expect((await all(store.readAll())).map((event) => Number(event.position))).toEqual(
      [...Array(16)].map((_, n) => n + 1),
    );
  });

  it('fails only the append whose id stands far back in its stream, not the others of its batch', async () => {
    const [first] = await given(store, 'issue-1', 30);
    const settled = await Promise.allSettled([
      store.append('issue-2', [fact()], 'no_stream'),
      store.append('issue-1', [first!], 29n),
      store.append('issue-3', [fact()], 'no_stream'),
    ]);
    expect(settled.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect((settled[1] as PromiseRejectedResult).reason).toBeInstanceOf(WrongExpectedRevision);
    expect(names(await all(store.readAll({ from: 31n })))).toEqual(['issue-2:0', 'issue-3:0']);
  });

  it('keeps data as canonical text, so that the bytes can be hashed', async () => {
    await store.append('issue-1', [fact({ b: 1.0, a: '一' })], 'no_stream');
    expect((await sql(url, 'select data from store.events'))[0].data).toBe('{"a":"一","b":1}');
  });

  it('never goes back in time, even when its clock does', async () => {
    await store.close();
    const moments = ['2026-03-02T08:00:00Z', '2026-03-01T08:00:00Z', '2026-03-02T08:00:01Z'];
    store = await openPgStore({ url, now: () => moments.shift() as string, durability: 'unchecked' });
    for (let count = 0; count < 3; count++) await given(store, `issue-${count}`, 1);
    const times = (await all(store.readAll())).map((event) => event.at);
    expect(times).toEqual(['2026-03-02T08:00:00.000Z', '2026-03-02T08:00:00.000Z', '2026-03-02T08:00:01.000Z']);
  });

  it('takes in what another store recorded with its own times, each append in a moment of its own', async () => {
    const times = ['2020-01-01T00:00:00.000Z', '2020-01-02T00:00:00.000Z', '2020-01-03T00:00:00.000Z'];
    // All wait at once, and must not share a commit and its time.
    const waiting = times.map((at, n) => store.appendRecorded(`issue-${n}`, facts(2), 'no_stream', at));
    await Promise.all(waiting);
    expect((await all(store.readAll())).map(({ at }) => at)).toEqual(times.flatMap((at) => [at, at]));
    await given(store, 'issue-9', 1);
    const [last] = await all(store.readStream('issue-9'));
    expect(last!.at > times[2]!).toBe(true);
  });

  it('refuses a second writer and names the first', async () => {
    const error = await refusal(
      openPgStore({ url, durability: 'unchecked', lockWaitMs: 100, applicationName: 'second' }),
    );
    expect(error).toBeInstanceOf(StoreInUse);
    expect(String(error)).toMatch(/sanfang-store \(server process \d+\) writes to this event store already/);
    expect((await store.append('issue-1', [fact()], 'no_stream')).position).toBe(1n);
  });

  it('lets a waiting writer take over as soon as the first one closes', async () => {
    const next = openPgStore({ url, durability: 'unchecked', lockWaitMs: 30_000 });
    await given(store, 'issue-1', 1);
    await store.close();
    store = await next;
    expect((await store.append('issue-1', [fact()], 0n)).position).toBe(2n);
  });

  it('shows what another process writes after that one took its place, and closes without waiting for it', async () => {
    const listener = new Listener(store);
    await listener.hasCaughtUp();
    const next = openPgStore({ url, durability: 'unchecked', lockWaitMs: 30_000, applicationName: 'next' });
    const sessions = 'from pg_stat_activity where datname = current_database() and application_name';
    const waiting = `select ${sessions} = 'next' and wait_event = 'advisory'`;
    while ((await sql(url, waiting)).length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
    await sql(url, `select pg_terminate_backend(pid) ${sessions} = 'sanfang-store'`);
    const other = await next;
    await given(other, 'issue-1', 1);
    expect(names(await listener.saw(1))).toEqual(['issue-1:0']);
    expect(store.isWritable()).toBe(false);
    await store.close();
    await listener.done;
    await other.close();
  });

  it('refuses update, delete and truncate, and tells what to do instead', async () => {
    await given(store, 'issue-1', 1);
    for (const text of [`update store.events set type = 'X'`, 'delete from store.events', 'truncate store.events']) {
      expect(await refusal(sql(url, text))).toMatchObject({ hint: expect.stringContaining('appending an event') });
    }
  });

  it('refuses tables that are newer than the program', async () => {
    await store.close();
    await sql(url, 'insert into store.versions values (99, now())');
    expect(String(await refusal(open(url)))).toContain('start the newer one');
  });

  it('refuses a server that does not flush, and tells the remedy', async () => {
    await sql(url, `select 1`);
    const [{ fsync, sums }] = await sql(
      url,
      `select current_setting('fsync') fsync, current_setting('data_checksums') sums`,
    );
    await store.close();
    const opened = openPgStore({ url }).then((fit) => fit.close());
    if (fsync === 'on' && sums === 'on') await opened;
    else expect(String(await refusal(opened))).toMatch(/set fsync = on|pg_checksums --enable/);
  });

  it('shows a process that only reads what the writer writes, live too', async () => {
    await given(store, 'issue-1', 2);
    const reader = openPgReader({ url });
    const listener = new Listener(reader);
    await listener.hasCaughtUp();
    await given(store, 'issue-2', 1);
    expect(names(await listener.saw(3))).toEqual(['issue-1:0', 'issue-1:1', 'issue-2:0']);
    expect(await reader.head()).toBe(3n);
    expect(await refusal(all(reader.readStream('none')))).toBeInstanceOf(StreamNotFound);
    await reader.close();
    await listener.done;
  });

  it('says that it is out of reach when nothing answers', async () => {
    const nowhere = 'postgres://nobody@127.0.0.1:1/none';
    expect(await refusal(openPgStore({ url: nowhere }))).toBeInstanceOf(Unavailable);
    const reader = openPgReader({ url: nowhere });
    expect(await refusal(reader.head())).toBeInstanceOf(Unavailable);
    await reader.close();
  });
});
