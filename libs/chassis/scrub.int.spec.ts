// Each kind of damage is planted, and the scrub finds it, heals it with bytes that fit the signature, and says so; what
// nothing proves any more it leaves alone and says that. The peer is a real one: its feed over HTTP, mirror included.
import 'reflect-metadata';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { KeptAgency, evidence, evidenceName, keptSlices, peerSigner } from '#testing/kept-agency';
import { startTestPostgres } from '#testing/postgres';
import type { TestPostgres } from '#testing/postgres';
import { bundlePath, tilePath } from '#tlog/tile';
import { writeBundle } from '#tlog/bundle';
import { createFeedApp } from './feed-app';
import { Files } from './files';
import { freePorts } from './free-ports';
import { fsck, reportOf } from './fsck/run';
import { LogFeed } from './log.api';
import { openLog } from './logging';
import { Metrics } from './metrics';
import { MirrorFeed } from './mirror.api';
import { Pulse } from './pulse';
import { sampleClock } from './relay-sample';
import { Scrub } from './scrub';
import { loadPlace, scrubMigrations } from './scrub-tables';
import { stretchesOf } from './scrub-stretches';
import { WitnessFeed } from './witness/witness.api';

jest.setTimeout(120_000);

const flip = `create or replace function pg_temp.flip(bytes bytea) returns bytea language sql as
  $$ select set_byte(bytes, 40, get_byte(bytes, 40) # 1) $$;`;
let postgres: TestPostgres;
let kept: KeptAgency;
let peer: NestFastifyApplication;
let told: string[] = [];

beforeAll(async () => {
  postgres = await startTestPostgres();
  const port = await listen();
  kept = await KeptAgency.make(await postgres.fresh(), `http://127.0.0.1:${port}`, scrubMigrations);
  await kept.fill(450);
  await servePeer(port);
});
afterAll(async () => {
  await peer?.close();
  await kept?.end();
  await postgres?.stop();
});
beforeEach(async () => {
  told = [];
  await kept.database.query('delete from scrub.damage');
  await kept.database.query('delete from scrub.place');
});

async function listen(): Promise<number> {
  return (await freePorts(1))[0] as number;
}

/** The peer's feed: its own log as files, and, out of an inbox of its own, the mirror of the agency's log. */
async function servePeer(port: number): Promise<void> {
  const folder = join(kept.config.folder, 'peer');
  const other = await KeptAgency.make(await postgres.fresh());
  const rows = await kept.database.query('select index, id, bytes, hash from log.entry order by index');
  const frontier = (await kept.database.query('select frontier from log.head'))[0].frontier;
  const note = readFileSync(join(kept.folder, 'checkpoint'), 'utf8');
  await other.database.query(`insert into inbox.peer values ($1, 'inspection', 300, $2, $3, '', null)`, [
    kept.config.origin,
    frontier,
    note,
  ]);
  for (const { index, id, bytes, hash } of rows) {
    const values = [kept.config.origin, index, id, 'inspection.round-closed.v1', bytes, hash];
    await other.database.query(`insert into inbox.entry values ($1, $2, $3, $4, $5, $6, '')`, values);
  }
  // Both logs hold the same entries; the peer's is signed by the peer.
  const bundle = (from: number, to: number) =>
    writeBundle(rows.slice(from, to).map((row: { bytes: Buffer }) => row.bytes));
  for (const path of [tilePath(0, 0n), tilePath(0, 1n, 44), tilePath(1, 0n, 1)])
    put(folder, path, readFileSync(join(kept.folder, path)));
  put(folder, bundlePath(0n), bundle(0, 256));
  put(folder, bundlePath(1n, 44), bundle(256, 300));
  const [{ checkpoint }] = await kept.database.query('select checkpoint from inbox.peer');
  put(folder, 'checkpoint', Buffer.from(checkpoint));
  const files = new Files(join(folder, 'files'));
  await files.put(evidence, evidenceName);
  const feed = new LogFeed({
    ...{ folder, size: () => 300, pulse: new Pulse(), clock: sampleClock, selfCheck: undefined as never, files },
    peers: [{ vkey: () => Promise.resolve(kept.keys.vkey) }],
  });
  const nobody = { add: () => Promise.reject(new Error('none')), checkpoint: () => Promise.resolve(undefined) };
  peer = await createFeedApp({
    ...{ feed, witness: new WitnessFeed({ witness: nobody, vkey: '', folder }), metrics: new Metrics() },
    ...{ mirror: new MirrorFeed(other.database, [kept.config]), log: openLog('fatal', 'test') },
  });
  const close = peer.close.bind(peer);
  peer.close = async () => {
    await close();
    await other.end();
  };
  await peer.listen(port, '127.0.0.1');
}

