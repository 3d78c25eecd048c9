// The tables of the event store, as numbered steps that only go forward. They live in a PostgreSQL schema of their own,
// so that read models beside them can be dropped and rebuilt without coming near the history.
import type { Client } from 'pg';

/**
 * Data and meta are `text`, not `jsonb`: jsonb would reorder keys and respell numbers, and the exact bytes are what the
 * journal hashes (performance.md section 1, point 3). Collation C makes order and prefixes a matter of bytes.
 * `(stream, id)` finds repeats, and is unique so that no event can stand twice in its stream whatever the code does.
 */
const steps: readonly string[] = [
  `create table store.events (
     position bigint primary key,
     stream text collate "C" not null,
     revision bigint not null,
     id uuid not null,
     type text collate "C" not null,
     data text not null,
     meta text not null,
     at text collate "C" not null,
     unique (stream, revision),
     unique (stream, id)
   )`,
  `create function store.refuse_change() returns trigger language plpgsql as $$
   begin
     raise exception 'store.events is a history: % is not allowed', tg_op
       using hint = 'Correct a mistake by appending an event that says so.';
   end $$;
   create trigger history before update or delete or truncate on store.events
     for each statement execute function store.refuse_change()`,
];

/**
 * Brings the tables up to date. The caller holds the writer's lock, so nobody else migrates at the same time.
 * The role must own the schema `store`, or be allowed to create it (`grant create on database`).
 * @throws Error when the tables are newer than this program
 */
export async function migrate(client: Client): Promise<void> {
  const { rows } = await client.query(`select to_regnamespace('store') is null as missing`);
  if (rows[0].missing) await client.query('create schema store');
  await client.query('create table if not exists store.versions (version int primary key, at timestamptz not null)');
  const done = await client.query('select coalesce(max(version), 0) as version from store.versions');
  const version = Number(done.rows[0].version);
  if (version > steps.length) {
    throw new Error(`the event store has version ${version}, this program knows ${steps.length}: start the newer one`);
  }
  for (const [index, step] of steps.entries()) {
    if (index < version) continue;
    await client.query('begin');
    await client.query(step);
    await client.query('insert into store.versions values ($1, now())', [index + 1]);
    await client.query('commit');
  }
}
