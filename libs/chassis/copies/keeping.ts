// What the peers give of their events, sealed, is kept beside their entries: nobody here can open it, and it is there when
// a peer has lost its store. In the background: whoever gives no copies, or none now, is followed as before.
import { setTimeout as pause } from 'node:timers/promises';
import type { DataSource } from 'typeorm';
import { blobPass } from '#stream/blob-pass';
import { getBytes, NotServed } from '#stream/http-get';
import type { LogSink } from '#stream/log-sink';
import type { SigningKey } from '#tlog/key';
import { migration } from '../database';
import type { Sql } from '../database';
import type { Peer } from '../peers';
import { Wake } from '../pulse';
import type { Pulse } from '../pulse';
import { CopyFault, placeOfCopy } from './copy';
import { maxCopyBytes } from './making';

export const copyMigrations = [
  migration(
    2026120181,
    'Copies',
    `create table inbox.copy (
       origin text not null,
       first bigint not null,
       next bigint not null,
       bytes bytea not null,
       primary key (origin, first)
     );`,
  ),
];

export type KeepingParts = {
  readonly peers: readonly Pick<Peer, 'url' | 'origin'>[];
  /** The agency's own log key: it signs the passes. */
  readonly signer: SigningKey;
  readonly database: DataSource;
  readonly pulse: Pulse;
  /** RFC 3339 UTC. */
  readonly clock: () => string;
  readonly log: LogSink;
};

const silenceMs = 10_000;
// An event is published, cosigned and copied within the same second or two; many a second share one copy.
const gatherMs = 500;
const lookMs = 10_000;
const longestPauseMs = 60_000;
const turnMs = 20;

/** What a pass for a copy names (docs/spec/copies.md section 2). */
export function copyNamed(from: bigint): string {
  return `copy/${from}`;
}

/** Entries of a peer's log whose events are kept here. */
export async function copiedTo(sql: Sql, origin: string): Promise<bigint> {
  const [row] = await sql.query('select max(next) as next from inbox.copy where origin = $1', [origin]);
  return BigInt(row?.next ?? 0);
}

/** The kept copy in which the events of an entry are. */
export async function keptCopy(sql: Sql, origin: string, index: bigint): Promise<Buffer | undefined> {
  const [row] = await sql.query(
    'select bytes from inbox.copy where origin = $1 and first <= $2 and next > $2 order by first desc limit 1',
    [origin, String(index)],
  );
  return row?.bytes;
}

export class Keeping {
  private readonly stopped = new AbortController();
  private readonly running: Promise<unknown>;

  constructor(private readonly parts: KeepingParts) {
    this.running = Promise.all(parts.peers.map((peer) => this.keep(peer)));
  }

  async stop(): Promise<void> {
    this.stopped.abort();
    await this.running;
  }

  private async keep(peer: Pick<Peer, 'url' | 'origin'>): Promise<void> {
    const { pulse, log } = this.parts;
    const { signal } = this.stopped;
    const wake = new Wake(pulse, (beat) => beat.kind === 'inbox' && beat.origin === peer.origin, signal);
    for (let waitMs = lookMs; !signal.aborted;) {
      try {
        while (!signal.aborted && (await this.fetchNext(peer))) await turn(signal);
        waitMs = lookMs;
      } catch (error) {
        if (signal.aborted) return;
        // The peer or the database is away, or the peer gives none: nothing else here waits for it.
        const told = error instanceof NotServed ? 'info' : 'warn';
        log[told]({ origin: peer.origin, err: error }, 'copies of its events are not to be had now');
        waitMs = Math.min(2 * waitMs, longestPauseMs);
        // Hints come with each entry; whoever does not answer is not asked at each of them.
        await pause(waitMs, undefined, { signal }).catch(() => undefined);
        continue;
      }
      await wake.next(waitMs);
      await pause(gatherMs, undefined, { signal }).catch(() => undefined);
    }
  }

  /** @returns whether there was one to fetch */
  private async fetchNext({ url, origin }: Pick<Peer, 'url' | 'origin'>): Promise<boolean> {
    const { database, signer, clock } = this.parts;
    const from = await copiedTo(database, origin);
    const [held] = await database.query('select size from inbox.peer where origin = $1', [origin]);
    if (from >= BigInt(held?.size ?? 0)) return false;
    const headers = { authorization: blobPass(signer, copyNamed(from), clock()) };
    const place = `${url.replace(/\/+$/, '')}/log/copy/${from}`;
    const bytes = await getBytes(place, maxCopyBytes, { headers, silenceMs, signal: this.stopped.signal });
    const said = placeOfCopy(bytes);
    if (said.from !== from) throw new CopyFault(`${place} gives a copy from ${said.from}`);
    await database.query('insert into inbox.copy (origin, first, next, bytes) values ($1, $2, $3, $4)', [
      ...[origin, String(from), String(said.next)],
      Buffer.from(bytes),
    ]);
    return true;
  }
}

/** Between two copies of a long history others get their turn. */
async function turn(signal: AbortSignal): Promise<void> {
  await pause(turnMs, undefined, { signal }).catch(() => undefined);
}