function put(folder: string, path: string, bytes: Uint8Array): void {
  mkdirSync(join(folder, path, '..'), { recursive: true });
  writeFileSync(join(folder, path), bytes);
}

let now = 0;
function scrub(peers = kept.config.peers): Scrub {
  const { config, database, store, keys, folder } = kept;
  const filesFolder = join(config.folder, 'files');
  const stretches = stretchesOf({
    ...{ sql: database, store, key: keys.log, folder, filesFolder, files: new Files(filesFolder) },
    ...{ peers, peerKey: () => Promise.resolve(peerSigner), clock: sampleClock },
  });
  const silence = () => undefined;
  return new Scrub({
    ...{ sql: database, stretches, pace: 100_000, restMs: 3_600_000 },
    clock: () => new Date(Date.UTC(2026, 2, 2) + now++).toISOString(),
    log: { info: silence, warn: silence, error: (fields: object) => void told.push(JSON.stringify(fields)) },
    onDamage: (part, outcome) => void told.push(`${part} ${outcome}`),
  });
}

/** One whole pass. */
async function pass(peers = kept.config.peers): Promise<string> {
  const running = scrub(peers);
  for (let detail = ''; ; await new Promise((resolve) => setTimeout(resolve, 5))) {
    detail = await running.detail();
    if (!detail.includes(' ended')) continue;
    await running.stop();
    return detail;
  }
}

const whole = async (): Promise<boolean> => {
  const options = { config: kept.config, slices: keptSlices, views: false };
  return (await reportOf(fsck(options, { store: kept.store, database: kept.database }))).ok;
};

