import 'reflect-metadata';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { DataSource } from 'typeorm';
import { MemoryStore } from '#store/memory/memory-store';
import { blobPass } from '#stream/blob-pass';
import { httpSource } from '#stream/http-source';
import { startTestPostgres } from '#testing/postgres';
import type { TestPostgres } from '#testing/postgres';
import { formatVkey, LOG_KEY_TYPE, signingKey } from '#tlog/key';
import { verifyLog } from '#tlog/log-reader';
import { Addresses } from './addresses';
import { blobMigrations, startBlobs } from './blobs';
import { openDatabase } from './database';
import { createFeedApp } from './feed-app';
import { Files } from './files';
import { LogFeed } from './log.api';
import { openLog } from './logging';
import { Metrics } from './metrics';
import { MirrorFeed } from './mirror.api';
import { inboxMigrations, startFollowers } from './peers';
import type { Peer, Peers } from './peers';
import { Pulse } from './pulse';
import { startRelay } from './relay';
import type { Relay } from './relay';
import { sampleClock, sampleEvent, sampleOrigin, samplePublishedIds, samplePublisher } from './relay-sample';
import { sampleSigner, silent } from './relay-sample';
import { logMigrations } from './relay-tables';
import { SelfCheck } from './self-check';
import { StoredTiles } from './witness/stored-tiles';
import { WitnessFeed } from './witness/witness.api';

jest.setTimeout(120_000);

const readerSigner = signingKey('commission.sanfang.example/events/v1', LOG_KEY_TYPE, new Uint8Array(32).fill(3));
/** This agency witnesses nobody here; its own witness has specs of its own. */
const nobodysWitness = {
  add: () => Promise.resolve({ status: 404, why: 'no log is known here' } as const),
  checkpoint: () => Promise.resolve(undefined),
};
const migrations = [...logMigrations, ...inboxMigrations, ...blobMigrations];
let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await startTestPostgres();
});
afterAll(() => postgres.stop());

async function database(url?: string): Promise<DataSource> {
  const where = url ?? (await postgres.fresh());
  return openDatabase({ url: where, applicationName: 'test', migrations, onPoolError: () => undefined });
}

/** The agency that publishes: store, relay and feed, each stopped and started at will. */
class Author {
  readonly store = new MemoryStore();
  readonly folder = mkdtempSync(join(tmpdir(), 'sanfang-feed-'));
  readonly files = new Files(join(this.folder, 'files'));
  readonly pulse = new Pulse();
  private relay: Relay | undefined;
  private app: NestFastifyApplication | undefined;
  private appended = 0;
  port = 0;
  private constructor(readonly database: DataSource) {}

