// What somebody changed behind the journal's back is named by its place: an event in the store, a row, the head.
import { Client } from 'pg';
import { openPgStore } from '#store/pg/pg-store';
import type { PgStore } from '#store/pg/pg-store';
import { JournalPlace, sampleJournalKey } from '#testing/journal-place';
import { startTestPostgres } from '#testing/postgres';
import type { TestPostgres } from '#testing/postgres';
import { checkJournal } from './journal-rows';

jest.setTimeout(120_000);

let postgres: TestPostgres;
let place: JournalPlace;
let events: string;
let store: PgStore;
beforeAll(async () => {
  postgres = await startTestPostgres();
  events = await postgres.fresh();
  store = await openPgStore({ url: events, durability: 'unchecked' });
  place = await JournalPlace.make(await postgres.fresh(), store);
  await place.append(12);
  const journal = await place.start();
  await place.caughtUp(journal);
  // Anchored with 12, then with 13 and more behind it.
  await place.pass(600_000);
  for (let tries = 0; journal.size() < 13 && tries < 3_000; tries++) await new Promise((r) => setTimeout(r, 2));
  await place.append(8);
  await place.caughtUp(journal);
  await journal.stop();
});
afterAll(async () => {
  await store?.close();
  await place?.database.destroy();
  await postgres?.stop();
});

async function found(): Promise<unknown[]> {
  const reopened = await openPgStore({ url: events, durability: 'unchecked' });
  const all: unknown[] = [];
  const parts = { store: reopened, sql: place.database, agency: 'inspection', keyOf: sampleJournalKey } as const;
  for await (const { fault, index } of checkJournal(parts)) all.push([fault, Number(index)]);
  await reopened.close();
  return all;
}

/** Changes rows for one look and puts them back. */
async function after(url: string | undefined, table: string, change: string): Promise<unknown[]> {
  if (url !== undefined) await store.close();
  const client = url === undefined ? undefined : new Client({ connectionString: url });
  await client?.connect();
  const run = (sql: string) => client?.query(sql) ?? place.database.query(sql);
  if (client) await run(`alter table ${table} disable trigger user`);
  await run(`create table kept_rows as select * from ${table}`);
  await run(change);
  try {
    return await found();
  } finally {
    await run(`delete from ${table}`);
    await run(`insert into ${table} select * from kept_rows`);
    await run('drop table kept_rows');
    await client?.end();
  }
}

describe('fsck of the journal', () => {
  it('finds nothing in what nobody touched', async () => {
    await store.close();
    expect(await found()).toEqual([]);
  });

  it('names the event that was rewritten, anchored or not', async () => {
    const rewrite = (position: number) =>
      `update store.events set data = '{"roundId":"x"}' where position = ${position}`;
    expect(await after(events, 'store.events', rewrite(5))).toEqual([['journalEvent', 4]]);
    expect(await after(events, 'store.events', rewrite(20))).toEqual([['journalEvent', 19]]);
    const meta = `update store.events set meta = replace(meta, 'command-2"', 'command-9"') where position = 3`;
    expect(await after(events, 'store.events', meta)).toEqual([['journalEvent', 2]]);
  });

  it.each([
    ['the hash of a row', `update journal.leaf set hash = sha256('x') where index = 3`, [['journalRow', 3]]],
    ['the secret of a row', `update journal.leaf set secret = sha256('x') where index = 3`, [['journalEvent', 3]]],
    ['a row that is gone', 'delete from journal.leaf where index = 7', [['journalRow', 7]]],
    ['the last row', 'delete from journal.leaf where index = 20', [['journalRow', 20]]],
  ])('names %s', async (_what, change, expected) =>
    expect(await after(undefined, 'journal.leaf', change)).toEqual(expected),
  );

  it('names a head that the own key did not sign', async () => {
    const change = `update journal.head set note = replace(note, E'\\n21\\n', E'\\n20\\n')`;
    expect(await after(undefined, 'journal.head', change)).toEqual([['journalHead', 21]]);
  });

  it('leaves a row alone whose secret was destroyed: it cannot be opened, and the tree stands', async () => {
    expect(await after(undefined, 'journal.leaf', 'update journal.leaf set secret = null where index = 5')).toEqual([]);
  });
});
