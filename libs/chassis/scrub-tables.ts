// How far the scrub is, and what it found: rows of the agency's database, so that a restart goes on where it was and
// nobody has to search old records of the log for what was damaged.
import { partOf, placeOf } from './fsck/finding';
import type { Finding } from './fsck/finding';
import { migration } from './database';
import type { Sql } from './database';

export const scrubMigrations = [
  migration(
    2026120111,
    'Scrub',
    `create schema if not exists scrub;
     create table scrub.place (
       one boolean primary key default true check (one),
       pass bigint not null,
       begun_at text not null,
       stretch text not null,
       step bigint not null,
       ended_at text
     );
     create table scrub.damage (
       nth bigint generated always as identity primary key,
       part text not null,
       place text not null,
       fault text not null,
       what text not null,
       found_at text not null,
       seen_at text not null,
       healed_at text,
       healed_from text
     );
     create unique index open_damage on scrub.damage (part, place, fault) where healed_at is null;`,
  ),
];

/** `stretch` names a part of the pass, `step` what is next in it. */
export type Place = {
  readonly pass: number;
  readonly begunAt: string;
  readonly stretch: string;
  readonly step: bigint;
  readonly endedAt: string | undefined;
};

export async function loadPlace(sql: Sql): Promise<Place | undefined> {
  const [row] = await sql.query('select pass, begun_at, stretch, step, ended_at from scrub.place');
  if (!row) return undefined;
  const { pass, begun_at: begunAt, stretch, step, ended_at: endedAt } = row;
  return { pass: Number(pass), begunAt, stretch, step: BigInt(step), endedAt: endedAt ?? undefined };
}

export async function savePlace(sql: Sql, { pass, begunAt, stretch, step, endedAt }: Place): Promise<void> {
  await sql.query(
    `insert into scrub.place (pass, begun_at, stretch, step, ended_at) values ($1, $2, $3, $4, $5)
     on conflict (one) do update set pass = excluded.pass, begun_at = excluded.begun_at, stretch = excluded.stretch,
       step = excluded.step, ended_at = excluded.ended_at`,
    [pass, begunAt, stretch, String(step), endedAt ?? null],
  );
}

/** Keeps an incident. @returns false when the same damage was known and is still open */
export async function noteDamage(
  sql: Sql,
  finding: Finding,
  at: string,
  healedFrom: string | undefined,
): Promise<boolean> {
  const [row] = await sql.query(
    `insert into scrub.damage (part, place, fault, what, found_at, seen_at) values ($1, $2, $3, $4, $5, $5)
     on conflict (part, place, fault) where healed_at is null do update set seen_at = excluded.seen_at
     returning nth, found_at = seen_at as fresh`,
    [partOf(finding), placeOf(finding), finding.fault, finding.what, at],
  );
  if (healedFrom !== undefined) {
    await sql.query('update scrub.damage set healed_at = $2, healed_from = $3 where nth = $1', [
      row.nth,
      at,
      healedFrom,
    ]);
  }
  return row.fresh;
}

/** After a whole pass: what it did not meet again was put right by somebody. */
export async function closeUnseen(sql: Sql, begunAt: string, at: string): Promise<void> {
  await sql.query(
    `update scrub.damage set healed_at = $2, healed_from = 'elsewhere' where healed_at is null and seen_at < $1`,
    [begunAt, at],
  );
}

export async function countDamage(sql: Sql): Promise<{ readonly open: number; readonly healed: number }> {
  const [row] = await sql.query(
    `select count(*) filter (where healed_at is null)::int as open,
       count(*) filter (where healed_at is not null)::int as healed from scrub.damage`,
  );
  return { open: row.open, healed: row.healed };
}
