// Brings the evidence files that the peers' entries name by hash into this agency's own folder, in the background: a
// file that is missing, slow or false at a peer holds up nothing, and what arrives is what the signed entry named.
import { performance } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import type { DataSource } from 'typeorm';
import { blobPass } from '#stream/blob-pass';
import { getBytes } from '#stream/http-get';
import type { LogSink } from '#stream/log-sink';
import type { SigningKey } from '#tlog/key';
import { migration } from './database';
import type { Files } from './files';
import type { Peer } from './peers';
import { Wake } from './pulse';
import type { Pulse } from './pulse';

export const blobMigrations = [
  migration(
    2026112441,
    'Blob',
    `create schema if not exists files;
     create table files.blob_cursor (origin text primary key, index bigint not null);
     create table files.blob_wanted (sha256 text primary key, origin text not null, index bigint not null);`,
  ),
];

export type BlobsParts = {
  readonly peers: readonly Pick<Peer, 'url' | 'origin'>[];
  /** The agency's own log key: it signs the passes. */
  readonly signer: SigningKey;
  readonly database: DataSource;
  readonly files: Pick<Files, 'claim' | 'put'>;
  readonly pulse: Pulse;
  /** RFC 3339 UTC. */
  readonly clock: () => string;
  readonly log: LogSink;
  /** Largest file that is taken from a peer; 100 MiB if absent. */
  readonly maxBytes?: number;
};

export interface Blobs {
  /** Fetches a file that some peer's entry names, now; false when no peer gives it. */
  fetchNow(sha256: string): Promise<boolean>;
  stop(): Promise<void>;
}

type Wanted = { readonly sha256: string; readonly origin: string };

const naming = 'inspection.evidence-attached.v1';
const pageEntries = 500;
const silenceMs = 10_000;
const lookMs = 10_000;
const gatherMs = 200;
const firstPauseMs = 500;
const longestPauseMs = 60_000;

/** Starts the background fetch; resolves at once, whether the peers are there or not. */
export function startBlobs(parts: BlobsParts): Blobs {
  return new RunningBlobs(parts);
}

class RunningBlobs implements Blobs {
  private readonly stopped = new AbortController();
  private readonly running: Promise<void>;
  /** When a file that could not be had is asked for again. */
  private readonly retries = new Map<string, { readonly at: number; readonly pauseMs: number }>();

  constructor(private readonly parts: BlobsParts) {
    this.running = this.run();
  }

  async fetchNow(sha256: string): Promise<boolean> {
    const { peers, files, database } = this.parts;
    if (await files.claim(sha256)) return true;
    const [named] = await database.query('select origin from files.blob_wanted where sha256 = $1', [sha256]);
    const first = peers.filter(({ origin }) => origin === named?.origin);
    for (const peer of [...first, ...peers.filter((one) => !first.includes(one))]) {
      if (await this.fetch(peer, sha256)) return true;
    }
    return false;
  }

  async stop(): Promise<void> {
    this.stopped.abort();
    await this.running;
  }

  private async run(): Promise<void> {
    const { log, pulse } = this.parts;
    const { signal } = this.stopped;
    const wake = new Wake(pulse, ({ kind }) => kind === 'inbox', signal);
    while (!signal.aborted) {
      let waiting = true;
      try {
        await this.noteWanted();
        waiting = await this.fetchWanted();
      } catch (error) {
        // The database is away or the disk is full: both pass, and what is wanted is still written down.
        log.warn({ err: error }, 'fetching evidence files waits');
      }
      await wake.next(waiting ? firstPauseMs : lookMs);
      // Entries come many a second, files seldom: one look serves all that came meanwhile.
      await pause(gatherMs, undefined, { signal }).catch(() => undefined);
    }
  }

  /** Writes down which files new entries name; names and cursor move in one statement. */
  private async noteWanted(): Promise<void> {
    const { database, peers } = this.parts;
    for (const { origin } of peers) {
      for (let more = true; more && !this.stopped.signal.aborted;) {
        const rows: { index: string; bytes: Buffer }[] = await database.query(
          `select index, bytes from inbox.entry
           where origin = $1 and type = $2
             and index >= coalesce((select index from files.blob_cursor where origin = $1), 0)
           order by index limit $3`,
          [origin, naming, pageEntries],
        );
        const named = rows.flatMap(({ index, bytes }) => nameIn(bytes).map((sha256) => ({ index, sha256 })));
        if (rows.length > 0) await this.note(origin, named, BigInt(rows[rows.length - 1]!.index) + 1n);
        more = rows.length === pageEntries;
      }
    }
  }

  private async note(origin: string, named: readonly { index: string; sha256: string }[], cursor: bigint) {
    await this.parts.database.query(
      `with moved as (
         insert into files.blob_cursor (origin, index) values ($1, $2)
         on conflict (origin) do update set index = excluded.index
       )
       insert into files.blob_wanted (sha256, origin, index)
       select sha256, $1, index from unnest($3::text[], $4::bigint[]) as named (sha256, index) on conflict do nothing`,
      [origin, String(cursor), named.map(({ sha256 }) => sha256), named.map(({ index }) => index)],
    );
  }

  /** Tries what is due. @returns whether something is still wanted */
  private async fetchWanted(): Promise<boolean> {
    const { database, peers, files } = this.parts;
    const wanted: Wanted[] = await database.query('select sha256, origin from files.blob_wanted order by index');
    let waiting = false;
    for (const { sha256, origin } of wanted) {
      if (this.stopped.signal.aborted) return false;
      const peer = peers.find((one) => one.origin === origin);
      const due = performance.now() >= (this.retries.get(sha256)?.at ?? 0);
      // Claimed, not looked at: an upload of the same bytes that is refused takes its file away again.
      if ((await files.claim(sha256)) || (due && peer && (await this.fetch(peer, sha256)))) {
        await database.query('delete from files.blob_wanted where sha256 = $1', [sha256]);
        this.retries.delete(sha256);
        continue;
      }
      waiting = true;
      if (due) this.putOff(sha256);
    }
    return waiting;
  }

  private putOff(sha256: string): void {
    const pauseMs = Math.min(2 * (this.retries.get(sha256)?.pauseMs ?? firstPauseMs / 2), longestPauseMs);
    this.retries.set(sha256, { at: performance.now() + pauseMs, pauseMs });
  }

  private async fetch(peer: Pick<Peer, 'url' | 'origin'>, sha256: string): Promise<boolean> {
    const { signer, clock, files, log, maxBytes = 104_857_600 } = this.parts;
    let bytes: Uint8Array;
    try {
      const headers = { authorization: blobPass(signer, sha256, clock()) };
      const { signal } = this.stopped;
      bytes = await getBytes(`${peer.url.replace(/\/+$/, '')}/log/blob/${sha256}`, maxBytes, {
        headers,
        silenceMs,
        signal,
      });
    } catch (error) {
      log.info({ origin: peer.origin, sha256, err: error }, 'the peer does not give this file now');
      return false;
    }
    try {
      await files.put(bytes, sha256);
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== undefined) throw error;
      log.warn({ origin: peer.origin, sha256, err: error }, 'the peer gave other bytes than its entry names');
      return false;
    }
  }
}

/** The hash that an entry names; none when it is not as promised, which the views report. */
function nameIn(bytes: Buffer): string[] {
  const { data } = JSON.parse(bytes.toString('utf8')) as { data?: { sha256?: unknown } };
  return typeof data?.sha256 === 'string' && /^[0-9a-f]{64}$/.test(data.sha256) ? [data.sha256] : [];
}
