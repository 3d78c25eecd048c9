// The peer of a `KeptAgency`, over HTTP: a feed with its own log as files, the mirror of the agency's log out of an inbox
// of its own, the evidence file, and what its witness says.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { DataSource } from 'typeorm';
import { createFeedApp } from '#chassis/feed-app';
import { Files } from '#chassis/files';
import { LogFeed } from '#chassis/log.api';
import { openLog } from '#chassis/logging';
import { Metrics } from '#chassis/metrics';
import { MirrorFeed } from '#chassis/mirror.api';
import { Pulse } from '#chassis/pulse';
import { sampleClock } from '#chassis/relay-sample';
import { WitnessFeed } from '#chassis/witness/witness.api';
import { StoredTiles } from '#chassis/witness/stored-tiles';
import { writeBundle } from '#tlog/bundle';
import { bundlePath, growthNames, tilePath } from '#tlog/tile';
import { KeptAgency, evidence, evidenceName } from './kept-agency';

type Row = { readonly index: string; readonly id: string; readonly bytes: Buffer; readonly hash: string };

export class KeptPeer {
  /** What its witness shows of the agency's log, if anything. */
  cosigned: Buffer | undefined;

  private constructor(
    private readonly other: KeptAgency,
    private readonly app: NestFastifyApplication,
  ) {}

  get database(): DataSource {
    return this.other.database;
  }

  /** @param agency filled before @param url of an empty database */
  static async serve(agency: KeptAgency, url: string, port: number): Promise<KeptPeer> {
    const other = await KeptAgency.make(url);
    const rows: Row[] = await agency.database.query('select index, id, bytes, hash from log.entry order by index');
    await follow(other.database, agency, rows);
    const folder = join(other.config.folder, 'log');
    await writeOwnLog(folder, agency, rows);
    const files = new Files(join(other.config.folder, 'files'));
    await files.put(evidence, evidenceName);
    const feed = new LogFeed({
      ...{
        folder,
        size: () => rows.length,
        pulse: new Pulse(),
        clock: sampleClock,
        selfCheck: undefined as never,
        files,
      },
      peers: [{ key: () => Promise.resolve(agency.keys.log) }],
    });
    const witness = {
      add: () => Promise.reject(new Error('nobody asks for this')),
      checkpoint: () => Promise.resolve(peer.cosigned),
    };
    const tiles = new StoredTiles(other.database, '');
    const app = await createFeedApp({
      ...{ feed, witness: new WitnessFeed({ witness, vkey: '', folder }), metrics: new Metrics() },
      ...{
        mirror: new MirrorFeed(
          other.database,
          [{ origin: agency.config.origin, key: () => Promise.resolve(agency.keys.log) }],
          tiles,
          () => new Date().toISOString(),
        ),
        log: openLog('fatal', 'test'),
      },
    });
    const peer = new KeptPeer(other, app);
    await app.listen(port, '127.0.0.1');
    return peer;
  }

  async end(): Promise<void> {
    await this.app.close();
    await this.other.end();
  }
}

/** As its follower would have stored it. */
async function follow(database: DataSource, agency: KeptAgency, rows: readonly Row[]): Promise<void> {
  const [{ frontier }] = await agency.database.query('select frontier from log.head');
  const note = readFileSync(join(agency.folder, 'checkpoint'), 'utf8');
  const { origin } = agency.config;
  const peer = [origin, rows.length, frontier, note];
  await database.query(`insert into inbox.peer values ($1, 'inspection', $2, $3, $4, '', null)`, peer);
  for (const { index, id, bytes, hash } of rows) {
    const values = [origin, index, id, 'inspection.round-closed.v1', bytes, hash];
    await database.query(`insert into inbox.entry values ($1, $2, $3, $4, $5, $6, '')`, values);
  }
}

/** Both logs hold the same entries; the peer's is signed by the peer. */
async function writeOwnLog(folder: string, agency: KeptAgency, rows: readonly Row[]): Promise<void> {
  const put = (path: string, bytes: Uint8Array): void => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), bytes);
  };
  for (const { level, n, width } of growthNames(0n, BigInt(rows.length))) {
    const first = Number(n) * 256;
    if (level === 'entries') {
      put(bundlePath(n, width), writeBundle(rows.slice(first, first + width).map(({ bytes }) => bytes)));
    } else put(tilePath(level, n, width), readFileSync(join(agency.folder, tilePath(level, n, width))));
  }
  const [{ checkpoint }] = await agency.database.query('select checkpoint from inbox.peer');
  put('checkpoint', Buffer.from(checkpoint));
}