  static async start(): Promise<Author> {
    const author = new Author(await database());
    await author.up();
    return author;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  get peer(): Peer {
    return {
      agency: 'inspection',
      url: this.url,
      origin: sampleOrigin,
      key: () => Promise.resolve(sampleSigner),
    };
  }

  async up(): Promise<void> {
    const log = join(this.folder, 'log');
    const publish = samplePublisher;
    const { store, pulse } = this;
    const parts = { store, database: this.database, publish, origin: sampleOrigin, folder: log, key: sampleSigner };
    const onFatal = (error: Error) => {
      throw error;
    };
    this.relay = await startRelay({ ...parts, signer: sampleSigner, pulse, clock: sampleClock, onFatal, log: silent });
    const feed = new LogFeed({
      folder: log,
      size: () => this.relay!.size(),
      pulse,
      clock: sampleClock,
      selfCheck: new SelfCheck(parts),
      peers: [{ key: () => Promise.resolve(readerSigner) }],
      files: this.files,
    });
    const witness = new WitnessFeed({ witness: nobodysWitness, vkey: '', folder: log });
    const mirror = new MirrorFeed(this.database, [], new StoredTiles(this.database, ''), sampleClock);
    this.app = await createFeedApp({ feed, witness, mirror, metrics: new Metrics(), log: openLog('fatal', 'test') });
    await this.app.listen(this.port, '127.0.0.1');
    this.port = Number(new URL(await this.app.getUrl()).port);
  }

  async down(): Promise<void> {
    await this.app?.close();
    await this.relay?.stop();
    this.app = this.relay = undefined;
  }

  async append(count: number): Promise<void> {
    for (let i = 0; i < count; i++) {
      const revision = this.appended === 0 ? 'no_stream' : BigInt(this.appended - 1);
      await this.store.append('round-1', [sampleEvent(this.appended++)], revision);
    }
  }

  async published(): Promise<string[]> {
    const ids = samplePublishedIds(this.appended);
    await until(() => this.relay!.size() === ids.length);
    return ids;
  }

  async close(): Promise<void> {
    await this.down();
    await this.database.destroy();
    rmSync(this.folder, { recursive: true });
  }
}

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  for (let tries = 0; !(await condition()); tries++) {
    if (tries > 6_000) throw new Error(`waited in vain until ${condition}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

function follow(author: Author, reader: DataSource, pulse = new Pulse()): Promise<Peers> {
  const own = { origin: readerSigner.name, size: () => 0 };
  return startFollowers({ peers: [author.peer], database: reader, pulse, clock: sampleClock, own, log: silent });
}

async function inboxIds(reader: DataSource): Promise<string[]> {
  const rows = await reader.query('select id from inbox.entry order by index');
  return rows.map(({ id }: { id: string }) => id);
}

/** The path goes out as it is written: fetch would tidy it up first. */
function rawStatus(port: number, path: string, headers: Record<string, string> = {}): Promise<number> {
  return new Promise((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port, path, headers }, (answer) => {
      answer.resume();
      resolve(answer.statusCode!);
    });
    asked.on('error', reject).end();
  });
}

describe('the feed', () => {
  it('offers a log that an outsider can verify, and nothing beside it', async () => {
    const author = await Author.start();
    await author.append(400);
    await author.published();
    const source = httpSource(`${author.url}/log`);
    const verified = await verifyLog(source, { vkey: formatVkey(sampleSigner) });
    expect(verified.entries).toBe(267n);
    const head = await fetch(`${author.url}/log/checkpoint`);
    expect(head.headers.get('content-type')).toBe('text/plain; charset=utf-8');
    expect(head.headers.get('cache-control')).toBe('no-cache');
    const tile = await fetch(`${author.url}/log/tile/0/000`);
    expect(tile.headers.get('content-type')).toBe('application/octet-stream');
    expect(tile.headers.get('cache-control')).toContain('immutable');
    expect((await tile.arrayBuffer()).byteLength).toBe(8_192);
    expect(await (await fetch(`${author.url}/log/vkey`)).text()).toBe(`${formatVkey(sampleSigner)}\n`);
    const beyond = ['0/001', '0/000.p/255', '0/001.p/12', 'entries/002', '7/000', '0/0', '0/x000/000'];
    const outside = [
      '..%2f..%2fcheckpoint',
      '../../../etc/passwd',
      '%2e%2e/checkpoint',
      '0/000%00',
      '0/000/../000',
      '',
    ];
    for (const path of [...beyond, ...outside]) expect(await rawStatus(author.port, `/log/tile/${path}`)).toBe(404);
    source.close();
    await author.close();
  });

  it('gives evidence files to a peer who proves who he is', async () => {
    const author = await Author.start();
    const bytes = Buffer.from('一份佐证材料');
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    await author.files.put(bytes, sha256);
    const path = `/log/blob/${sha256}`;
    expect(await rawStatus(author.port, path)).toBe(401);
    expect(await rawStatus(author.port, path, { authorization: blobPass(sampleSigner, sha256, sampleClock()) })).toBe(
      401,
    );
    const late = blobPass(readerSigner, sha256, '2026-03-02T00:50:00.000Z');
    expect(await rawStatus(author.port, path, { authorization: late })).toBe(401);
    const pass = { authorization: blobPass(readerSigner, sha256, sampleClock()) };
    const answer = await fetch(author.url + path, { headers: pass });
    expect(Buffer.from(await answer.arrayBuffer()).equals(bytes)).toBe(true);
    const none = 'f'.repeat(64);
    const other = { authorization: blobPass(readerSigner, none, sampleClock()) };
    expect(await rawStatus(author.port, `/log/blob/${none}`, other)).toBe(404);
    await author.close();
  });
});

describe('the specification', () => {
  it('shows the very note that this code writes', () => {
    const page = readFileSync(join(__dirname, '../../docs/spec/feed.md'), 'utf8');
    const pass = blobPass(readerSigner, 'a'.repeat(64), sampleClock()).replace('Sanfang-Note ', '');
    expect(page).toContain(Buffer.from(pass, 'base64').toString('utf8'));
  });
});

describe('a peer', () => {
  it('is followed through the wake-up stream, and caught up with after either side was down', async () => {
    const author = await Author.start();
    const reader = await database();
    const pulse = new Pulse();
    const told: number[] = [];
    pulse.beats.subscribe((beat) => beat.kind === 'inbox' && told.push(beat.size));
    let peers = await follow(author, reader, pulse);
    await author.append(30);
    const size = (wanted: number) => () => peers.states()[0]!.size === wanted;
    await until(size(20));
    expect(peers.states()[0]).toMatchObject({ agency: 'inspection', origin: sampleOrigin, message: '' });
    expect(peers.seen()).toEqual({ [sampleOrigin]: 20 });
    expect(told.at(-1)).toBe(20);

    await author.down();
    await until(() => peers.states()[0]!.state === 'unreachable');
    expect(peers.states()[0]!.message).toContain('暂时读不到对方的日志');
    expect(peers.states()[0]!.detail).toMatch(/ECONN|hang up/);
    await author.append(300);
    await author.up();
    await until(size(220));

    await peers.stop();
    await author.append(4_500);
    await author.published();
    peers = await follow(author, reader);
    expect(peers.seen()).toEqual({ [sampleOrigin]: 220 });
    await until(size(3_220));
    expect(await inboxIds(reader)).toEqual(await author.published());
    await until(() => peers.states()[0]!.state === 'following');

    const id = samplePublishedIds(9)[4]!;
    const address = (await new Addresses(reader, readerSigner.name).find([id, sampleEvent(2).id])).get(id)!;
    const own = (await new Addresses(author.database, sampleOrigin).find([id])).get(id)!;
    expect(address).toEqual(own);
    expect(address).toMatchObject({ origin: sampleOrigin, index: 4, at: expect.stringMatching(/Z$/) });
    await peers.stop();
    await reader.destroy();
    await author.close();
  });

  it('has its evidence fetched in the background, false bytes never', async () => {
    const author = await Author.start();
    const reader = await database();
    const [held, later] = ['甲', '乙'].map((text) => {
      const bytes = Buffer.from(text);
      return { bytes, sha256: createHash('sha256').update(bytes).digest('hex') };
    });
    await author.files.put(held!.bytes, held!.sha256);
    // What the follower would have stored; the relay's sample events name no files.
    await reader.query(`insert into inbox.peer values ($1, 'inspection', 2, '', '', '', null)`, [sampleOrigin]);
    for (const [index, { sha256 }] of [held!, later!].entries()) {
      await reader.query(
        `insert into inbox.entry values ($1, $2, gen_random_uuid(), 'inspection.evidence-attached.v1', $3, '', '')`,
        [sampleOrigin, index, Buffer.from(JSON.stringify({ data: { sha256 } }))],
      );
    }
    const folder = mkdtempSync(join(tmpdir(), 'sanfang-blobs-'));
    const files = new Files(folder);
    const clock = sampleClock;
    const parts = { peers: [author.peer], signer: readerSigner, database: reader, files, clock, log: silent };
    const blobs = startBlobs({ ...parts, pulse: new Pulse() });
    await until(() => files.has(held!.sha256));
    expect(await blobs.fetchNow(later!.sha256)).toBe(false);
    await author.files.put(later!.bytes, later!.sha256);
    expect(await blobs.fetchNow(later!.sha256)).toBe(true);
    expect((await files.read(later!.sha256)).equals(later!.bytes)).toBe(true);
    await until(async () => (await reader.query('select from files.blob_wanted')).length === 0);
    const wrong = createHash('sha256').update('丙').digest('hex');
    const place = join(author.folder, 'files', wrong.slice(0, 2));
    await author.files.put(Buffer.from('丙'), wrong);
    writeFileSync(join(place, wrong.slice(2)), '丁');
    expect(await blobs.fetchNow(wrong)).toBe(false);
    expect(await files.has(wrong)).toBe(false);
    await blobs.stop();
    rmSync(folder, { recursive: true });
    await reader.destroy();
    await author.close();
  });
});

describe('the self-check', () => {
  const change = `create or replace function pg_temp.flip(bytes bytea) returns bytea language sql as
    $$ select set_byte(bytes, 40, get_byte(bytes, 40) # 1) $$;`;

  async function verdictAfter(sql: string, file?: string): Promise<unknown> {
    const author = await Author.start();
    await author.append(450);
    await author.published();
    const asked = () => fetch(`${author.url}/log/self-check`).then((answer) => answer.json());
    expect(await asked()).toEqual({ size: 300, ok: true });
    await author.down();
    if (sql) await author.database.query(change + sql);
    if (file) {
      const path = join(author.folder, 'log', file);
      const bytes = readFileSync(path);
      bytes[9 * 32 + 1]! ^= 1;
      writeFileSync(path, bytes);
    }
    const parts = { store: author.store, database: author.database, publish: samplePublisher, key: sampleSigner };
    const verdict = await new SelfCheck({ ...parts, folder: join(author.folder, 'log') }).verdict();
    await author.close();
    return verdict;
  }

  it('names the entry of which a byte was changed, in rows or files', async () => {
    expect(await verdictAfter('update log.entry set bytes = pg_temp.flip(bytes) where index = 270')).toMatchObject({
      ok: false,
      index: 270,
    });
    expect(await verdictAfter('delete from log.entry where index = 3')).toMatchObject({ ok: false, index: 3 });
    expect(await verdictAfter('', 'tile/0/000')).toMatchObject({ ok: false, index: 9 });
    expect(await verdictAfter('', 'tile/entries/000')).toMatchObject({ ok: false });
  });

  it('names the entry of which a byte was changed in a file of an earlier size', async () => {
    const author = await Author.start();
    await author.append(30);
    await author.published();
    const folder = join(author.folder, 'log');
    const full = join(folder, 'tile/0/000.p/20');
    const parts = { store: author.store, database: author.database, publish: samplePublisher, key: sampleSigner };
    const verdict = () => new SelfCheck({ ...parts, folder }).verdict();
    const earlier = Buffer.from(readFileSync(full).subarray(0, 12 * 32));
    writeFileSync(join(folder, 'tile/0/000.p/12'), earlier);
    expect(await verdict()).toEqual({ size: 20, ok: true });
    earlier[9 * 32 + 1]! ^= 1;
    writeFileSync(join(folder, 'tile/0/000.p/12'), earlier);
    expect(await verdict()).toMatchObject({ ok: false, index: 9 });
    await author.close();
  });

  it('names the entry behind which the stored event was changed, or has none', async () => {
    const author = await Author.start();
    await author.append(30);
    await author.published();
    const real = author.store;
    const parts = { database: author.database, publish: samplePublisher, key: sampleSigner };
    const folder = join(author.folder, 'log');
    const verdictOf = (spoil: (event: { data: object; id: string }) => object | undefined) => {
      const readAll = async function* () {
        for await (const event of real.readAll()) {
          const spoiled = spoil(event);
          if (spoiled) yield spoiled;
        }
      };
      return new SelfCheck({ ...parts, folder, store: { readAll } as never }).verdict();
    };
    const at = sampleEvent(6).id;
    expect(await verdictOf((event) => event)).toEqual({ size: 20, ok: true });
    expect(await verdictOf((event) => (event.id === at ? { ...event, data: { roundId: 'x' } } : event))).toEqual({
      size: 20,
      ok: false,
      index: 4,
      fault: 'event',
      what: 'the stored event was changed: it does not fit its published commitment',
    });
    expect(await verdictOf((event) => (event.id === at ? undefined : event))).toMatchObject({ ok: false, index: 4 });
    await author.close();
  });

  it("names the peer's entry of which the copy was changed", async () => {
    const author = await Author.start();
    const reader = await database();
    const peers = await follow(author, reader);
    await author.append(30);
    await until(() => peers.states()[0]!.size === 20);
    await peers.stop();
    const parts = { store: new MemoryStore(), database: reader, publish: samplePublisher, key: readerSigner };
    const check = () => new SelfCheck({ ...parts, folder: author.folder }).verdict();
    expect(await check()).toEqual({ size: 0, ok: true });
    await reader.query(`${change} update inbox.entry set bytes = pg_temp.flip(bytes) where index = 11`);
    expect(await check()).toMatchObject({ ok: false, origin: sampleOrigin, index: 11 });
    await reader.destroy();
    await author.close();
  });
});
