// Each kind of damage is planted, and the scrub finds it, heals it with bytes that fit the signature, and says so; what
// nothing proves any more it leaves alone and says that. The peer is a real one: its feed over HTTP, mirror included.
import 'reflect-metadata';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { KeptAgency, evidenceName, keptSlices, peerSigner } from '#testing/kept-agency';
import { KeptPeer } from '#testing/kept-peer';
import { startTestPostgres } from '#testing/postgres';
import type { TestPostgres } from '#testing/postgres';
import { Files } from './files';
import { freePorts } from './free-ports';
import { fsck, reportOf } from './fsck/run';
import { sampleClock } from './relay-sample';
import { Scrub } from './scrub';
import { loadPlace, scrubMigrations } from './scrub-tables';
import { stretchesOf } from './scrub-stretches';
import { StoredTiles } from './witness/stored-tiles';

jest.setTimeout(120_000);

const flip = `create or replace function pg_temp.flip(bytes bytea) returns bytea language sql as
  $$ select set_byte(bytes, 40, get_byte(bytes, 40) # 1) $$;`;
let postgres: TestPostgres;
let kept: KeptAgency;
let peer: KeptPeer;
let told: string[] = [];

beforeAll(async () => {
  postgres = await startTestPostgres();
  const [port] = (await freePorts(1)) as [number];
  kept = await KeptAgency.make(await postgres.fresh(), `http://127.0.0.1:${port}`, scrubMigrations);
  await kept.fill(450);
  peer = await KeptPeer.serve(kept, await postgres.fresh(), port);
});
afterAll(async () => {
  await peer?.end();
  await kept?.end();
  await postgres?.stop();
});
beforeEach(async () => {
  told = [];
  await kept.database.query('delete from scrub.damage');
  await kept.database.query('delete from scrub.place');
});

let now = 0;
let onHealed: (origin: string) => void = () => undefined;
function scrub(peers = kept.config.peers): Scrub {
  const { config, database, store, keys, folder } = kept;
  const filesFolder = join(config.folder, 'files');
  const stretches = stretchesOf({
    ...{ sql: database, store, key: keys.log, folder, filesFolder, files: new Files(filesFolder) },
    ...{ peers, peerKey: () => Promise.resolve(peerSigner), clock: sampleClock },
    onHealed: (origin) => onHealed(origin),
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

  it('lets no proof be made any more of the hashes above a row that was healed', async () => {
    const tiles = new StoredTiles(kept.database, kept.config.origin);
    const above = async () => Buffer.from(await tiles.of(peerSigner.name).tile(1, 0n, 1)).toString('hex');
    const sound = await above();
    tiles.forget(peerSigner.name);
    await kept.database.query(`update inbox.entry set hash = repeat('2', 64) where index = 11`);
    const damaged = await above();
    expect(damaged).not.toBe(sound);
    onHealed = (origin) => tiles.forget(origin);
    expect(await pass()).toBe('pass 1 ended; damage: 0 open, 1 healed');
    onHealed = () => undefined;
    expect(await above()).toBe(sound);
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