describe('the scrub', () => {
  it('finds nothing in what nobody touched, and remembers its pass', async () => {
    expect(await pass()).toBe('pass 1 ended; damage: 0 open, 0 healed');
    expect(await pass()).toBe('pass 2 ended; damage: 0 open, 0 healed');
    expect(told).toEqual([]);
  });

  const row = `${flip} update log.entry set bytes = pg_temp.flip(bytes) where index = 270`;
  const copy = `${flip} update inbox.entry set bytes = pg_temp.flip(bytes)`;
  const tile = () => kept.flip('log/tile/0/000', 9 * 32);
  const bundle = () => kept.flip('log/tile/entries/000', 200);
  const sql = (text: string) => () => kept.database.query(text);
  it.each<[string, string, string, () => unknown]>([
    ['a bit of a tile', 'files', 'here', tile],
    ['a bit of a bundle', 'files', 'here', bundle],
    ['a bit of an upper tile', 'files', 'here', () => kept.flip('log/tile/1/000.p/1', 5)],
    ['a tile that is gone', 'files', 'here', () => rmSync(join(kept.folder, 'tile/0/001.p/44'))],
    ['a bundle that is gone', 'files', 'here', () => rmSync(join(kept.folder, 'tile/entries/000'))],
    ['a bit of an entry', 'entries', 'here', sql(row)],
    ['the hash beside an entry', 'entries', 'here', sql(`update log.entry set hash = repeat('0', 64) where index = 3`)],
    ['a row that is gone', 'entries', 'here', sql('delete from log.entry where index = 256')],
    ['a bit of a peer’s entry', 'inbox', peerSigner.name, sql(`${copy} where index = 11`)],
    ['a peer’s row that is gone', 'inbox', peerSigner.name, sql('delete from inbox.entry where index = 299')],
    ['its type', 'inbox', 'here', sql(`update inbox.entry set type = 'x' where index = 12`)],
    [
      'a bit of an evidence file',
      'evidence',
      peerSigner.name,
      () => kept.flip(join('files', evidenceName.slice(0, 2), evidenceName.slice(2)), 3),
    ],
  ])('heals %s', async (_what, part, from, damage) => {
    await damage();
    expect(await whole()).toBe(false);
    expect(await pass()).toBe('pass 1 ended; damage: 0 open, 1 healed');
    expect(await whole()).toBe(true);
    expect(told[0]).toBe(`${part} healed`);
    expect(JSON.parse(told[1] as string)).toMatchObject({ part, from });
    const [damaged] = await kept.database.query('select part, healed_from from scrub.damage');
    expect(damaged).toEqual({ part, healed_from: from });
  });

  it('takes an entry that is damaged in row and bundle from the peer’s mirror', async () => {
    await kept.database.query(`${flip} update log.entry set bytes = pg_temp.flip(bytes) where index = 0`);
    bundle();
    expect(await pass()).toBe('pass 1 ended; damage: 0 open, 2 healed');
    expect(await whole()).toBe(true);
    expect(told[1]).toContain(`"from":"${peerSigner.name}"`);
  });

  it('takes it from there also when no copy of its leaf is left here', async () => {
    await kept.database.query(
      `${flip} update log.entry set bytes = pg_temp.flip(bytes), hash = repeat('1', 64) where index = 7`,
    );
    tile();
    bundle();
    expect(await pass()).toMatch(/pass 1 ended; damage: 0 open, [1-9]\d* healed/);
    expect(await whole()).toBe(true);
  });

  it('leaves alone what no copy proves, keeps saying so, and takes note when people have put it right', async () => {
    const [{ bytes, hash }] = await kept.database.query('select bytes, hash from log.entry where index = 7');
    await kept.database.query(
      `${flip} update log.entry set bytes = pg_temp.flip(bytes), hash = repeat('1', 64) where index = 7`,
    );
    const [tileBytes, bundleBytes] = ['tile/0/000', 'tile/entries/000'].map((path) =>
      readFileSync(join(kept.folder, path)),
    );
    tile();
    bundle();
    const before = readFileSync(join(kept.folder, 'tile/entries/000'));
    expect(await pass([])).toMatch(/pass 1 ended; damage: [1-9]\d* open, 0 healed/);
    expect(told.some((line) => line.includes('remedy'))).toBe(true);
    expect(readFileSync(join(kept.folder, 'tile/entries/000'))).toEqual(before);
    writeFileSync(join(kept.folder, 'tile/0/000'), tileBytes as Buffer);
    writeFileSync(join(kept.folder, 'tile/entries/000'), bundleBytes as Buffer);
    await kept.database.query('update log.entry set bytes = $1, hash = $2 where index = 7', [bytes, hash]);
    expect(await pass()).toMatch(/pass 2 ended; damage: 0 open, [1-9]\d* healed/);
    expect(await whole()).toBe(true);
  });

  it('goes on after a restart where it was', async () => {
    await kept.database.query(
      `insert into scrub.place (pass, begun_at, stretch, step) values (7, '2026-03-02T00:00:00.000Z', 'own', 1)`,
    );
    tile();
    expect(await pass()).toBe('pass 7 ended; damage: 0 open, 0 healed');
    expect(await loadPlace(kept.database)).toMatchObject({ pass: 7, stretch: 'evidence' });
    expect(await pass()).toBe('pass 8 ended; damage: 0 open, 1 healed');
  });
});
