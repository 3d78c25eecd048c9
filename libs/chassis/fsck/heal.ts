// Puts a damaged copy right: with bytes that fit the signed root, from whichever other copy still has them, and with
// nothing else. What no copy proves is left as it is, for people.
import { randomUUID } from 'node:crypto';
import { mkdir, open, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { bundleEntries, BundleFault, writeBundle } from '#tlog/bundle';
import { equal, toHex } from '#tlog/bytes';
import { HASH_SIZE } from '#tlog/sha256';
import { bundlePath, parseTilePath, TILE_WIDTH, tilePath } from '#tlog/tile';
import type { LogSource } from '#tlog/log-reader';
import type { Sql } from '../database';
import { syncFolder } from '../durable';
import { leafAt, provenEntries } from './judge-rows';
import type { OwnLog } from './own-log';
import type { PeerLog } from './peer-log';

/** Another agency that holds the same log: its owner, or a mirror of it. */
export type Remote = { readonly name: string; readonly source: Pick<LogSource, 'bundle'> };

export type HealOwn = {
  readonly sql: Sql;
  readonly folder: string;
  /** Position in the store of the event behind an entry, for a row that is gone. */
  readonly positionOf: (entry: { readonly stream: string; readonly revision: number }) => Promise<bigint | undefined>;
  readonly remotes: readonly Remote[];
};

type Envelope = { readonly id: string; readonly type: string; readonly stream: string; readonly revision: number };
const width256 = BigInt(TILE_WIDTH);
const here = 'here';

/** @returns from where the bytes came: `here` or a peer's name; undefined when nothing could be proven */
export async function healOwnBundle({ sql, folder, positionOf, remotes }: HealOwn, log: OwnLog, n: bigint) {
  const truth = await log.leaves(n);
  if (!truth) return undefined;
  const { entries, from } = await complete(n, truth, await log.entries(n, truth), remotes);
  const rows = await log.rows.bundle(n, log.width(n));
  for (const [nth, bytes] of entries.entries()) {
    if (!bytes) continue;
    const hash = toHex(leafAt(truth, nth));
    const row = rows[nth];
    const entry = envelopeOf(bytes);
    if (row && row.hash === hash && row.id === entry.id && equal(row.bytes, bytes)) continue;
    const position = row?.position ?? (await positionOf(entry));
    if (position === undefined) continue;
    await sql.query(
      `insert into log.entry (index, id, position, bytes, hash) values ($1, $2, $3, $4, $5)
       on conflict (index) do update set id = excluded.id, bytes = excluded.bytes, hash = excluded.hash`,
      [String(n * width256 + BigInt(nth)), entry.id, String(position), Buffer.from(bytes), hash],
    );
  }
  log.rows.forget();
  const width = log.width(n);
  await putFile(folder, tilePath(0, n, width), truth);
  const whole = entries.filter((entry) => entry !== undefined);
  if (whole.length === width) await putFile(folder, bundlePath(n, width), writeBundle(whole));
  return from;
}

/** A tile above level 0, or a partial file of an earlier size. */
export async function healOwnFile(folder: string, log: OwnLog, path: string): Promise<string | undefined> {
  const name = parseTilePath(path);
  if (!name) return undefined;
  const { level, n, width } = name;
  const hashes = await log.tile(level === 'entries' ? 0 : level, n);
  if (!hashes) return undefined;
  const truth = hashes.subarray(0, width * HASH_SIZE);
  if (level !== 'entries') {
    await putFile(folder, path, truth);
    return here;
  }
  const entries = provenEntries(truth, [await log.entries(n, hashes)]).filter((entry) => entry !== undefined);
  if (entries.length !== width) return undefined;
  await putFile(folder, path, writeBundle(entries));
  return here;
}

export async function healPeerBundle(
  { sql, now, remotes }: { readonly sql: Sql; readonly now: string; readonly remotes: readonly Remote[] },
  log: PeerLog,
  n: bigint,
): Promise<string | undefined> {
  const truth = await log.leaves(n);
  if (!truth) return undefined;
  const rows = await log.rows.bundle(n, log.width(n));
  const ofRows = provenEntries(truth, [rows.map((row) => row?.bytes)]);
  const { entries, from } = await complete(n, truth, ofRows, remotes);
  for (const [nth, bytes] of entries.entries()) {
    if (!bytes) continue;
    const { id, type } = envelopeOf(bytes);
    const parameters = [log.origin, String(n * width256 + BigInt(nth)), id, type, Buffer.from(bytes)];
    await sql.query(
      `insert into inbox.entry as held (origin, index, id, type, bytes, hash, received_at)
       values ($1, $2, $3, $4, $5, $6, $7) on conflict (origin, index) do update
         set id = excluded.id, type = excluded.type, bytes = excluded.bytes, hash = excluded.hash
         where (held.id, held.type, held.bytes, held.hash)
           is distinct from (excluded.id, excluded.type, excluded.bytes, excluded.hash)`,
      [...parameters, toHex(leafAt(truth, nth)), now],
    );
  }
  log.rows.forget();
  return from;
}

/** Asks one holder after the other for what is missing here, and takes only entries that fit their proven leaf. */
async function complete(
  n: bigint,
  truth: Uint8Array,
  known: readonly (Uint8Array | undefined)[],
  remotes: readonly Remote[],
): Promise<{ entries: readonly (Uint8Array | undefined)[]; from: string }> {
  let entries = known;
  let from = here;
  for (const { name, source } of remotes) {
    if (!entries.includes(undefined)) break;
    const before = entries.filter((entry) => entry === undefined).length;
    // Out of reach, or not serving this now: the next one, or the next pass.
    const bundle = await source.bundle(n, truth.length / HASH_SIZE).catch(() => undefined);
    entries = provenEntries(truth, [entries, bundle ? entriesIn(bundle) : []]);
    if (entries.filter((entry) => entry === undefined).length < before) from = name;
  }
  return { entries, from };
}

function entriesIn(bundle: Uint8Array): Uint8Array[] {
  const entries: Uint8Array[] = [];
  try {
    for (const entry of bundleEntries(bundle)) entries.push(entry);
  } catch (error) {
    if (!(error instanceof BundleFault)) throw error;
  }
  return entries;
}

function envelopeOf(bytes: Uint8Array): Envelope {
  return JSON.parse(Buffer.from(bytes).toString('utf8')) as Envelope;
}

/** Whole and on disk under its name, or not there; readers meanwhile get the old bytes or the new ones. */
async function putFile(folder: string, path: string, bytes: Uint8Array): Promise<void> {
  const place = join(folder, path);
  // The relay's start clears what a crash leaves there.
  const draft = join(folder, '.temporary', randomUUID());
  await mkdir(dirname(draft), { recursive: true });
  await mkdir(dirname(place), { recursive: true });
  const file = await open(draft, 'wx', 0o644);
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(draft, place);
  await syncFolder(dirname(place));
}
