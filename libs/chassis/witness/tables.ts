// The witness in the database: what this agency has cosigned last for each log, which must never go back, and every
// cosigned checkpoint that it has met. Two checkpoints that contradict each other prove misconduct, so the texts are
// kept as they were signed.
import { nothingCosigned } from '#tlog/witness';
import { toBase64 } from '#tlog/bytes';
import { migration } from '../database';
import type { Sql } from '../database';

export const witnessMigrations = [
  migration(
    2026113001,
    'Witness',
    `create schema if not exists witness;
     create table witness.state (
       origin text primary key,
       size bigint not null,
       root text not null,
       note text not null,
       cosigned_at bigint not null
     );
     create table witness.cosignature (
       nth bigint generated always as identity primary key,
       origin text not null,
       witness text not null,
       size bigint not null,
       root text not null,
       time bigint not null,
       note text not null,
       unique (origin, witness, size, root)
     );
     create index cosignature_by_size on witness.cosignature (origin, size);`,
  ),
];

/** Of each log; a small one signs some thousands of checkpoints a year. The oldest go first, the newest never. */
const keptCheckpoints = 20_000;
const pruneEvery = 500;

export type CosignedRow = {
  readonly origin: string;
  /** Name of the witness's key. */
  readonly witness: string;
  readonly size: bigint;
  /** base64 */
  readonly root: string;
  /** POSIX seconds, as the witness signed it. */
  readonly time: bigint;
  /** The log's signature and this witness's. */
  readonly note: Uint8Array;
};

/** Locks a log's state until the transaction ends, so that two requests for one size cannot both be granted. */
export async function lockState(sql: Sql, origin: string): Promise<{ size: bigint; root: string }> {
  const { size, root } = nothingCosigned;
  await sql.query(
    `insert into witness.state (origin, size, root, note, cosigned_at) values ($1, $2, $3, '', 0) on conflict do nothing`,
    [origin, String(size), toBase64(root)],
  );
  const [row] = await sql.query('select size, root from witness.state where origin = $1 for update', [origin]);
  return { size: BigInt(row.size), root: row.root };
}

export async function lastState(sql: Sql, origin: string): Promise<{ size: bigint; root: string } | undefined> {
  const [row] = await sql.query('select size, root from witness.state where origin = $1', [origin]);
  return row && { size: BigInt(row.size), root: row.root };
}

/** The last cosigned checkpoint of a log with both signatures; undefined before the first. */
export async function lastNote(sql: Sql, origin: string): Promise<Uint8Array | undefined> {
  const [row] = await sql.query(`select note from witness.state where origin = $1 and note <> ''`, [origin]);
  return row && Buffer.from(row.note, 'utf8');
}

/** Moves the state on; the caller holds its lock. */
export async function moveState(sql: Sql, { origin, size, root, time, note }: CosignedRow): Promise<void> {
  await sql.query('update witness.state set size = $2, root = $3, note = $4, cosigned_at = $5 where origin = $1', [
    origin,
    String(size),
    root,
    Buffer.from(note).toString('utf8'),
    String(time),
  ]);
}

/** Keeps a cosigned checkpoint; the same twice is kept once, with its first time. */
export async function keepCosigned(sql: Sql, row: CosignedRow): Promise<void> {
  const { origin, witness, size, root, time, note } = row;
  const [kept] = await sql.query(
    `insert into witness.cosignature (origin, witness, size, root, time, note) values ($1, $2, $3, $4, $5, $6)
     on conflict do nothing returning nth`,
    [origin, witness, String(size), root, String(time), Buffer.from(note).toString('utf8')],
  );
  if (!kept || Number(kept.nth) % pruneEvery !== 0) return;
  await sql.query(
    `delete from witness.cosignature where origin = $1 and nth <=
       (select nth from witness.cosignature where origin = $1 order by nth desc offset $2 limit 1)`,
    [origin, keptCheckpoints],
  );
}

export async function newestCosigned(sql: Sql): Promise<CosignedRow[]> {
  const rows = await sql.query(
    `select distinct on (origin, witness) origin, witness, size, root, time, note
     from witness.cosignature order by origin, witness, size desc, nth desc`,
  );
  return rows.map(rowOf);
}

export async function cosignedAt(sql: Sql, origin: string, size: bigint): Promise<CosignedRow[]> {
  const rows = await sql.query('select * from witness.cosignature where origin = $1 and size = $2 order by nth', [
    origin,
    String(size),
  ]);
  return rows.map(rowOf);
}

/** Sizes of a log worth showing with their lines: the one that most witnesses cosigned, then the newest. */
export async function sizesMostCosigned(sql: Sql, origin: string): Promise<bigint[]> {
  const rows: { size: string }[] = await sql.query(
    `select size from witness.cosignature where origin = $1 group by size order by count(*) desc, size desc limit 1`,
    [origin],
  );
  const [newest]: { size: string | null }[] = await sql.query(
    'select max(size) as size from witness.cosignature where origin = $1',
    [origin],
  );
  return [...rows.map(({ size }) => size), newest?.size ?? '0'].map(BigInt);
}

type Stored = { origin: string; witness: string; size: string; root: string; time: string; note: string };

function rowOf({ origin, witness, size, root, time, note }: Stored): CosignedRow {
  return { origin, witness, size: BigInt(size), root, time: BigInt(time), note: Buffer.from(note, 'utf8') };
}
